#include "providers/anthropic.hpp"

#include "providers/anthropic_thinking.hpp"
#include "providers/extra_fields.hpp"
#include "providers/message_check.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace warmwire::providers {
namespace {

constexpr std::int64_t tokens_an_hour = 128'000;
constexpr std::int64_t longest_unstreamed_s = 600;

bool is_redacted(const reasoning_part& part) {
  return !part.encrypted.empty() && part.id.empty();
}

// What is taken back of a message beside what everyone takes.
struct taken_back {
  bool is_own = false;        // what only its maker understands
  bool are_unsigned = false;  // thoughts without a proof
};

taken_back taken_of(const message& from, const provider_config& config) {
  // Anthropic itself signs its thoughts, and refuses those that it did not; other servers of its API may sign none.
  const bool is_elsewhere = !config.base.starts_with(config.profile->base_url);
  const auto asked = maker_of(config);
  return {.is_own = is_for(from, asked), .are_unsigned = from.maker == asked && is_elsewhere};
}

// Whether anything is written of a part.
bool is_taken_back(const message_part& part, taken_back what) {
  if (const auto* text = std::get_if<text_part>(&part)) return !text->text.empty();
  if (const auto* thought = std::get_if<reasoning_part>(&part)) {
    return what.is_own && (!thought->signature.empty() || is_redacted(*thought) || what.are_unsigned);
  }
  return what.is_own || !std::holds_alternative<provider_part>(part);
}

// One overload for each kind of part.
struct block_writer {
  json_writer& to;
  taken_back taken;

  // Empty blocks are refused.
  void operator()(const text_part& part) const {
    if (part.text.empty()) return;
    to.begin_object().field("type", "text").field("text", part.text);
    end(part.extra, {"type", "text"});
  }

  void operator()(const image_part& part) const {
    to.begin_object().field("type", "image").key("source").begin_object();
    if (part.bytes.empty()) {
      to.field("type", "url").field("url", part.url);
    } else {
      to.field("type", "base64").field("media_type", part.media_type).key("data").base64("", part.bytes);
    }
    to.end_object().end_object();
  }

  void operator()(const reasoning_part& part) const {
    if (!is_taken_back(part, taken)) return;
    if (is_redacted(part)) {
      to.begin_object().field("type", "redacted_thinking").field("data", part.encrypted);
      return end(part.extra, {"type", "data"});
    }
    to.begin_object().field("type", "thinking").field("thinking", part.text);
    if (part.signature.empty()) return end(part.extra, {"type", "thinking"});
    to.field("signature", part.signature);
    end(part.extra, {"type", "thinking", "signature"});
  }

  void operator()(const tool_call& part) const {
    to.begin_object().field("type", "tool_use").field("id", part.id).field("name", part.name);
    to.key("input").raw(json_arguments_of(part));
    end(part.extra, {"type", "id", "name", "input"});
  }

  void operator()(const tool_result& part) const {
    to.begin_object().field("type", "tool_result").field("tool_use_id", part.call_id).field("content", part.content);
    if (part.is_error) to.field("is_error", true);
    to.end_object();
  }

  void operator()(const provider_part& part) const {
    if (taken.is_own) to.raw(part.json);
  }

 private:
  void end(std::string_view extra, field_names written) const {
    if (taken.is_own && !extra.empty()) extra_fields(extra).write(to, written);
    to.end_object();
  }
};

// Of a message that another provider made nothing may be left; one that is empty is refused.
bool has_nothing(const message& from, const provider_config& config) {
  if (!from.content.empty()) return false;
  if (from.parts.empty()) return from.maker == maker_of(config);
  const auto taken = taken_of(from, config);
  return std::none_of(from.parts.begin(), from.parts.end(),
                      [&](const auto& each) { return is_taken_back(each, taken); });
}

void write_turn(json_writer& to, const std::vector<const message*>& turn, const provider_config& config) {
  const auto& first = *turn.front();
  if (turn.size() == 1 && first.role == role::assistant && has_nothing(first, config)) return;
  to.begin_object().field("role", first.role == role::assistant ? "assistant" : "user").key("content");
  // An answer of its own goes back as the blocks that it came in.
  if (turn.size() == 1 && first.parts.empty() && first.maker != maker_of(config)) {
    to.value(first.content).end_object();
    return;
  }
  to.begin_array();
  for (const auto* each : turn) {
    const block_writer writer{.to = to, .taken = taken_of(*each, config)};
    writer(text_part{.text = each->content, .extra = each->extra});
    for (const auto& part : each->parts)
      std::visit(writer, part);
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

void write_conversation(json_writer& to, const chat_request& chat, const provider_config& config) {
  if (const auto system = system_text(chat.messages); !system.empty()) to.field("system", system);
  to.key("messages").begin_array();
  for (const auto& turn : turns_of(chat.messages))
    write_turn(to, turn, config);
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

void write_anthropic(json_writer& to, const provider_config& config, std::string_view model, const chat_request& chat,
                     delivery how) {
  to.field("max_tokens", anthropic_max_tokens_of(chat, model));
  write_conversation(to, chat, config);
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

void write_anthropic_count(json_writer& to, const provider_config& config, std::string_view model,
                           const chat_request& chat) {
  write_conversation(to, chat, config);
  write_anthropic_tools(to, chat);
  write_anthropic_tool_choice(to, chat);
  write_anthropic_thinking(to, chat, model);
}

}  // namespace warmwire::providers
