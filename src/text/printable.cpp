#include "text/printable.hpp"

#include "text/utf8.hpp"

#include <algorithm>

namespace warmwire::text {
namespace {

unsigned char byte_of(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

// C0, DEL and C1 (U+0080–U+009F, which terminals obey too), and the space.
bool is_blank(std::string_view character) {
  const auto first = byte_of(character, 0);
  if (character.size() == 1) return first <= 0x20 || first == 0x7F;
  return first == 0xC2 && byte_of(character, 1) < 0xA0;
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

}  // namespace warmwire::text
