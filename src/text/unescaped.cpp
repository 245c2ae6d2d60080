#include "text/unescaped.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

namespace warmwire::text {
namespace {

using namespace std::string_view_literals;

struct undone {
  char character = 0;
  std::size_t length = 0;  ///< of the escape; 0: there is none
};

constexpr std::array named_entities = {
    std::pair{"&amp;"sv, '&'},  std::pair{"&lt;"sv, '<'},    std::pair{"&gt;"sv, '>'},
    std::pair{"&quot;"sv, '"'}, std::pair{"&apos;"sv, '\''},
};
constexpr unsigned last_of_ascii = 0x7F;

/// The number that all of `digits` are, if it is a character of ASCII.
std::optional<char> character_of(std::string_view digits, int base) {
  unsigned value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, failed] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || failed != std::errc() || stopped != end || value > last_of_ascii) return std::nullopt;
  return static_cast<char>(value);
}

undone undo_percent(std::string_view at) {
  if (at.size() < 3) return {};
  unsigned value = 0;
  const auto [stopped, failed] = std::from_chars(at.data() + 1, at.data() + 3, value, 16);
  if (failed != std::errc() || stopped != at.data() + 3) return {};
  return {static_cast<char>(value), 3};
}

undone undo_backslash(std::string_view at) {
  if (at.size() >= 2 && "\"\\/"sv.find(at[1]) != std::string_view::npos) return {at[1], 2};
  if (at.size() < 6 || at[1] != 'u') return {};
  const auto character = character_of(at.substr(2, 4), 16);
  return character ? undone{*character, 6} : undone{};
}

undone undo_entity(std::string_view at) {
  for (const auto& [name, character] : named_entities)
    if (at.starts_with(name)) return {character, name.size()};
  constexpr std::size_t longest = 8;  // &#x0026;
  const auto end = at.substr(0, longest).find(';');
  if (end == std::string_view::npos || !at.starts_with("&#")) return {};
  const bool is_hex = at[2] == 'x' || at[2] == 'X';
  const auto digits = at.substr(is_hex ? 3 : 2, end - (is_hex ? 3 : 2));
  const auto character = character_of(digits, is_hex ? 16 : 10);
  return character ? undone{*character, end + 1} : undone{};
}

undone undo_at(std::string_view at) {
  switch (at.front()) {
    case '%':
      return undo_percent(at);
    case '\\':
      return undo_backslash(at);
    case '&':
      return undo_entity(at);
    default:
      return {};
  }
}

/// Whether the text ends in an escape that goes no further, as when its writer cut it.
bool is_cut_off(std::string_view at) {
  const auto is_hex = [](std::string_view digits) {
    return digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  };
  if (at.front() == '%') return at.size() < 3 && is_hex(at.substr(1));
  if (at.front() == '\\') return at.size() == 1 || (at.size() < 6 && at[1] == 'u' && is_hex(at.substr(2)));
  if (at.front() != '&') return false;
  if (at.starts_with("&#")) return at.size() < 8 && is_hex(at.substr(at.starts_with("&#x") ? 3 : 2));
  return std::ranges::any_of(named_entities, [&](const auto& each) { return each.first.starts_with(at); });
}

}  // namespace

unescaped::unescaped(std::string_view source) : text(source), from(source.size() + 1) {
  std::iota(from.begin(), from.end(), std::size_t{0});
}

std::optional<unescaped> undo_escapes(const unescaped& in) {
  if (in.text.find_first_of("%\\&") == std::string::npos) return std::nullopt;
  unescaped out;
  const std::string_view text = in.text;
  for (std::size_t at = 0; at < text.size();) {
    const auto [character, length] = undo_at(text.substr(at));
    if (length == 0 && is_cut_off(text.substr(at))) break;
    out.text += length > 0 ? character : text[at];
    out.from.push_back(in.from[at]);
    at += std::max<std::size_t>(length, 1);
  }
  out.from.push_back(in.from.back());
  if (out.text.size() == text.size()) return std::nullopt;
  return out;
}

}  // namespace warmwire::text
