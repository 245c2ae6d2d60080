// UTF-8 that comes from peers, who may not write it well (Unicode 15, table 3-7). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace warmwire::text {

/// The length of the well-formed character that `text` begins with, 0 when there is none. `text` is not empty.
[[nodiscard]] std::size_t character_length(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Puts U+FFFD in the place of what is ill-formed: one for each maximal part that begins a character, as WHATWG's
/// Encoding has it.
void replace_ill_formed(std::string& text);

}  // namespace warmwire::text
