// Pieces of texts: what a stream sends one by one, and what a message says about tools. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

/// The text word by word, each with the white space before it; together they are the text.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

/// The text in pieces of at most `bytes` bytes that cut no UTF-8 character.
[[nodiscard]] std::vector<std::string_view> pieces_of(std::string_view text, std::size_t bytes);

/// Up to so many bytes, without cutting a UTF-8 character.
[[nodiscard]] std::string_view first_bytes(std::string_view text, std::size_t bytes);

/// The last word without the punctuation around it; "text" when there is none.
[[nodiscard]] std::string_view last_word(std::string_view text);

/// Where the name stands behind, in any case, as words of their own: "get_weather" or "get weather"; npos if nowhere.
[[nodiscard]] std::size_t end_of_name(std::string_view text, std::string_view name);
[[nodiscard]] inline bool names(std::string_view text, std::string_view name) {
  return end_of_name(text, name) != std::string_view::npos;
}

}  // namespace warmwire::emulator
