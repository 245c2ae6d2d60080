#include "http/chunk_line.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace warmwire::http {
namespace {

template <class Is>
std::size_t length_of_run(std::string_view text, Is is) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin());
}

void skip_bad_blanks(std::string_view& text) {
  text.remove_prefix(length_of_run(text, [](char c) { return c == ' ' || c == '\t'; }));
}

bool skip_token(std::string_view& text) {
  const auto length = length_of_run(text, is_token_char);
  text.remove_prefix(length);
  return length > 0;
}

/// RFC 9110 §5.6.4; it begins with its quote.
bool skip_quoted_string(std::string_view& text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
    if (text[i] == '\\') ++i;
  }
  return false;
}

/// *( BWS ";" BWS name [ BWS "=" BWS value ] )
bool are_extensions(std::string_view text) {
  if (!is_field_value(text)) return false;
  while (!text.empty()) {
    skip_bad_blanks(text);
    if (!text.starts_with(';')) return false;
    text.remove_prefix(1);
    skip_bad_blanks(text);
    if (!skip_token(text)) return false;
    auto rest = text;
    skip_bad_blanks(rest);
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    skip_bad_blanks(rest);
    if (!(rest.starts_with('"') ? skip_quoted_string(rest) : skip_token(rest))) return false;
    text = rest;
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> parse_chunk_line(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (failed != std::errc()) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  return are_extensions(line) ? std::optional(size) : std::nullopt;
}

}  // namespace warmwire::http
