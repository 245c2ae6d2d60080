#include "text/printable.hpp"

#include "text/utf8.hpp"

#include <algorithm>

namespace warmwire::text {
namespace {

unsigned char byte_of(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

// C0, DEL and C1 (U+0080–U+009F, which terminals obey too).
bool is_control(std::string_view character) {
  const auto first = byte_of(character, 0);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && byte_of(character, 1) < 0xA0;
}

// What ends a line or turns the order of what follows it around: U+2028–U+202E and U+2066–U+2069.
bool rearranges(std::string_view character) {
  if (character.size() != 3 || byte_of(character, 0) != 0xE2) return false;
  const auto second = byte_of(character, 1);
  const auto third = byte_of(character, 2);
  return (second == 0x80 && third >= 0xA8 && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

bool is_blank(std::string_view character) {
  return character == " " || is_control(character) || rearranges(character);
}

/// Takes the character off that `text` begins with; empty when that is none, and one byte is taken off.
std::string_view take_character(std::string_view& text) {
  const auto length = character_length(text);
  const auto character = text.substr(0, length);
  text.remove_prefix(std::max<std::size_t>(length, 1));
  return character;
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

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string out;
  bool blank = false;
  while (!text.empty()) {
    const auto character = take_character(text);
    if (character.empty() || is_blank(character)) {
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

std::string for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto character = take_character(text);
    const bool is_layout = character == "\n" || character == "\t";
    if (!character.empty() && (is_layout || !is_control(character))) out += character;
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

}  // namespace warmwire::text
