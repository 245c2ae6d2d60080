#include "scripted_proxy.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace warmwire::test {
namespace {

/// What was held back would be lost with a reset.
void send_at_once(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int connect_to(std::uint16_t port) {
  const int upstream = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(upstream, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(upstream);
    return -1;
  }
  send_at_once(upstream);
  return upstream;
}

void send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t number(char byte) {
  return static_cast<unsigned char>(byte);
}

std::string address_text(int family, const std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string read_credentials(proxy_client& client) {
  const auto user = client.read(number(client.read(2).back()));
  return user + ':' + client.read(number(client.read(1).front())) + '@';
}

std::string read_target(proxy_client& client, std::uint16_t& port) {
  std::string host;
  switch (client.read(4).back()) {
    case 1:
      host = address_text(AF_INET, client.read(4));
      break;
    case 4:
      host = address_text(AF_INET6, client.read(16));
      break;
    default:
      host = client.read(number(client.read(1).front()));
  }
  const auto bytes = client.read(2);
  port = static_cast<std::uint16_t>(number(bytes.front()) * 256 + number(bytes.back()));
  return host;
}

}  // namespace

proxy_client::proxy_client(int descriptor, SSL* ssl) : descriptor_(descriptor), ssl_(ssl) {
  send_at_once(descriptor);
}

std::string proxy_client::read_some(std::size_t most) {
  std::string bytes(most, '\0');
  const auto got = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), static_cast<int>(most))
                                   : static_cast<int>(::recv(descriptor_, bytes.data(), most, 0));
  bytes.resize(static_cast<std::size_t>(std::max(got, 0)));
  return bytes;
}

std::string proxy_client::read(std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    const auto more = read_some(count - bytes.size());
    if (more.empty()) break;
    bytes += more;
  }
  // A script that takes the first or last byte must find one.
  return bytes.empty() ? std::string(1, '\0') : bytes;
}

std::string proxy_client::read_head() {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const auto byte = read_some(1);
    if (byte.empty()) break;
    head += byte;
  }
  return head;
}

void proxy_client::write(std::string_view bytes) {
  if (ssl_ == nullptr) return send_all(descriptor_, bytes);
  if (!bytes.empty()) SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
}

void proxy_client::write_byte_by_byte(std::string_view bytes) {
  for (const char byte : bytes)
    write({&byte, 1});
}

void proxy_client::end_writing() {
  if (ssl_ != nullptr) SSL_shutdown(ssl_);
  ::shutdown(descriptor_, SHUT_WR);
}

bool proxy_client::carry_from_client(int upstream) {
  do {
    const auto bytes = read_some(std::size_t{64} << 10);
    if (bytes.empty()) {
      ::shutdown(upstream, SHUT_WR);
      return false;
    }
    send_all(upstream, bytes);
  } while (ssl_ != nullptr && SSL_pending(ssl_) > 0);
  return true;
}

bool proxy_client::carry_to_client(int upstream) {
  std::array<char, 65536> bytes{};
  const auto got = ::recv(upstream, bytes.data(), bytes.size(), 0);
  if (got > 0) {
    write({bytes.data(), static_cast<std::size_t>(got)});
    return true;
  }
  got < 0 ? reset() : end_writing();
  return false;
}

void proxy_client::relay(std::uint16_t port) {
  const int upstream = connect_to(port);
  if (upstream < 0) return;
  std::array<pollfd, 2> both{pollfd{descriptor_, POLLIN, 0}, pollfd{upstream, POLLIN, 0}};
  while (both[0].fd >= 0 || both[1].fd >= 0) {
    if (::poll(both.data(), both.size(), 60'000) <= 0) break;
    if (both[0].revents != 0 && !carry_from_client(upstream)) both[0].fd = -1;
    if (both[1].revents != 0 && !carry_to_client(upstream)) both[1].fd = -1;
  }
  ::close(upstream);
}

void proxy_client::wait_for_end() {
  while (!read_some(4096).empty()) {
  }
}

void proxy_client::cut() {
  ::shutdown(descriptor_, SHUT_WR);
}

void proxy_client::reset() {
  // Closing the descriptor's connection with this resets it; the server's own close comes later.
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  ::connect(descriptor_, &nowhere, sizeof nowhere);
}

scripted_proxy::scripted_proxy(proxy_script script, std::optional<emulator::identity> identity)
    : script_(std::move(script)), server_([&] {
        tls_server_options options;
        if (identity) {
          options.identity = *identity;
          options.serve = [this](SSL* ssl) { serve(proxy_client(SSL_get_fd(ssl), ssl)); };
        } else {
          options.instead = [this](int descriptor) { serve(proxy_client(descriptor, nullptr)); };
        }
        return options;
      }()) {}

std::string scripted_proxy::url(std::string_view scheme, std::string_view credentials) const {
  std::string text(scheme);
  text.append("://").append(credentials).append(credentials.empty() ? "" : "@");
  return text.append("localhost:").append(std::to_string(port()));
}

void scripted_proxy::set_script(proxy_script script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

std::size_t scripted_proxy::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void scripted_proxy::serve(proxy_client client) {
  proxy_script script;
  {
    const std::lock_guard lock(mutex_);
    ++connections_;
    script = script_;
  }
  script(client);
}

void asked::add(std::string what) {
  const std::lock_guard lock(mutex_);
  all_.push_back(std::move(what));
}

std::vector<std::string> asked::all() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

proxy_script opens_http_tunnels(std::shared_ptr<asked> into) {
  return [into = std::move(into)](proxy_client& client) {
    const auto head = client.read_head();
    into->add(head);
    const auto line = head.substr(0, head.find(" HTTP/1.1\r\n"));
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    client.relay(static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1))));
  };
}

proxy_script opens_socks_tunnels(std::shared_ptr<asked> into) {
  return [into = std::move(into)](proxy_client& client) {
    const auto methods = client.read(number(client.read(2).back()));
    std::string as;
    if (methods.find('\x02') != std::string::npos) {
      client.write({"\x05\x02", 2});
      as = read_credentials(client);
      client.write({"\x01\x00", 2});
    } else {
      client.write({"\x05\x00", 2});
    }
    std::uint16_t port = 0;
    const auto host = read_target(client, port);
    into->add(as + host + ':' + std::to_string(port));
    client.write({"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00", 10});
    client.relay(port);
  };
}

proxy_script answers(std::string bytes) {
  return [bytes = std::move(bytes)](proxy_client& client) {
    (void)client.read_head();
    client.write(bytes);
    client.wait_for_end();
  };
}

}  // namespace warmwire::test
