// How the emulator counts tokens. Pure functions, any thread.
//
// The rule, simple enough to do by hand: white space is free; a run of letters, digits and non-ASCII bytes costs one
// token per four bytes begun; every other character costs one.
#pragma once

#include <cstdint>
#include <string_view>

namespace warmwire::emulator {

[[nodiscard]] std::uint64_t count_tokens(std::string_view text);

/// The longest beginning of `text` that costs at most `limit` tokens and does not cut a UTF-8 character.
[[nodiscard]] std::string_view first_tokens(std::string_view text, std::uint64_t limit);

[[nodiscard]] std::uint64_t count_words(std::string_view text);

}  // namespace warmwire::emulator
