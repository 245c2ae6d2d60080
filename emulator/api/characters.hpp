// Kinds of single bytes of a text. Pure, any thread.
#pragma once

namespace warmwire::emulator {

[[nodiscard]] constexpr bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// A byte that goes on a character which an earlier byte of UTF-8 began.
[[nodiscard]] constexpr bool is_utf8_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace warmwire::emulator
