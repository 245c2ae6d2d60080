// Pieces of texts.
#include "emulator/api/words.hpp"

#include "emulator/api/characters.hpp"

#include <algorithm>

namespace warmwire::emulator {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// What separates the words of a tool's name is a blank in the message, or itself.
bool is_same(char in_text, char in_name) {
  if (lower(in_text) == lower(in_name)) return true;
  return in_text == ' ' && (in_name == '_' || in_name == '-');
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto word = std::find_if_not(text.begin(), text.end(), is_space);
    const auto space = std::find_if(word, text.end(), is_space);
    // White space at the very end belongs to the last word.
    const bool is_last = std::all_of(space, text.end(), is_space);
    const auto bytes = is_last ? text.size() : static_cast<std::size_t>(space - text.begin());
    words.push_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return words;
}

std::vector<std::string_view> pieces_of(std::string_view text, std::size_t bytes) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    // A character has at most four bytes; what is none is cut anywhere.
    auto piece = first_bytes(text, bytes);
    if (piece.empty()) piece = text.substr(0, std::max<std::size_t>(bytes, 4));
    pieces.push_back(piece);
    text.remove_prefix(piece.size());
  }
  return pieces;
}

std::string_view first_bytes(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  while (end > 0 && is_utf8_continuation(text[end]))
    --end;
  return text.substr(0, end);
}

std::string_view last_word(std::string_view text) {
  const auto last = std::find_if(text.rbegin(), text.rend(), is_letter_or_digit);
  text = text.substr(0, static_cast<std::size_t>(text.rend() - last));
  const auto before = std::find_if(text.rbegin(), text.rend(), is_space);
  text = text.substr(static_cast<std::size_t>(text.rend() - before));
  const auto first = std::find_if(text.begin(), text.end(), is_letter_or_digit);
  text = text.substr(static_cast<std::size_t>(first - text.begin()));
  return text.empty() ? "text" : text;
}

std::size_t end_of_name(std::string_view text, std::string_view name) {
  if (name.empty()) return std::string_view::npos;
  for (std::size_t at = 0; at + name.size() <= text.size(); ++at) {
    const auto candidate = text.substr(at, name.size());
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || !is_letter_or_digit(text[at - 1]);
    const bool ends = end == text.size() || !is_letter_or_digit(text[end]);
    if (begins && ends && std::equal(candidate.begin(), candidate.end(), name.begin(), is_same)) return end;
  }
  return std::string_view::npos;
}

}  // namespace warmwire::emulator
