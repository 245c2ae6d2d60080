// The lines of a response's head (RFC 9112 §4 and §5), each without its CRLF. Pure. What is taken beyond the RFC, and
// why, is in docs/accepting.md.
#pragma once

#include "http/keep_alive.hpp"

#include <optional>
#include <string_view>

namespace warmwire::http {

struct status_line {
  version of = version::http_1_1;
  int status = 0;  ///< 100–999
};

/// "HTTP/1.1 200 OK"; the reason and the blank in front of it may be missing, and blanks may be many.
[[nodiscard]] std::optional<status_line> parse_status_line(std::string_view line);
/// Whether a line that has only come in part may become a status line.
[[nodiscard]] bool may_be_status_line(std::string_view beginning);

/// The views are of the line.
struct field_line {
  std::string_view name;
  std::string_view value;  ///< without the blanks around it
};

/// Nothing for a line that is no field, or whose value holds a control character.
[[nodiscard]] std::optional<field_line> parse_field_line(std::string_view line);
/// It goes on with the field before it (obs-fold, RFC 9112 §5.2).
[[nodiscard]] constexpr bool is_continuation(std::string_view line) noexcept {
  return line.starts_with(' ') || line.starts_with('\t');
}

}  // namespace warmwire::http
