// A proxy as its URL names it: where it listens, what it speaks, as whom. Pure.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::http {

enum class proxy_scheme : std::uint8_t {
  http,     ///< CONNECT (RFC 9110 §9.3.6)
  https,    ///< CONNECT, over TLS to the proxy
  socks5,   ///< RFC 1928, the target's name resolved here
  socks5h,  ///< RFC 1928, the target's name resolved by the proxy
};

[[nodiscard]] std::string_view to_string(proxy_scheme value) noexcept;

struct proxy_credentials {
  std::string user;
  secret password;

  friend bool operator==(const proxy_credentials&, const proxy_credentials&) = default;
};

inline constexpr std::size_t max_proxy_url_bytes = std::size_t{8} << 10;

struct proxy {
  proxy_scheme scheme = proxy_scheme::http;
  std::string host;        ///< a lower-case name or an IP literal, IPv6 without brackets
  std::uint16_t port = 0;  ///< without one in the URL 443 for https, else 1080, as curl has it
  std::optional<proxy_credentials> credentials{};

  /// "socks5h://127.0.0.1:1080": for people to read, without credentials.
  [[nodiscard]] std::string to_string() const;
  /// Unlike that of any other proxy, and of the same proxy used by another: holds the credentials, and is never shown.
  [[nodiscard]] secret identity() const;

  friend bool operator==(const proxy&, const proxy&) = default;
};

/// Reads `[scheme://][user[:password]@]host[:port]`; without a scheme http. User and password are percent-decoded; a
/// path is ignored. `field` is the option or variable that the text comes from.
/// Errors: `invalid_option`, naming the field and what is wrong, and never repeating the text.
[[nodiscard]] result<proxy> parse_proxy(std::string_view text, std::string_view field);

}  // namespace warmwire::http
