#include "text/utf8.hpp"

#include <algorithm>

namespace warmwire::text {
namespace {

unsigned char octet_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

// How long a character is that begins with a byte, and what its second byte may be.
struct beginning {
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
};

beginning beginning_of(unsigned char first) {
  if (first < 0x80) return {.length = 1};
  if (first >= 0xC2 && first <= 0xDF) return {.length = 2};
  if (first == 0xE0) return {.length = 3, .low = 0xA0};
  if (first == 0xED) return {.length = 3, .high = 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {.length = 3};
  if (first == 0xF0) return {.length = 4, .low = 0x90};
  if (first == 0xF4) return {.length = 4, .high = 0x8F};
  if (first >= 0xF1 && first <= 0xF3) return {.length = 4};
  return {};
}

// How many bytes of `text` belong to the character that `first` says it begins with.
std::size_t fitting(std::string_view text, const beginning& first) {
  std::size_t count = 1;
  for (; count < std::min(first.length, text.size()); ++count) {
    const auto byte = octet_at(text, count);
    const bool fits = count == 1 ? byte >= first.low && byte <= first.high : byte >= 0x80 && byte <= 0xBF;
    if (!fits) break;
  }
  return count;
}

}  // namespace

std::size_t character_length(std::string_view text) noexcept {
  const auto first = beginning_of(octet_at(text, 0));
  return first.length != 0 && fitting(text, first) == first.length ? first.length : 0;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void replace_ill_formed(std::string& text) {
  if (is_utf8(text)) return;
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const auto length = character_length(rest);
    if (length != 0) {
      out.append(rest.substr(0, length));
      rest.remove_prefix(length);
    } else {
      out.append("\xEF\xBF\xBD");
      rest.remove_prefix(fitting(rest, beginning_of(octet_at(rest, 0))));
    }
  }
  text = std::move(out);
}

}  // namespace warmwire::text
