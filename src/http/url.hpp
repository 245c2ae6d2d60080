// An absolute http or https URL, taken apart into what a request needs. Pure.
#pragma once

#include <warmwire/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::http {

enum class scheme : std::uint8_t { http, https };

[[nodiscard]] std::string_view to_string(scheme value) noexcept;

inline constexpr std::size_t max_url_bytes = std::size_t{64} << 10;

struct url {
  http::scheme scheme = http::scheme::https;
  std::string host;        ///< a lower-case name or an IP literal, IPv6 without brackets
  std::uint16_t port = 0;  ///< the scheme's own when the URL names none
  std::string authority;   ///< for the Host field: host, and the port where it is not the scheme's own
  std::string target;      ///< path and query as they were written, at least "/"; never the fragment

  /// "https://api.example.com".
  [[nodiscard]] std::string origin() const;
};

/// Whether `text` can be a host's name: letters, digits, '-' and '_' in parts that are not empty, with dots between
/// and, perhaps, one at the end; at most 253 characters.
[[nodiscard]] bool is_host_name(std::string_view text) noexcept;

/// Errors: `invalid_url`, `unsupported_scheme`. Their messages never repeat credentials, path or query.
[[nodiscard]] result<url> parse_url(std::string_view text);

}  // namespace warmwire::http
