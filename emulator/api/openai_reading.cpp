// Reading what a client sent to one of OpenAI's endpoints.
#include "emulator/api/openai_reading.hpp"

#include <boost/json/parse.hpp>

namespace warmwire::emulator {
namespace {

std::string_view name_in(const std::string& place) {
  return std::string_view(place).substr(place.rfind('.') + 1);
}

[[noreturn]] void reject_range(const field_mistake& mistake) {
  const bool is_below = mistake.what == field_mistake::kind::below;
  const bool is_whole = mistake.expected->type == field_kind::integer;
  const double limit = is_below ? mistake.expected->at_least : mistake.expected->at_most;
  api_error error{.message = "Invalid '", .param = std::string(mistake.name)};
  error.message.append(mistake.name).append(is_below ? "': below the minimum " : "': above the maximum ");
  error.message.append(limit_text(limit)).append(".");
  error.code = is_whole ? "integer_" : "decimal_";
  error.code += is_below ? "below_min_value" : "above_max_value";
  reject(std::move(error));
}

}  // namespace

void reject(api_error error) {
  throw rejection{std::move(error)};
}

void reject_missing(std::string name) {
  std::string message = "Missing required parameter: '" + name + "'.";
  reject({.message = std::move(message), .param = std::move(name), .code = "missing_required_parameter"});
}

void reject_type(std::string name, std::string_view expected, const json::value& got) {
  std::string message = "Invalid type for '" + name + "': should be ";
  message.append(expected).append(", is ").append(kind_name(got)).append(".");
  reject({.message = std::move(message), .param = std::move(name), .code = "invalid_type"});
}

void reject_value(std::string name, std::string message) {
  reject({.message = std::move(message), .param = std::move(name), .code = "invalid_value"});
}

void check_openai_fields(const json::object& checked, std::span<const field> known, field_notes& notes) {
  const auto mistake = check_fields(checked, known, notes);
  if (!mistake) return;
  switch (mistake->what) {
    case field_mistake::kind::unknown:
      reject({.message = std::string("Unknown parameter: '").append(mistake->name).append("'."),
              .param = std::string(mistake->name),
              .code = "unknown_parameter"});
    case field_mistake::kind::type:
      reject_type(std::string(mistake->name), kind_name(mistake->expected->type), *mistake->got);
    default:
      reject_range(*mistake);
  }
}

std::string_view require_text(const json::object& holder, const std::string& place) {
  const json::value* value = holder.if_contains(key_of(name_in(place)));
  if (value == nullptr) reject_missing(place);
  if (!value->is_string()) reject_type(place, "a string", *value);
  return view(value->get_string());
}

std::string_view require_word(const json::object& holder, const std::string& place,
                              std::initializer_list<std::string_view> known, field_notes& notes) {
  const std::string_view given = require_text(holder, place);
  if (notes.takes_word(place, given, known)) return given;
  std::string message = "Invalid value: '" + std::string(given) + "'. Supported values:";
  for (const auto word : known)
    message.append(" '").append(word).append("'");
  reject_value(place, std::move(message));
}

void check_openai_context(std::uint64_t tokens) {
  constexpr std::uint64_t context_tokens = 128'000;
  if (tokens <= context_tokens) return;
  reject({.message = "This model's maximum context length is 128000 tokens. However, the messages have " +
                     std::to_string(tokens) + " tokens. Please reduce the length of the messages.",
          .param = "messages",
          .code = "context_length_exceeded"});
}

json::object openai_object(std::string_view body) {
  json::error_code failure;
  json::value parsed = json::parse(key_of(body), failure);
  if (!failure && parsed.is_object()) return std::move(parsed.get_object());
  std::string message = "The body of the request is not a JSON object";
  if (failure) message.append(": ").append(failure.message());
  reject({.message = message.append(".")});
}

}  // namespace warmwire::emulator
