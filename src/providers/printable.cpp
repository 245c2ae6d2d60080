#include "providers/printable.hpp"

#include <algorithm>

namespace warmwire::providers {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

// The length of the well-formed character that `text` begins with, 0 when there is none (Unicode 15, table
// 3-7).
std::size_t character_length(std::string_view text) noexcept {
  const auto first = byte_at(text, 0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  }
  if (length == 0 || text.size() < length) return 0;
  if (byte_at(text, 1) < low || byte_at(text, 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte_at(text, i) < 0x80 || byte_at(text, i) > 0xBF) return 0;
  }
  return length;
}

// C0, DEL and C1 (U+0080–U+009F, which terminals obey too), and the space.
bool is_blank(std::string_view character) {
  const auto first = byte_at(character, 0);
  if (character.size() == 1) return first <= 0x20 || first == 0x7F;
  return first == 0xC2 && byte_at(character, 1) < 0xA0;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t find_lower(std::string_view text, std::string_view what, std::size_t from) {
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size()));
  const auto at =
      std::search(begin, text.end(), what.begin(), what.end(), [](char a, char b) { return lower(a) == b; });
  return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string out;
  bool blank = false;
  while (!text.empty()) {
    const auto length = character_length(text);
    const auto character = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(character.size());
    if (length == 0 || is_blank(character)) {
      blank = true;
      continue;
    }
    if (out.size() + character.size() + 1 > max_bytes) return out + "…";
    if (blank && !out.empty()) out += ' ';
    blank = false;
    out += character;
  }
  return out;
}

std::string text_of_page(std::string_view body) {
  if (find_lower(body, "<html", 0) == std::string_view::npos) return std::string(body);
  if (const auto title = find_lower(body, "<title>", 0); title != std::string_view::npos) {
    const auto begin = title + std::string_view("<title>").size();
    return std::string(body.substr(begin, std::min(body.find('<', begin), body.size()) - begin));
  }
  std::string out;
  bool in_tag = false;
  for (const char c : body) {
    if (c == '<') in_tag = true;
    if (!in_tag) out += c;
    if (c == '>') {
      in_tag = false;
      out += ' ';
    }
  }
  return out;
}

}  // namespace warmwire::providers
