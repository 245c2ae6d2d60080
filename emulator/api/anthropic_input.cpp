// A request of Anthropic's Messages, checked the way Anthropic checks it.
#include "emulator/api/anthropic_input.hpp"

#include "emulator/api/anthropic_messages.hpp"
#include "emulator/api/anthropic_reading.hpp"
#include "emulator/api/openai_reading.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace warmwire::emulator {
namespace {

using enum field_kind;

constexpr std::uint64_t anthropic_context_tokens = 200'000;
constexpr std::uint64_t min_thinking_budget = 1024;

constexpr std::array messages_fields{
    field{"model", text},
    field{"messages", array},
    field{"billing_policy", anything},
    field{"cache_control", object},
    field{"compaction", object},
    field{"container", anything},
    field{"context_management", object},
    field{"diagnostics", object},
    field{"fallback_credit_token", anything},
    field{"fallbacks", anything},
    field{"inference_geo", text},
    field{"max_tokens", integer, 1},
    field{"mcp_servers", array},
    field{"metadata", object},
    field{"output_config", object},
    field{"output_format", object},
    field{"service_tier", text},
    field{"speed", text},
    field{"stop_sequences", array},
    field{"stream", boolean},
    field{"system", anything},  // checked where it is read
    field{"temperature", number, 0, 1},
    field{"thinking", object},
    field{"thread", object},
    field{"tool_choice", object},
    field{"tools", array},
    field{"top_k", integer, 0},
    field{"top_p", number, 0, 1},
    field{"user_profile_id", text},
    field{"workspace_id", text},
};

void read_messages_tools(const json::object& body, dialogue& into) {
  const auto* tools = find_array(body, "tools");
  std::size_t index = 0;
  for (const json::value& each : tools == nullptr ? json::array() : *tools) {
    const std::string place = place_of("tools", index++);
    if (!each.is_object()) reject_at(place, "Input should be a valid dictionary");
    const json::object& given = each.get_object();
    const auto type = find_text(given, "type");
    if (!type.empty() && type != "custom") continue;  // one that the server itself would carry out
    tool made{.name = std::string(require_string(given, place + ".name"))};
    made.description = find_text(given, "description");
    made.schema = require_member(given, place + ".input_schema", object);
    if (find_text(made.schema.get_object(), "type") != "object") {
      reject_at(place + ".input_schema.type", "Input should be 'object'");
    }
    into.add_tool(std::move(made));
  }
}

void read_messages_tool_choice(const json::object& body, dialogue& into) {
  const auto* choice = find_object(body, "tool_choice");
  if (choice == nullptr) return;
  const auto type = require_one_of(*choice, "tool_choice.type", {"auto", "any", "tool", "none"}, into.notes);
  if (type == "any") {
    into.mode = tool_mode::required;
  } else if (type == "none") {
    into.mode = tool_mode::none;
  } else if (type == "tool") {
    into.mode = tool_mode::named;
    into.named_tool = require_string(*choice, "tool_choice.name");
  }
  into.has_parallel_calls = !is_true(*choice, "disable_parallel_tool_use");
  const bool is_known = std::any_of(into.tools.begin(), into.tools.end(),
                                    [&into](const tool& each) { return each.name == into.named_tool; });
  if (into.mode == tool_mode::named && !is_known) {
    reject_at("tool_choice", "Tool '" + into.named_tool + "' not found in provided tools");
  }
}

void read_thinking(const json::object& body, dialogue& into) {
  const auto* thinking = find_object(body, "thinking");
  if (thinking == nullptr) return;
  const auto type =
      require_one_of(*thinking, "thinking.type", {"enabled", "disabled", "between_tools", "adaptive"}, into.notes);
  into.thinks = type == "enabled" || type == "adaptive";
  if (type != "enabled") return;
  require_member(*thinking, "thinking.budget_tokens", integer);
  const auto budget = find_count(*thinking, "budget_tokens").value_or(0);
  if (budget < min_thinking_budget) {
    reject_at("thinking.enabled.budget_tokens", "Input should be greater than or equal to 1024");
  }
  if (into.max_tokens && budget >= *into.max_tokens)
    reject_at("max_tokens", "must be greater than `thinking.budget_tokens`");
}

void read_messages_format(const json::object& body, dialogue& into) {
  const auto* config = find_object(body, "output_config");
  const auto* format = config == nullptr ? find_object(body, "output_format") : find_object(*config, "format");
  if (format == nullptr) return;
  const std::string place = config == nullptr ? "output_format" : "output_config.format";
  if (require_one_of(*format, place + ".type", {"json_schema"}, into.notes) != "json_schema") return;
  into.wants_json = true;
  into.schema = require_member(*format, place + ".schema", object);
}

void read_messages_stop(const json::object& body, dialogue& into) {
  const auto* sequences = find_array(body, "stop_sequences");
  std::size_t index = 0;
  for (const json::value& each : sequences == nullptr ? json::array() : *sequences) {
    const std::string place = place_of("stop_sequences", index++);
    if (!each.is_string()) reject_at(place, "Input should be a valid string");
    if (each.get_string().empty()) reject_at("stop_sequences", "each stop sequence must contain non-whitespace");
    into.stop.emplace_back(view(each.get_string()));
  }
}

dialogue read_messages_object(const json::object& body, const api_call& call) {
  dialogue asked{.notes = {.rule = call.others}};
  asked.model = require_string(body, "model");
  check_anthropic_fields(body, messages_fields, asked.notes);
  if (call.operation == api_operation::messages) require_member(body, "max_tokens", integer);
  asked.max_tokens = find_count(body, "max_tokens");
  read_anthropic_messages(body, asked);
  read_messages_tools(body, asked);
  read_messages_tool_choice(body, asked);
  read_thinking(body, asked);
  read_messages_format(body, asked);
  read_messages_stop(body, asked);
  asked.streams = is_true(body, "stream");
  if (asked.prompt_tokens > anthropic_context_tokens) {
    reject({.message = "prompt is too long: " + std::to_string(asked.prompt_tokens) + " tokens > 200000 maximum"});
  }
  return asked;
}

}  // namespace

std::variant<dialogue, api_error> read_anthropic(std::string_view body, const api_call& call) {
  return read_openai(body, [&call](const json::object& parsed) { return read_messages_object(parsed, call); });
}

}  // namespace warmwire::emulator
