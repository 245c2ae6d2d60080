#include "net/socks5.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace warmwire::net {
namespace {

constexpr char version = 5;
constexpr char without_authentication = 0;
constexpr char by_password = 2;
constexpr char no_method_fits = '\xff';
constexpr char password_version = 1;
constexpr char to_connect = 1;

enum class address_type : std::uint8_t { v4 = 1, name = 3, v6 = 4 };

constexpr std::size_t max_name_bytes = 255;

constexpr std::array<std::string_view, 9> replies = {
    "",
    "general failure",
    "its rules do not allow the connection",
    "the network is unreachable",
    "the host is unreachable",
    "the connection was refused",
    "the TTL expired",
    "it does not support CONNECT",
    "it does not support this type of address",
};

error refused(errc code, std::string message) {
  return {.code = code, .phase = phase::proxy, .message = std::move(message)};
}

std::size_t number(char byte) {
  return static_cast<unsigned char>(byte);
}

/// With the length in front, which the caller has checked to fit into a byte.
void append_counted(std::string& out, std::string_view text) {
  assert(text.size() <= max_name_bytes);
  out += static_cast<char>(text.size());
  out += text;
}

template <class Address>
void append_address(std::string& out, address_type type, const Address& address) {
  out += static_cast<char>(type);
  for (const auto byte : address.to_bytes())
    out += static_cast<char>(byte);
}

void append_destination(std::string& out, const host_port& target) {
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(target.host, not_an_address);
  if (not_an_address) {
    out += static_cast<char>(address_type::name);
    append_counted(out, target.host);
  } else if (address.is_v4()) {
    append_address(out, address_type::v4, address.to_v4());
  } else {
    append_address(out, address_type::v6, address.to_v6());
  }
  out += static_cast<char>(target.port >> 8U);
  out += static_cast<char>(target.port & 255U);
}

}  // namespace

socks5_handshake::socks5_handshake(const host_port& target, const std::optional<http::proxy_credentials>& credentials)
    : credentials_(credentials), request_{version, to_connect, 0} {
  append_destination(request_, target);
  output_ = credentials_ ? std::string{version, 2, without_authentication, by_password}
                         : std::string{version, 1, without_authentication};
}

result<bool> socks5_handshake::feed(std::string_view bytes) {
  has_begun_ = has_begun_ || !bytes.empty();
  while (!bytes.empty()) {
    if (step_ == step::done) {
      return refused(errc::proxy_failed, "bytes that nobody asked for came through the tunnel");
    }
    const auto taken = std::min(bytes.size(), answer_size() - answer_.size());
    answer_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    // The length of the whole may only be known now.
    if (answer_.size() < answer_size()) continue;
    if (auto done = take_answer(); !done) return done.error();
    answer_.clear();
  }
  return step_ == step::done;
}

std::size_t socks5_handshake::answer_size() const {
  if (step_ != step::bound_address) return 2;
  constexpr std::size_t before_address = 2;  // a reserved byte and the type
  constexpr std::size_t port = 2;
  if (answer_.size() <= before_address) return before_address + 1;  // its first byte may be a length
  switch (static_cast<address_type>(answer_[1])) {
    case address_type::v4:
      return before_address + 4 + port;
    case address_type::v6:
      return before_address + 16 + port;
    case address_type::name:
      return before_address + 1 + number(answer_[2]) + port;
  }
  return before_address + 1;  // `take_bound_address` complains
}

result<void> socks5_handshake::take_answer() {
  switch (step_) {
    case step::method:
      return take_method();
    case step::authentication:
      return take_authentication();
    case step::reply:
      return take_reply();
    case step::bound_address:
      return take_bound_address();
    case step::done:
      break;
  }
  assert(false);
  return {};
}

result<void> socks5_handshake::take_method() {
  if (answer_[0] != version) return refused(errc::proxy_failed, "the answer is not SOCKS5");
  const char method = answer_[1];
  if (method == without_authentication) {
    output_ += request_;
    step_ = step::reply;
    return {};
  }
  if (method == by_password && !credentials_) {
    return refused(errc::proxy_authentication, "it wants credentials, and none are given");
  }
  if (method == by_password) {
    output_ += password_version;
    append_counted(output_, credentials_->user);
    append_counted(output_, credentials_->password.reveal());
    step_ = step::authentication;
    return {};
  }
  if (method == no_method_fits) {
    return refused(errc::proxy_authentication, credentials_ ? "it accepts neither a password nor a client without one"
                                                            : "it wants credentials, and none are given");
  }
  return refused(errc::proxy_failed,
                 "it chose the authentication method " + std::to_string(number(method)) + ", which was not offered");
}

result<void> socks5_handshake::take_authentication() {
  if (answer_[0] != password_version) return refused(errc::proxy_failed, "the answer to the password is not SOCKS5");
  if (answer_[1] != 0) return refused(errc::proxy_authentication, "it rejects the user and password");
  output_ += request_;
  step_ = step::reply;
  return {};
}

result<void> socks5_handshake::take_reply() {
  if (answer_[0] != version) return refused(errc::proxy_failed, "the reply is not SOCKS5");
  const auto code = number(answer_[1]);
  if (code != 0) {
    if (code < replies.size()) return refused(errc::proxy_failed, std::string(replies[code]));
    return refused(errc::proxy_failed, "unknown failure " + std::to_string(code));
  }
  step_ = step::bound_address;
  return {};
}

/// Where the proxy's end of the tunnel is: of no use to us.
result<void> socks5_handshake::take_bound_address() {
  const auto type = static_cast<address_type>(answer_[1]);
  if (type != address_type::v4 && type != address_type::v6 && type != address_type::name) {
    return refused(errc::proxy_failed,
                   "the reply has an address of unknown type " + std::to_string(number(answer_[1])));
  }
  step_ = step::done;
  return {};
}

}  // namespace warmwire::net
