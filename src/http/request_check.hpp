// What is asked of a request before any protocol sends it, and which of the library's own fields its caller has given.
// Pure.
#pragma once

#include "http/request_head.hpp"

#include <warmwire/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace warmwire::http {

/// The fields that the library would add, and room for all fields of the caller's.
struct caller_fields {
  std::size_t bytes = 0;  ///< of names and values, and four more for each field
  bool host = false;
  bool user_agent = false;
  bool connection = false;
  bool keep_alive = false;
  bool content_length = false;
  bool transfer_encoding = false;
};

/// Errors: those of `append_request_head`, which are the same for every protocol.
[[nodiscard]] result<caller_fields> check_request(const request_head& head);

/// POST, PUT and PATCH promise a body, so its absence is said (RFC 9110 §8.6).
[[nodiscard]] bool needs_length(const request_head& head);

/// `number` written into `room`.
[[nodiscard]] std::string_view decimal(std::uint64_t number, std::array<char, 20>& room);

}  // namespace warmwire::http
