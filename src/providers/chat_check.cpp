#include "providers/chat_check.hpp"

#include "providers/json_document.hpp"
#include "providers/message_check.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace warmwire::providers {
namespace {

// What 32 bits hold: more is no number of tokens, and some providers hold them so.
constexpr std::int64_t greatest_token_count = std::numeric_limits<std::int32_t>::max();

error wrong_chat(std::string message) {
  return {.code = errc::invalid_option, .message = std::move(message)};
}

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

result<void> check_range(std::string_view field, std::optional<double> value, int highest) {
  if (!value || (*value >= 0 && *value <= highest)) return {};
  std::string message(field);
  return wrong_chat(message.append(" is ")
                        .append(shortest(*value))
                        .append("; it must lie within 0–")
                        .append(std::to_string(highest)));
}

result<void> check_count(std::string_view field, std::optional<std::int64_t> value) {
  if (!value || (*value >= 1 && *value <= greatest_token_count)) return {};
  std::string message(field);
  message.append(" is ").append(std::to_string(*value)).append("; it must be at ");
  return wrong_chat(*value < 1 ? message.append("least 1")
                               : message.append("most ").append(std::to_string(greatest_token_count)));
}

result<void> check_seed(std::optional<std::int64_t> seed, wire_api api) {
  const bool fits = !seed || static_cast<std::int32_t>(*seed) == *seed;
  if (api != wire_api::gemini || fits) return {};
  std::string message = "seed is ";
  return wrong_chat(
      message.append(std::to_string(*seed)).append("; with Google's Gemini it must lie within -2147483648–2147483647"));
}

result<void> check_numbers(const chat_request& chat, wire_api api) {
  if (auto ok = check_range("temperature", chat.temperature, api == wire_api::anthropic ? 1 : 2); !ok) return ok;
  if (auto ok = check_range("top_p", chat.top_p, 1); !ok) return ok;
  if (auto ok = check_count("max_tokens", chat.max_tokens); !ok) return ok;
  return check_seed(chat.seed, api);
}

result<void> check_schema(const std::string& field, std::string_view schema) {
  if (schema.empty()) return {};
  const auto problem = problem_of_object(schema, "no JSON object; it must be a JSON Schema");
  if (problem.empty()) return {};
  return wrong_chat(field + " is " + problem);
}

result<void> check_tools(const chat_request& chat) {
  for (std::size_t i = 0; i < chat.tools.size(); ++i) {
    const auto& each = chat.tools[i];
    const auto field = "tools[" + std::to_string(i) + ']';
    if (each.name.empty() || !text::is_utf8(each.name)) return wrong_chat(field + ".name is empty or not UTF-8");
    if (!text::is_utf8(each.description)) return wrong_chat(field + ".description is not UTF-8; it must be");
    if (auto ok = check_schema(field + ".parameters", each.parameters); !ok) return ok;
  }
  if (!chat.tool_choice) return {};
  const bool is_named = chat.tool_choice->mode == tool_choice::kind::named;
  if (is_named != !chat.tool_choice->name.empty() || !text::is_utf8(chat.tool_choice->name)) {
    return wrong_chat("tool_choice.name must be given with the mode `named`, and only then");
  }
  return {};
}

result<void> check_texts(const chat_request& chat) {
  for (std::size_t i = 0; i < chat.stop.size(); ++i) {
    if (chat.stop[i].empty() || !text::is_utf8(chat.stop[i])) {
      return wrong_chat("stop[" + std::to_string(i) + "] is empty or not UTF-8");
    }
  }
  if (!chat.output) return {};
  if (!text::is_utf8(chat.output->name) || !text::is_utf8(chat.output->description)) {
    return wrong_chat("output.name or output.description is not UTF-8; they must be");
  }
  if (chat.output->schema.empty() && !chat.output->description.empty()) {
    return wrong_chat("output.description is set without output.schema, which it describes");
  }
  return check_schema("output.schema", chat.output->schema);
}

// The tool that must follow its schema exactly; without the demand the providers do as they can.
std::string strict_tool(const chat_request& chat) {
  const auto found =
      std::find_if(chat.tools.begin(), chat.tools.end(), [](const tool& each) { return each.strict == true; });
  if (found == chat.tools.end()) return {};
  return "tools[" + std::to_string(found - chat.tools.begin()) + "].strict";
}

// The first option that the API does not have; empty when it has all. What is a hint, and may be left out, its comment
// in chat.hpp or message.hpp says.
std::string missing_in(const chat_request& chat, const provider_config& config) {
  const auto api = config.api;
  const bool is_anthropic = api == wire_api::anthropic;
  const bool is_gemini = api == wire_api::gemini;
  const bool is_responses = api == wire_api::responses;
  if (!chat.stop.empty() && is_responses) return "stop";
  if (chat.seed && (is_anthropic || is_responses)) return "seed";
  if (chat.parallel_tool_calls && is_gemini) return "parallel_tool_calls";
  if (auto tool = strict_tool(chat); is_gemini && !tool.empty()) return tool;
  if (chat.output && chat.output->schema.empty() && is_anthropic) return "output without a schema";
  if (chat.output && !chat.output->description.empty() && (is_anthropic || is_gemini)) return "output.description";
  // Servers like OpenAI's send the text unasked.
  const bool shows_reasoning = api != wire_api::chat_completions || config.profile->quirks.shows_reasoning;
  if (chat.show_reasoning && !shows_reasoning) return "show_reasoning";
  return {};
}

result<void> check_extra(std::string_view json) {
  if (json.empty()) return {};
  const auto problem = problem_of_object(json, "no JSON object; it must be one");
  if (problem.empty()) return {};
  return wrong_chat("extra_json is " + problem);
}

}  // namespace

result<void> check_chat(const chat_request& chat, const provider_config& config) {
  const auto api = config.api;
  if (auto ok = check_messages(chat.messages, api); !ok) return ok;
  if (auto ok = check_numbers(chat, api); !ok) return ok;
  if (auto ok = check_tools(chat); !ok) return ok;
  if (auto ok = check_texts(chat); !ok) return ok;
  if (auto ok = check_extra(chat.extra_json); !ok) return ok;
  if (auto message = missing_in(chat, config); !message.empty()) {
    return wrong_chat(message.append(" is set, and ").append(to_string(api)).append(" does not have it; leave it out"));
  }
  return {};
}

result<void> check_embed(const embed_request& what) {
  if (what.input.empty()) return wrong_chat("input is empty; it must hold at least one text");
  for (std::size_t i = 0; i < what.input.size(); ++i) {
    if (!text::is_utf8(what.input[i])) return wrong_chat("input[" + std::to_string(i) + "] is not UTF-8; it must be");
  }
  if (auto ok = check_count("dimensions", what.dimensions); !ok) return ok;
  if (!text::is_utf8(what.task_type)) return wrong_chat("task_type is not UTF-8; it must be");
  return check_extra(what.extra_json);
}

}  // namespace warmwire::providers
