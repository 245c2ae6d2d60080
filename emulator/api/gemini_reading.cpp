// Google's words for what is wrong with a request.
#include "emulator/api/gemini_reading.hpp"

#include "emulator/api/openai_reading.hpp"

#include <utility>

namespace warmwire::emulator {
namespace {

std::string camel_name(std::string_view name) {
  std::string made;
  bool is_next_upper = false;
  for (const char c : name) {
    const bool is_bar = c == '_' && !made.empty();
    const bool is_raised = is_next_upper && c >= 'a' && c <= 'z';
    if (!is_bar) made += is_raised ? static_cast<char>(c - 'a' + 'A') : c;
    is_next_upper = is_bar;
  }
  return made;
}

std::string place_in(std::string_view place, std::string_view name) {
  return std::string(place).append(place.empty() ? "" : ".").append(name);
}

}  // namespace

void reject_argument(std::string param, std::string message) {
  reject({.message = std::move(message), .param = std::move(param)});
}

json::object camel_case(const json::object& given) {
  json::object made;
  for (const auto& [name, value] : given)
    made[camel_name({name.data(), name.size()})] = value;
  return made;
}

json::object checked_object(const json::object& given, std::string_view place, std::span<const field> known,
                            field_notes& notes) {
  using kind = field_mistake::kind;
  json::object members = camel_case(given);
  const auto mistake = check_fields(members, known, notes, place);
  if (!mistake) return members;
  const std::string where = place_in(place, mistake->name);
  std::string message = "Invalid JSON payload received. ";
  if (mistake->what == kind::unknown) {
    message.append("Unknown name \"").append(mistake->name).append("\"");
    if (!place.empty()) message.append(" at '").append(place).append("'");
    reject_argument(where, message.append(": Cannot find field."));
  }
  if (mistake->what == kind::type) {
    message.append("Invalid value at '").append(where).append("': should be ");
    reject_argument(where, message.append(kind_name(mistake->expected->type)).append("."));
  }
  const bool is_below = mistake->what == kind::below;
  message = "Unable to submit request because " + where + " is out of range: ";
  message.append(is_below ? "at least " : "at most ");
  message.append(limit_text(is_below ? mistake->expected->at_least : mistake->expected->at_most));
  reject_argument(where, message.append("."));
}

json::object element(const json::value& given, const std::string& place) {
  if (given.is_object()) return camel_case(given.get_object());
  reject_argument(place, "Invalid JSON payload received. Invalid value at '" + place + "': should be an object.");
}

}  // namespace warmwire::emulator
