// A request's fields as HTTP/2 sends them (RFC 9113 §8.2, §8.3.1). Pure.
#pragma once

#include "http/request_head.hpp"

#include <warmwire/error.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace warmwire::http {

struct h2_field {
  std::string_view name;  ///< in lower case
  std::string_view value;
  /// Holds a secret: neither end, nor anyone between, may keep it in a compression table (RFC 7541 §7.1.3).
  bool never_indexed = false;
};

/// The views into it hold as long as it and the request that it was made of.
struct h2_fields {
  std::vector<h2_field> list;    ///< the pseudo-header fields first, then the caller's, then the library's
  std::unique_ptr<char[]> room;  ///< what `list` views and the request does not hold
};

/// The same request as `append_request_head` would write: the caller's own fields win, what HTTP/2 has no use for
/// (Connection and its kin, Transfer-Encoding, TE but for "trailers") is left out, and Host becomes `:authority`.
/// Errors: those of `append_request_head`; also `invalid_header` for an empty Host, which HTTP/2 cannot send.
[[nodiscard]] result<h2_fields> encode_h2_fields(const request_head& head);

/// What the list counts for against the peer's limits (RFC 9113 §6.5.2).
[[nodiscard]] std::size_t list_bytes(const h2_fields& fields) noexcept;

}  // namespace warmwire::http
