#include "providers/anthropic.hpp"

#include "providers/anthropic_thinking.hpp"
#include "providers/message_check.hpp"

#include <utility>
#include <variant>

namespace warmwire::providers {
namespace {

constexpr std::int64_t tokens_an_hour = 128'000;
constexpr std::int64_t longest_unstreamed_s = 600;

void write_text_block(json_writer& to, const std::string& text) {
  // Empty blocks are refused.
  if (!text.empty()) to.begin_object().field("type", "text").field("text", text).end_object();
}

// One overload for each kind of part.
struct block_writer {
  json_writer& to;

  void operator()(const text_part& part) const { write_text_block(to, part.text); }

  void operator()(const image_part& part) const {
    to.begin_object().field("type", "image").key("source").begin_object();
    if (part.bytes.empty()) {
      to.field("type", "url").field("url", part.url);
    } else {
      to.field("type", "base64").field("media_type", part.media_type).key("data").base64("", part.bytes);
    }
    to.end_object().end_object();
  }

  // Without the proof that it is Anthropic's own it would be refused.
  void operator()(const reasoning_part& part) const {
    if (!part.signature.empty()) {
      to.begin_object().field("type", "thinking").field("thinking", part.text);
      to.field("signature", part.signature).end_object();
    } else if (!part.encrypted.empty() && part.id.empty()) {
      to.begin_object().field("type", "redacted_thinking").field("data", part.encrypted).end_object();
    }
  }

  void operator()(const tool_call& part) const {
    to.begin_object().field("type", "tool_use").field("id", part.id).field("name", part.name);
    to.key("input").raw(part.arguments.empty() ? "{}" : part.arguments).end_object();
  }

  void operator()(const tool_result& part) const {
    to.begin_object().field("type", "tool_result").field("tool_use_id", part.call_id).field("content", part.content);
    if (part.is_error) to.field("is_error", true);
    to.end_object();
  }
};

void write_turn(json_writer& to, const std::vector<const message*>& turn) {
  to.begin_object().field("role", turn.front()->role == role::assistant ? "assistant" : "user").key("content");
  if (turn.size() == 1 && turn.front()->parts.empty()) {
    to.value(turn.front()->content).end_object();
    return;
  }
  to.begin_array();
  for (const auto* each : turn) {
    write_text_block(to, each->content);
    for (const auto& part : each->parts)
      std::visit(block_writer{to}, part);
  }
  to.end_array().end_object();
}

void write_anthropic_tools(json_writer& to, const chat_request& chat) {
  if (chat.tools.empty()) return;
  to.key("tools").begin_array();
  for (const auto& each : chat.tools) {
    to.begin_object().field("name", each.name);
    if (!each.description.empty()) to.field("description", each.description);
    to.key("input_schema").raw(each.parameters.empty() ? R"({"type":"object","properties":{}})" : each.parameters);
    if (each.strict) to.field("strict", *each.strict);
    to.end_object();
  }
  to.end_array();
}

std::string_view name_of(tool_choice::kind mode) {
  switch (mode) {
    case tool_choice::kind::automatic:
      return "auto";
    case tool_choice::kind::none:
      return "none";
    case tool_choice::kind::required:
      return "any";
    case tool_choice::kind::named:
      return "tool";
  }
  return "auto";
}

// Whether calls may run side by side is a part of the choice here, and no part of "none".
void write_anthropic_tool_choice(json_writer& to, const chat_request& chat) {
  if (!chat.tool_choice && !chat.parallel_tool_calls) return;
  const auto choice = chat.tool_choice.value_or(tool_choice{});
  to.key("tool_choice").begin_object().field("type", name_of(choice.mode));
  if (!choice.name.empty()) to.field("name", choice.name);
  if (chat.parallel_tool_calls && choice.mode != tool_choice::kind::none) {
    to.field("disable_parallel_tool_use", !*chat.parallel_tool_calls);
  }
  to.end_object();
}

void write_conversation(json_writer& to, const chat_request& chat) {
  if (const auto system = system_text(chat.messages); !system.empty()) to.field("system", system);
  to.key("messages").begin_array();
  for (const auto& turn : turns_of(chat.messages))
    write_turn(to, turn);
  to.end_array();
}

}  // namespace

result<void> check_anthropic_time(const chat_request& chat, delivery how) {
  if (how == delivery::streamed || chat.timeout) return {};
  if (!chat.max_tokens) return {};
  const auto tokens = *chat.max_tokens;
  // Divided first: the caller's number may be any.
  if (tokens <= longest_unstreamed_s * tokens_an_hour / 3600) return {};
  std::string message = "max_tokens is ";
  message.append(std::to_string(tokens))
      .append("; an answer of more than 21333 may take over 600 s, and must be streamed or given a timeout");
  return error{.code = errc::invalid_option, .message = std::move(message)};
}

void write_anthropic(json_writer& to, std::string_view model, const chat_request& chat, delivery how) {
  to.field("max_tokens", anthropic_max_tokens_of(chat, model));
  write_conversation(to, chat);
  if (chat.temperature) to.field("temperature", *chat.temperature);
  if (chat.top_p) to.field("top_p", *chat.top_p);
  if (!chat.stop.empty()) {
    to.key("stop_sequences").begin_array();
    for (const auto& each : chat.stop)
      to.value(each);
    to.end_array();
  }
  write_anthropic_tools(to, chat);
  write_anthropic_tool_choice(to, chat);
  write_anthropic_thinking(to, chat, model);
  if (how == delivery::streamed) to.field("stream", true);
}

void write_anthropic_count(json_writer& to, std::string_view model, const chat_request& chat) {
  write_conversation(to, chat);
  write_anthropic_tools(to, chat);
  write_anthropic_tool_choice(to, chat);
  write_anthropic_thinking(to, chat, model);
}

}  // namespace warmwire::providers
