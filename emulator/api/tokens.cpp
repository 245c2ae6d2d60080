// How the emulator counts tokens.
#include "emulator/api/tokens.hpp"

#include "emulator/api/characters.hpp"

namespace warmwire::emulator {
namespace {

constexpr std::uint64_t bytes_per_token = 4;

bool is_in_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Where the first byte is that would cost the token after the `limit`-th.
std::size_t end_of_tokens(std::string_view text, std::uint64_t limit, std::uint64_t& tokens) {
  std::uint64_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_costly = is_in_word(text[i]) ? run++ % bytes_per_token == 0 : !is_space(text[i]);
    if (!is_in_word(text[i])) run = 0;
    if (!is_costly) continue;
    if (tokens == limit) return i;
    ++tokens;
  }
  return text.size();
}

}  // namespace

std::uint64_t count_tokens(std::string_view text) {
  std::uint64_t tokens = 0;
  end_of_tokens(text, UINT64_MAX, tokens);
  return tokens;
}

std::string_view first_tokens(std::string_view text, std::uint64_t limit) {
  std::uint64_t tokens = 0;
  std::size_t end = end_of_tokens(text, limit, tokens);
  while (end > 0 && end < text.size() && is_utf8_continuation(text[end]))
    --end;
  return text.substr(0, end);
}

std::uint64_t count_words(std::string_view text) {
  std::uint64_t words = 0;
  bool is_inside = false;
  for (const char c : text) {
    if (!is_space(c) && !is_inside) ++words;
    is_inside = !is_space(c);
  }
  return words;
}

}  // namespace warmwire::emulator
