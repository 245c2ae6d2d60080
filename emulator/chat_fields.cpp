// The top-level fields of a chat completion request.
#include "emulator/chat_fields.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace warmwire::emulator {
namespace {

namespace json = boost::json;

enum class kind : std::uint8_t { anything, boolean, integer, number, text, object, array };

struct field {
  std::string_view name;
  kind type;
  double at_least = -std::numeric_limits<double>::infinity();
  double at_most = std::numeric_limits<double>::infinity();
};

constexpr std::array fields{
    field{"model", kind::text},
    field{"messages", kind::anything},  // checked by itself
    field{"audio", kind::object},
    field{"frequency_penalty", kind::number, -2, 2},
    field{"function_call", kind::anything},
    field{"functions", kind::array},
    field{"logit_bias", kind::object},
    field{"logprobs", kind::boolean},
    field{"max_completion_tokens", kind::integer, 1},
    field{"max_tokens", kind::integer, 1},
    field{"metadata", kind::object},
    field{"modalities", kind::array},
    field{"moderation", kind::anything},
    field{"n", kind::integer, 1, 128},
    field{"parallel_tool_calls", kind::boolean},
    field{"prediction", kind::object},
    field{"presence_penalty", kind::number, -2, 2},
    field{"prompt_cache_key", kind::text},
    field{"prompt_cache_options", kind::object},
    field{"prompt_cache_retention", kind::text},
    field{"reasoning_effort", kind::text},
    field{"response_format", kind::object},
    field{"safety_identifier", kind::text},
    field{"seed", kind::integer},
    field{"service_tier", kind::text},
    field{"stop", kind::anything},  // checked where it is read
    field{"store", kind::boolean},
    field{"stream", kind::boolean},
    field{"stream_options", kind::object},
    field{"temperature", kind::number, 0, 2},
    field{"tool_choice", kind::anything},
    field{"tools", kind::array},
    field{"top_logprobs", kind::integer, 0, 20},
    field{"top_p", kind::number, 0, 1},
    field{"user", kind::text},
    field{"verbosity", kind::text},
    field{"web_search_options", kind::object},
};

bool is_integer(const json::value& value) {
  return value.is_int64() || value.is_uint64();
}

bool has_type(const json::value& value, kind type) {
  switch (type) {
    case kind::anything:
      return true;
    case kind::boolean:
      return value.is_bool();
    case kind::integer:
      return is_integer(value);
    case kind::number:
      return value.is_number();
    case kind::text:
      return value.is_string();
    case kind::object:
      return value.is_object();
    case kind::array:
      return value.is_array();
  }
  return false;
}

std::string_view kind_name(kind type) {
  switch (type) {
    case kind::boolean:
      return "a boolean";
    case kind::integer:
      return "an integer";
    case kind::number:
      return "a decimal";
    case kind::text:
      return "a string";
    case kind::object:
      return "an object";
    default:
      return "an array";
  }
}

std::string_view name_of(const json::value& value) {
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

std::string number_text(double value) {
  return value == std::floor(value) ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value);
}

openai_error out_of_range(const field& checked, bool is_below) {
  const bool is_whole = checked.type == kind::integer;
  openai_error error{.message = "Invalid '" + std::string(checked.name) +
                                "': " + (is_below ? "below the minimum " : "above the maximum ") +
                                number_text(is_below ? checked.at_least : checked.at_most) + ".",
                     .param = std::string(checked.name)};
  if (is_whole) {
    error.code = is_below ? "integer_below_min_value" : "integer_above_max_value";
  } else {
    error.code = is_below ? "decimal_below_min_value" : "decimal_above_max_value";
  }
  return error;
}

}  // namespace

openai_error wrong_type(std::string name, std::string_view expected, const json::value& got) {
  std::string message = "Invalid type for '" + name + "': should be ";
  message.append(expected).append(", is ").append(name_of(got)).append(".");
  return {.message = std::move(message), .param = std::move(name), .code = "invalid_type"};
}

std::optional<openai_error> check_chat_fields(const json::object& chat) {
  for (const auto& [key, value] : chat) {
    const std::string_view name(key.data(), key.size());
    const auto known = std::find_if(fields.begin(), fields.end(), [&](const field& each) { return each.name == name; });
    if (known == fields.end()) {
      return openai_error{.message = "Unknown parameter: '" + std::string(name) + "'.",
                          .param = std::string(name),
                          .code = "unknown_parameter"};
    }
    if (value.is_null() && name != "model") continue;
    if (!has_type(value, known->type)) return wrong_type(std::string(name), kind_name(known->type), value);
    if (!value.is_number()) continue;
    const auto number = value.to_number<double>();
    if (number < known->at_least || number > known->at_most) return out_of_range(*known, number < known->at_least);
  }
  return std::nullopt;
}

}  // namespace warmwire::emulator
