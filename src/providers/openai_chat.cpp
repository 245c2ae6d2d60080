#include "providers/openai_chat.hpp"

#include "providers/extra_fields.hpp"
#include "providers/message_check.hpp"
#include "providers/openai_chat_history.hpp"
#include "providers/openai_words.hpp"

#include <utility>

namespace warmwire::providers {
namespace {

void write_chat_image(json_writer& to, const image_part& image) {
  to.begin_object().field("type", "image_url").key("image_url").begin_object().key("url");
  write_image_url(to, image);
  if (!image.detail.empty()) to.field("detail", image.detail);
  to.end_object().end_object();
}

void write_content(json_writer& to, const message& from) {
  const auto images = parts_in<image_part>(from);
  to.key("content");
  if (images.empty()) {
    to.value(text_in(from));
    return;
  }
  to.begin_array();
  const auto write_text = [&](const std::string& text) {
    if (!text.empty()) to.begin_object().field("type", "text").field("text", text).end_object();
  };
  write_text(from.content);
  for (const auto& each : from.parts) {
    if (const auto* text = std::get_if<text_part>(&each)) write_text(text->text);
    if (const auto* image = std::get_if<image_part>(&each)) write_chat_image(to, *image);
  }
  to.end_array();
}

void write_calls(json_writer& to, const message& from, std::string_view asked) {
  const auto calls = parts_in<tool_call>(from);
  if (calls.empty()) return;
  to.key("tool_calls").begin_array();
  for (const auto* call : calls)
    write_openai_call(to, *call, is_for(from, asked) ? call->extra : std::string_view());
  to.end_array();
}

// A message of ours may be several of theirs: each result of a tool is one.
void write_message(json_writer& to, const std::vector<message>& messages, const message& from, std::string_view asked) {
  for (const auto* result : parts_in<tool_result>(from))
    write_openai_result(to, messages, *result, asked);
  const bool is_assistant = from.role == role::assistant;
  if (is_assistant && from.maker == asked) return write_own_openai_message(to, from);
  const bool says_nothing = text_in(from).empty() && parts_in<image_part>(from).empty();
  if (!is_assistant && says_nothing && !parts_in<tool_result>(from).empty()) return;
  to.begin_object().field("role", to_string(from.role));
  if (is_assistant && says_nothing && !parts_in<tool_call>(from).empty()) {
    to.key("content").raw("null");
  } else {
    write_content(to, from);
  }
  if (is_assistant) write_calls(to, from, asked);
  to.end_object();
}

void write_chat_tools(json_writer& to, const chat_request& chat) {
  if (chat.tools.empty()) return;
  to.key("tools").begin_array();
  for (const auto& each : chat.tools) {
    to.begin_object().field("type", "function").key("function").begin_object().field("name", each.name);
    if (!each.description.empty()) to.field("description", each.description);
    if (!each.parameters.empty()) to.key("parameters").raw(each.parameters);
    if (each.strict) to.field("strict", *each.strict);
    to.end_object().end_object();
  }
  to.end_array();
}

void write_chat_tool_choice(json_writer& to, const tool_choice& choice) {
  to.key("tool_choice");
  if (choice.mode != tool_choice::kind::named) {
    to.value(word_of(choice.mode));
    return;
  }
  to.begin_object().field("type", "function").key("function").begin_object();
  to.field("name", choice.name).end_object().end_object();
}

void write_response_format(json_writer& to, const json_output& output) {
  to.key("response_format").begin_object();
  if (output.schema.empty()) {
    to.field("type", "json_object").end_object();
    return;
  }
  to.field("type", "json_schema").key("json_schema").begin_object().field("name", output.name);
  if (!output.description.empty()) to.field("description", output.description);
  to.key("schema").raw(output.schema).field("strict", output.strict).end_object().end_object();
}

}  // namespace

void write_openai_chat(json_writer& to, const provider_config& config, const chat_request& chat, delivery how) {
  const auto& differs = config.profile->quirks;
  const auto asked = maker_of(config);
  to.key("messages").begin_array();
  for (const auto& each : chat.messages)
    write_message(to, chat.messages, each, asked);
  to.end_array();
  if (chat.temperature) to.field("temperature", *chat.temperature);
  if (chat.top_p) to.field("top_p", *chat.top_p);
  if (chat.max_tokens) to.field(differs.max_tokens, *chat.max_tokens);
  if (!chat.stop.empty()) {
    to.key("stop").begin_array();
    for (const auto& each : chat.stop)
      to.value(each);
    to.end_array();
  }
  if (chat.seed) to.field(differs.seed, *chat.seed);
  write_chat_tools(to, chat);
  if (chat.tool_choice) write_chat_tool_choice(to, *chat.tool_choice);
  if (chat.parallel_tool_calls) to.field("parallel_tool_calls", *chat.parallel_tool_calls);
  if (chat.output) write_response_format(to, *chat.output);
  if (chat.reasoning_effort) to.field("reasoning_effort", to_string(*chat.reasoning_effort));
  if (how == delivery::whole) return;
  to.field("stream", true);
  if (differs.takes_stream_options) {
    to.key("stream_options").begin_object().field("include_usage", true).end_object();
  }
}

}  // namespace warmwire::providers
