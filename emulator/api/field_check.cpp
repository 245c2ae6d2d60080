// Checks the members of a JSON object against a table.
#include "emulator/api/field_check.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

namespace warmwire::emulator {
namespace {

bool has_type(const json::value& value, field_kind type) {
  switch (type) {
    case field_kind::anything:
      return true;
    case field_kind::boolean:
      return value.is_bool();
    case field_kind::integer:
      return is_integer(value);
    case field_kind::number:
      return value.is_number();
    case field_kind::text:
      return value.is_string();
    case field_kind::object:
      return value.is_object();
    case field_kind::array:
      return value.is_array();
  }
  return false;
}

constexpr std::size_t max_places = 100;
constexpr std::size_t max_place_bytes = 100;

bool is_index_digit(char c) {
  return c >= '0' && c <= '9';
}

// "messages[].role" for "messages[12].role" and for "messages.12.role".
std::string without_numbers(std::string_view place) {
  std::string made;
  for (std::size_t at = 0; at < place.size();) {
    const bool is_index =
        (place[at] == '.' || place[at] == '[') && at + 1 < place.size() && is_index_digit(place[at + 1]);
    if (!is_index) {
      made += place[at++];
      continue;
    }
    made += "[]";
    for (++at; at < place.size() && (is_index_digit(place[at]) || place[at] == ']');)
      ++at;
  }
  return made;
}

// The client's own bytes reach a terminal.
void add_note(std::set<std::string>& places, std::string place) {
  if (places.size() >= max_places) return;
  place.resize(std::min(place.size(), max_place_bytes));
  std::replace_if(
      place.begin(), place.end(), [](unsigned char c) { return std::isprint(c) == 0; }, '?');
  places.insert(std::move(place));
}

}  // namespace

void field_notes::add_field(std::string_view holder, std::string_view name) {
  add_note(places, without_numbers(holder).append(holder.empty() ? "" : ".").append(name));
}

bool field_notes::takes_word(std::string_view place, std::string_view word,
                             std::initializer_list<std::string_view> known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return true;
  if (refuses()) return false;
  add_note(places, without_numbers(place).append("=").append(word));
  return true;
}

std::optional<field_mistake> check_fields(const json::object& checked, std::span<const field> known, field_notes& notes,
                                          std::string_view place) {
  using kind = field_mistake::kind;
  for (const auto& [key, value] : checked) {
    const std::string_view name(key.data(), key.size());
    const auto found = std::find_if(known.begin(), known.end(), [&](const field& each) { return each.name == name; });
    if (found == known.end()) {
      if (notes.refuses()) return field_mistake{.what = kind::unknown, .name = name, .got = &value};
      notes.add_field(place, name);
      continue;
    }
    if (value.is_null()) continue;
    field_mistake mistake{.what = kind::type, .name = name, .expected = &*found, .got = &value};
    if (!has_type(value, found->type)) return mistake;
    if (!value.is_number() || found->type == field_kind::anything) continue;
    const auto number = value.to_number<double>();
    if (number >= found->at_least && number <= found->at_most) continue;
    mistake.what = number < found->at_least ? kind::below : kind::above;
    return mistake;
  }
  return std::nullopt;
}

std::string_view kind_name(field_kind type) {
  switch (type) {
    case field_kind::boolean:
      return "a boolean";
    case field_kind::integer:
      return "an integer";
    case field_kind::number:
      return "a decimal";
    case field_kind::text:
      return "a string";
    case field_kind::object:
      return "an object";
    default:
      return "an array";
  }
}

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::double_:
      return "a decimal";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
    default:
      return "an integer";
  }
}

std::string limit_text(double value) {
  return value == std::floor(value) ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value);
}

}  // namespace warmwire::emulator
