// Texts of peers made fit for one line of a log or a terminal. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace warmwire::text {

/// Control characters (line breaks and escape sequences among them), what turns the order of a line around, invalid
/// UTF-8 and runs of blanks become one space each; what is longer than `max_bytes` is cut between characters and ends
/// in "…".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes);

/// `text` in its own lines, without what a terminal obeys (C0 but line breaks and tabs, DEL, C1) and what is not UTF-8.
[[nodiscard]] std::string for_terminal(std::string_view text);

/// The part of a web page that says what it is about: its title, or else its text without the tags. Other
/// texts are returned as they are.
[[nodiscard]] std::string text_of_page(std::string_view body);

}  // namespace warmwire::text
