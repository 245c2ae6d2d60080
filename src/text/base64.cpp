#include "text/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace warmwire::text {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> out{};
  out.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}

constexpr auto digits = make_digits();

std::uint32_t byte_at(std::string_view text, std::size_t index) {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
}

}  // namespace

void append_base64(std::string& to, std::string_view bytes) {
  to.reserve(to.size() + (bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3)) {
    const auto group = byte_at(bytes, 0) << 16U | byte_at(bytes, 1) << 8U | byte_at(bytes, 2);
    to += alphabet[group >> 18U];
    to += alphabet[group >> 12U & 63U];
    to += bytes.size() > 1 ? alphabet[group >> 6U & 63U] : '=';
    to += bytes.size() > 2 ? alphabet[group & 63U] : '=';
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
    text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out(text.size() / 4 * 3 + (text.size() % 4 == 0 ? 0 : text.size() % 4 - 1), '\0');
  auto* to = out.data();
  std::uint32_t group = 0;
  unsigned bits = 0;
  unsigned seen = 0;  // of all digits together, so that what is none shows once
  for (const char c : text) {
    const auto digit = digits[static_cast<unsigned char>(c)];
    seen |= digit;
    group = group << 6U | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    *to++ = static_cast<char>(group >> bits & 255U);
  }
  if ((seen & no_digit) != 0) return std::nullopt;
  return out;
}

}  // namespace warmwire::text
