// Anthropic's words for what is wrong with a request.
#include "emulator/api/anthropic_reading.hpp"

#include "emulator/api/openai_reading.hpp"

#include <array>

namespace warmwire::emulator {
namespace {

// "a valid string", and what that is called there.
std::string_view valid_name(field_kind type) {
  switch (type) {
    case field_kind::boolean:
      return "Input should be a valid boolean";
    case field_kind::integer:
      return "Input should be a valid integer";
    case field_kind::number:
      return "Input should be a valid number";
    case field_kind::text:
      return "Input should be a valid string";
    case field_kind::object:
      return "Input should be a valid dictionary";
    default:
      return "Input should be a valid list";
  }
}

}  // namespace

void reject_at(std::string_view place, std::string_view message) {
  reject({.message = std::string(place).append(": ").append(message)});
}

void check_anthropic_fields(const json::object& checked, std::span<const field> known, field_notes& notes) {
  using kind = field_mistake::kind;
  const auto mistake = check_fields(checked, known, notes);
  if (!mistake) return;
  if (mistake->what == kind::unknown) reject_at(mistake->name, "Extra inputs are not permitted");
  if (mistake->what == kind::type) reject_at(mistake->name, valid_name(mistake->expected->type));
  const bool is_below = mistake->what == kind::below;
  std::string message =
      is_below ? "Input should be greater than or equal to " : "Input should be less than or equal to ";
  reject_at(mistake->name,
            message.append(limit_text(is_below ? mistake->expected->at_least : mistake->expected->at_most)));
}

const json::value& require_member(const json::object& holder, std::string_view place, field_kind type) {
  const auto name = place.substr(place.rfind('.') + 1);
  const json::value* found = find(holder, name);
  if (found == nullptr) reject_at(place, "Field required");
  const std::array known{field{name, type}};
  json::object alone;
  alone[key_of(name)] = *found;
  field_notes none;
  if (check_fields(alone, known, none)) reject_at(place, valid_name(type));
  return *found;
}

std::string_view require_string(const json::object& holder, std::string_view place) {
  return view(require_member(holder, place, field_kind::text).get_string());
}

std::string_view require_one_of(const json::object& holder, std::string_view place,
                                std::initializer_list<std::string_view> known, field_notes& notes) {
  const auto given = require_string(holder, place);
  if (notes.takes_word(place, given, known)) return given;
  std::string message = "Input should be";
  const char* before = " ";
  for (const auto& word : known) {
    message.append(before).append("'").append(word).append("'");
    before = &word + 2 == known.end() ? " or " : ", ";
  }
  reject_at(place, message);
}

std::string place_of(std::string_view holder, std::size_t index) {
  return std::string(holder).append(".").append(std::to_string(index));
}

}  // namespace warmwire::emulator
