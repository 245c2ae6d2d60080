// The line in front of each chunk of a chunked body (RFC 9112 §7.1). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace warmwire::http {

/// How long the chunk is, by a line without its CRLF; 0 is the last one. Nothing for a line that is none: the grammar
/// is kept to the letter, since who reads another size than the server meant takes a part of the body for the next
/// response.
[[nodiscard]] std::optional<std::uint64_t> parse_chunk_line(std::string_view line);

}  // namespace warmwire::http
