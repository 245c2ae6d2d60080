// The client's half of a SOCKS5 handshake (RFC 1928, RFC 1929): bytes in, bytes out. Pure.
#pragma once

#include "http/proxy_url.hpp"
#include "net/address.hpp"

#include <warmwire/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire::net {

class socks5_handshake {
 public:
  /// An IP literal is sent as an address, anything else as a name for the proxy to resolve.
  socks5_handshake(const host_port& target, const std::optional<http::proxy_credentials>& credentials);

  /// What is to be sent now; empty while an answer is due.
  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }

  /// Takes the next bytes; true once the tunnel is open.
  /// Errors, with phase `proxy`: `proxy_authentication` when the proxy wants other credentials than were given, or a
  /// method that is none of ours; `proxy_failed` for every other refusal, in words, for what is not SOCKS5, and when
  /// bytes follow the last answer, where the origin has nothing to say yet.
  [[nodiscard]] result<bool> feed(std::string_view bytes);
  [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }

 private:
  enum class step : std::uint8_t { method, authentication, reply, bound_address, done };

  [[nodiscard]] std::size_t answer_size() const;
  result<void> take_answer();
  result<void> take_method();
  result<void> take_authentication();
  result<void> take_reply();
  result<void> take_bound_address();

  std::optional<http::proxy_credentials> credentials_;
  std::string request_;
  std::string output_;
  std::string answer_;  // as far as it has come
  step step_ = step::method;
  bool has_begun_ = false;
};

}  // namespace warmwire::net
