// How long the body of an HTTP/1 response is, by its head (RFC 9112 §6.3). Pure.
#pragma once

#include "http/keep_alive.hpp"

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <cstdint>

namespace warmwire::connection {

struct body_framing {
  enum class kind : std::uint8_t { none, length, chunked, until_end };

  kind how = kind::none;
  std::uint64_t length = 0;  ///< where it has one
  /// The head leaves room for another reading of where the response ends: its connection is not to be used again.
  bool is_in_doubt = false;
};

struct framing_question {
  http::version of = http::version::http_1_1;
  int status = 0;
  bool answers_head = false;  ///< the request was HEAD
};

/// Errors: `conflicting_length` when a length is no number, comes in two values or beside a transfer coding, or when a
/// coding comes twice; `malformed_response`, naming it, for a transfer coding that was not asked for.
[[nodiscard]] result<body_framing> find_framing(const framing_question& about, const headers& fields);

/// Whether a trailer must not have the field, because it says how the response is framed (RFC 9110 §6.5.1).
[[nodiscard]] bool is_framing_field(std::string_view name);

}  // namespace warmwire::connection
