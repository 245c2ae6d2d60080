// A request's line and header section as HTTP/1.1 sends them (RFC 9112 §3, §5). Pure.
#pragma once

#include "http/url.hpp"

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace warmwire::http {

/// How the end of a request's body is told.
enum class framing : std::uint8_t {
  none,     ///< there is no body
  length,   ///< by Content-Length
  chunked,  ///< by the last chunk
};

/// What a head is made of; views must outlive the call only.
struct request_head {
  std::string_view method;
  const http::url& url;
  const headers& fields;  ///< the caller's: sent first, and what they name is not added
  http::framing framing = http::framing::none;
  std::uint64_t body_length = 0;  ///< with `framing::length`
  std::string_view user_agent;
  /// Sent as `Keep-Alive: timeout=`, rounded down; below a second the connection is not to be kept, and
  /// `Connection: close` says so.
  std::chrono::milliseconds idle_timeout{60'000};
  std::span<const std::string> secret_names{};  ///< see `request::secret_headers`
};

/// Appends the head to `out`, which grows once at most.
/// Errors, with `out` as it was: `invalid_header`, naming the field and never its value, when a name or the method is
/// not a token, a value holds control characters (RFC 9110 §5.5), Host is given twice, or Content-Length or
/// Transfer-Encoding contradict the body.
[[nodiscard]] result<void> append_request_head(std::string& out, const request_head& head);

}  // namespace warmwire::http
