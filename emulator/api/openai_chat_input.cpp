// A chat completion request, checked the way OpenAI checks it.
#include "emulator/api/openai_chat_input.hpp"

#include "emulator/api/openai_messages.hpp"
#include "emulator/api/openai_reading.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace warmwire::emulator {
namespace {

using enum field_kind;

constexpr std::array chat_fields{
    field{"model", anything},     // required, and so checked by itself
    field{"messages", anything},  // as well
    field{"audio", object},
    field{"frequency_penalty", number, -2, 2},
    field{"function_call", anything},
    field{"functions", array},
    field{"logit_bias", object},
    field{"logprobs", boolean},
    field{"max_completion_tokens", integer, 1},
    field{"max_tokens", integer, 1},
    field{"metadata", object},
    field{"modalities", array},
    field{"moderation", anything},
    field{"n", integer, 1, 128},
    field{"parallel_tool_calls", boolean},
    field{"prediction", object},
    field{"presence_penalty", number, -2, 2},
    field{"prompt_cache_key", text},
    field{"prompt_cache_options", object},
    field{"prompt_cache_retention", text},
    field{"reasoning_effort", text},
    field{"response_format", object},
    field{"safety_identifier", text},
    field{"seed", integer},
    field{"service_tier", text},
    field{"stop", anything},  // checked where it is read
    field{"store", boolean},
    field{"stream", boolean},
    field{"stream_options", object},
    field{"temperature", number, 0, 2},
    field{"tool_choice", anything},
    field{"tools", array},
    field{"top_logprobs", integer, 0, 20},
    field{"top_p", number, 0, 1},
    field{"user", text},
    field{"verbosity", text},
    field{"web_search_options", object},
};

void read_chat_stop(const json::object& chat, dialogue& into) {
  const json::value* stop = find(chat, "stop");
  if (stop == nullptr) return;
  if (stop->is_string()) {
    into.stop.emplace_back(view(stop->get_string()));
    return;
  }
  if (!stop->is_array()) reject_type("stop", "a string or an array of strings", *stop);
  if (stop->get_array().size() > 4) {
    reject({.message = "Invalid 'stop': more than 4 sequences.", .param = "stop", .code = "array_above_max_length"});
  }
  for (const json::value& sequence : stop->get_array()) {
    if (!sequence.is_string()) reject_type("stop", "a string or an array of strings", sequence);
    into.stop.emplace_back(view(sequence.get_string()));
  }
}

void read_chat_tools(const json::object& chat, dialogue& into) {
  const auto* tools = find_array(chat, "tools");
  if (tools == nullptr) return;
  std::size_t index = 0;
  for (const json::value& each : *tools) {
    const std::string place = "tools[" + std::to_string(index++) + "]";
    if (!each.is_object()) reject_type(place, "an object", each);
    const auto type = require_word(each.get_object(), place + ".type", {"function", "custom"}, into.notes);
    if (type != "function") continue;
    const json::value* function = find(each.get_object(), "function");
    if (function == nullptr) reject_missing(place + ".function");
    if (!function->is_object()) reject_type(place + ".function", "an object", *function);
    into.add_tool(read_function(function->get_object(), place + ".function"));
  }
}

void read_chat_tool_choice(const json::object& chat, dialogue& into) {
  const json::value* choice = find(chat, "tool_choice");
  if (choice == nullptr) return;
  if (into.tools.empty()) reject_value("tool_choice", "Invalid value for 'tool_choice': there are no 'tools'.");
  if (choice->is_object()) {
    const auto* function = find_object(choice->get_object(), "function");
    if (function == nullptr) reject_missing("tool_choice.function");
    into.mode = tool_mode::named;
    into.named_tool = require_text(*function, "tool_choice.function.name");
    return;
  }
  const auto word = require_word(chat, "tool_choice", {"none", "auto", "required"}, into.notes);
  if (word == "none") into.mode = tool_mode::none;
  if (word == "required") into.mode = tool_mode::required;
}

void read_chat_format(const json::object& chat, dialogue& into) {
  const auto* format = find_object(chat, "response_format");
  if (format == nullptr) return;
  const auto type = require_word(*format, "response_format.type", {"text", "json_object", "json_schema"}, into.notes);
  if (!type.starts_with("json")) return;
  into.wants_json = true;
  if (type == "json_object") return;
  const json::value* holder = find(*format, "json_schema");
  if (holder == nullptr) reject_missing("response_format.json_schema");
  if (!holder->is_object()) reject_type("response_format.json_schema", "an object", *holder);
  read_json_schema(holder->get_object(), "response_format.json_schema", into);
}

// OpenAI's own word, DeepSeek's and OpenRouter's, and models that always do.
bool thinks(const json::object& chat, std::string_view model) {
  const std::string_view effort = find_text(chat, "reasoning_effort");
  if (!effort.empty()) return effort != "none" && effort != "minimal";
  if (const auto* thinking = find_object(chat, "thinking")) return find_text(*thinking, "type") == "enabled";
  return find_object(chat, "reasoning") != nullptr || model.find("reason") != model.npos;
}

void read_stream(const json::object& chat, chat_input& into) {
  into.asked.streams = is_true(chat, "stream");
  const auto* options = find_object(chat, "stream_options");
  if (options == nullptr) return;
  if (!into.asked.streams) {
    reject_value("stream_options", "Invalid value: 'stream_options' goes with 'stream' only.");
  }
  into.includes_usage = is_true(*options, "include_usage");
  const json::value* obfuscation = find(*options, "include_obfuscation");
  into.is_obfuscated = obfuscation == nullptr || is_true(*options, "include_obfuscation");
}

chat_input read_chat_object(const json::object& chat, const api_call& call) {
  chat_input input;
  dialogue& asked = input.asked;
  asked.model = call.model.empty() ? std::string(require_text(chat, "model")) : std::string(call.model);
  asked.notes.rule = call.others;
  check_openai_fields(chat, chat_fields, asked.notes);
  read_chat_messages(chat, asked);
  read_chat_stop(chat, asked);
  read_chat_tools(chat, asked);
  read_chat_tool_choice(chat, asked);
  read_chat_format(chat, asked);
  const json::value* parallel = find(chat, "parallel_tool_calls");
  asked.has_parallel_calls = parallel == nullptr || is_true(chat, "parallel_tool_calls");
  asked.choices = find_count(chat, "n").value_or(1);
  asked.max_tokens = find_count(chat, "max_completion_tokens");
  if (!asked.max_tokens) asked.max_tokens = find_count(chat, "max_tokens");
  asked.thinks = thinks(chat, asked.model);
  read_stream(chat, input);
  check_openai_context(asked.prompt_tokens);
  return input;
}

}  // namespace

std::variant<chat_input, api_error> read_chat(std::string_view body, const api_call& call) {
  return read_openai(body, [&call](const json::object& chat) { return read_chat_object(chat, call); });
}

tool read_function(const json::object& function, const std::string& place) {
  tool made{.name = std::string(require_text(function, place + ".name"))};
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  const bool is_name =
      !made.name.empty() && made.name.size() <= 64 && std::all_of(made.name.begin(), made.name.end(), is_allowed);
  if (!is_name) {
    reject_value(place + ".name", "Invalid '" + place + ".name': letters, digits, '_' and '-' only, at most 64.");
  }
  made.description = find_text(function, "description");
  const json::value* parameters = find(function, "parameters");
  if (parameters == nullptr) return made;
  if (!parameters->is_object()) reject_type(place + ".parameters", "an object", *parameters);
  made.schema = *parameters;
  return made;
}

void read_json_schema(const json::object& holder, const std::string& place, dialogue& into) {
  require_text(holder, place + ".name");
  const json::value* schema = find(holder, "schema");
  if (schema == nullptr) reject_missing(place + ".schema");
  if (!schema->is_object()) reject_type(place + ".schema", "an object", *schema);
  into.schema = *schema;
}

}  // namespace warmwire::emulator
