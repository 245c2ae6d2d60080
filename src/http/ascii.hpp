// Characters as HTTP sees them: ASCII, whatever the locale says. Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace warmwire::http {

[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

/// Equal without regard to case.
[[nodiscard]] constexpr bool iequals(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                   [](char a, char b) { return a == b || to_lower(a) == to_lower(b); });
}

/// A token's characters (RFC 9110 §5.6.2).
[[nodiscard]] constexpr bool is_token_char(char c) noexcept {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

/// What a field value may hold: no controls but HTAB (RFC 9110 §5.5).
[[nodiscard]] constexpr bool is_field_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

[[nodiscard]] constexpr bool is_field_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), is_field_char);
}

/// Without the spaces and tabs around it.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace warmwire::http
