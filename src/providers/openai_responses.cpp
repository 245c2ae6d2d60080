#include "providers/openai_responses.hpp"

#include "providers/extra_fields.hpp"
#include "providers/message_check.hpp"
#include "providers/openai_words.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::string_view custom_call = "custom_tool_call";

void write_input_image(json_writer& to, const image_part& image) {
  to.begin_object().field("type", "input_image").key("image_url");
  write_image_url(to, image);
  to.field("detail", image.detail.empty() ? std::string("auto") : image.detail).end_object();
}

void write_said(json_writer& to, const message& from) {
  const auto images = parts_in<image_part>(from);
  const auto text = text_in(from);
  if (text.empty() && images.empty() && !from.parts.empty()) return;
  to.begin_object().field("role", to_string(from.role)).key("content");
  if (images.empty()) {
    to.value(text).end_object();
    return;
  }
  to.begin_array();
  const auto write_text = [&](const std::string& what) {
    if (!what.empty()) to.begin_object().field("type", "input_text").field("text", what).end_object();
  };
  write_text(from.content);
  for (const auto& each : from.parts) {
    if (const auto* said = std::get_if<text_part>(&each)) write_text(said->text);
    if (const auto* image = std::get_if<image_part>(&each)) write_input_image(to, *image);
  }
  to.end_array().end_object();
}

void write_call(json_writer& to, const tool_call& call, std::string_view extra) {
  const extra_fields more(extra);
  const auto type = more.has("type") ? view_of(*more.all(), "type") : std::string_view("function_call");
  to.begin_object().field("type", type).field("call_id", call.id).field("name", call.name);
  const bool is_of_another = extra.empty() && !call.extra.empty();
  to.field(type == custom_call ? "input" : "arguments", is_of_another ? json_arguments_of(call) : call.arguments);
  more.write(to, {"type", "call_id", "name", "input", "arguments"});
  to.end_object();
}

// The result of a call is of a kind with it.
bool is_of_custom_call(const std::vector<message>& messages, const tool_result& result) {
  for (const auto& each : messages) {
    for (const auto* call : parts_in<tool_call>(each)) {
      const extra_fields extra(call->extra);
      if (call->id == result.call_id && extra.has("type")) return view_of(*extra.all(), "type") == custom_call;
    }
  }
  return false;
}

void write_result(json_writer& to, const std::vector<message>& messages, const tool_result& result) {
  const auto* type = is_of_custom_call(messages, result) ? "custom_tool_call_output" : "function_call_output";
  to.begin_object().field("type", type).field("call_id", result.call_id);
  to.field("output", result.content).end_object();
}

// Without what is encrypted the provider has nothing to take back.
void write_reasoning(json_writer& to, const reasoning_part& thought) {
  if (thought.id.empty() || thought.encrypted.empty()) return;
  to.begin_object().field("type", "reasoning").field("id", thought.id).key("summary").begin_array();
  if (!thought.text.empty()) to.begin_object().field("type", "summary_text").field("text", thought.text).end_object();
  to.end_array().field("encrypted_content", thought.encrypted).end_object();
}

// The text stands where it was taken out.
void write_said_content(json_writer& to, const boost::json::value& content, const std::string& text) {
  const auto* list = content.if_array();
  const auto* only = list != nullptr && list->size() == 1 ? list->front().if_object() : nullptr;
  if (only == nullptr || only->contains("text")) {
    to.raw(boost::json::serialize(content));
    return;
  }
  to.begin_array().begin_object().field("text", text);
  extra_fields::write_fields(to, only, {});
  to.end_object().end_array();
}

// One overload for each kind of part of an answer of its own.
struct own_item_writer {
  json_writer& to;

  void operator()(const text_part& part) const {
    const extra_fields extra(part.extra);
    if (!extra.has("content")) {
      if (!part.text.empty()) to.begin_object().field("role", "assistant").field("content", part.text).end_object();
      return;
    }
    to.begin_object().key("content");
    write_said_content(to, extra.all()->at("content"), part.text);
    extra.write(to, {"content"});
    to.end_object();
  }

  void operator()(const reasoning_part& part) const {
    if (part.extra.empty()) return write_reasoning(to, part);
    const extra_fields extra(part.extra);
    to.begin_object();
    if (part.encrypted.empty()) {
      extra.write(to, {});
    } else {
      if (!part.id.empty()) to.field("id", part.id);
      to.field("encrypted_content", part.encrypted);
      extra.write(to, {"id", "encrypted_content"});
    }
    to.end_object();
  }

  void operator()(const tool_call& part) const { write_call(to, part, part.extra); }
  void operator()(const provider_part& part) const { to.raw(part.json); }
  void operator()(const image_part& /*part*/) const {}
  void operator()(const tool_result& /*part*/) const {}
};

void write_items(json_writer& to, const std::vector<message>& messages, const message& from, std::string_view asked) {
  if (from.maker == asked && from.role == role::assistant) {
    const own_item_writer writer{to};
    writer(text_part{.text = from.content, .extra = from.extra});
    for (const auto& each : from.parts)
      std::visit(writer, each);
    return;
  }
  const bool is_own = is_for(from, asked);
  if (is_own) {
    for (const auto* thought : parts_in<reasoning_part>(from))
      write_reasoning(to, *thought);
  }
  for (const auto* result : parts_in<tool_result>(from))
    write_result(to, messages, *result);
  if (from.role != role::tool) write_said(to, from);
  for (const auto* call : parts_in<tool_call>(from))
    write_call(to, *call, is_own ? call->extra : std::string_view());
  if (!is_own) return;
  for (const auto* other : parts_in<provider_part>(from))
    to.raw(other->json);
}

void write_responses_tools(json_writer& to, const chat_request& chat) {
  if (chat.tools.empty()) return;
  to.key("tools").begin_array();
  for (const auto& each : chat.tools) {
    to.begin_object().field("type", "function").field("name", each.name);
    if (!each.description.empty()) to.field("description", each.description);
    to.key("parameters").raw(each.parameters.empty() ? R"({"type":"object","properties":{}})" : each.parameters);
    to.field("strict", each.strict.value_or(false)).end_object();
  }
  to.end_array();
}

void write_responses_tool_choice(json_writer& to, const tool_choice& choice) {
  to.key("tool_choice");
  if (choice.mode != tool_choice::kind::named) {
    to.value(word_of(choice.mode));
    return;
  }
  to.begin_object().field("type", "function").field("name", choice.name).end_object();
}

void write_text_format(json_writer& to, const json_output& output) {
  to.key("text").begin_object().key("format").begin_object();
  if (output.schema.empty()) {
    to.field("type", "json_object");
  } else {
    to.field("type", "json_schema").field("name", output.name);
    if (!output.description.empty()) to.field("description", output.description);
    to.key("schema").raw(output.schema).field("strict", output.strict);
  }
  to.end_object().end_object();
}

}  // namespace

void write_responses(json_writer& to, const provider_config& config, const chat_request& chat, delivery how) {
  const auto asked = maker_of(config);
  to.key("input").begin_array();
  for (const auto& each : chat.messages)
    write_items(to, chat.messages, each, asked);
  to.end_array();
  if (chat.temperature) to.field("temperature", *chat.temperature);
  if (chat.top_p) to.field("top_p", *chat.top_p);
  if (chat.max_tokens) to.field("max_output_tokens", *chat.max_tokens);
  write_responses_tools(to, chat);
  if (chat.tool_choice) write_responses_tool_choice(to, *chat.tool_choice);
  if (chat.parallel_tool_calls) to.field("parallel_tool_calls", *chat.parallel_tool_calls);
  if (chat.output) write_text_format(to, *chat.output);
  if (chat.reasoning_effort || chat.show_reasoning) {
    to.key("reasoning").begin_object();
    if (chat.reasoning_effort) to.field("effort", to_string(*chat.reasoning_effort));
    if (chat.show_reasoning) to.field("summary", "auto");
    to.end_object();
  }
  if (how == delivery::streamed) to.field("stream", true);
}

}  // namespace warmwire::providers
