// What Messages answer, whole and streamed.
#include "providers/anthropic.hpp"
#include "providers/event_data.hpp"
#include "providers/json_document.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> anthropic_events{"error",
                                                           "message_start",
                                                           "content_block_start",
                                                           "content_block_delta",
                                                           "content_block_stop",
                                                           "message_delta",
                                                           "message_stop",
                                                           "ping"};

finish_reason anthropic_finish(std::string_view text) {
  if (text == "end_turn" || text == "stop_sequence") return finish_reason::stop;
  if (text == "max_tokens" || text == "model_context_window_exceeded") return finish_reason::length;
  if (text == "tool_use") return finish_reason::tool_calls;
  if (text == "refusal") return finish_reason::content_filter;
  return finish_reason::other;
}

// Counts are cumulative, and later ones say only what has changed. What came from a cache is not in their input_tokens.
void take_anthropic_usage(const json::object* tokens, reply_builder& to) {
  if (tokens == nullptr) return;
  auto sum = to.counted();
  const auto newer = [&](const char* field, std::int64_t before) {
    const auto* value = tokens->if_contains(field);
    return value == nullptr || value->is_null() ? before : count_in(tokens, field);
  };
  const auto fresh = newer("input_tokens", sum.input_tokens - sum.cached_tokens - sum.cache_write_tokens);
  sum.cached_tokens = newer("cache_read_input_tokens", sum.cached_tokens);
  sum.cache_write_tokens = newer("cache_creation_input_tokens", sum.cache_write_tokens);
  sum.output_tokens = newer("output_tokens", sum.output_tokens);
  sum.input_tokens = fresh + sum.cached_tokens + sum.cache_write_tokens;
  sum.total_tokens = sum.input_tokens + sum.output_tokens;
  to.count(sum);
}

void take_stop(const json::object& from, reply_builder& to) {
  const auto word = view_of(from, "stop_reason");
  if (word.empty()) return;
  to.finish(anthropic_finish(word), word);
  if (word != "refusal") return;
  const auto* details = object_in(&from, "stop_details");
  const auto why = details == nullptr ? std::string_view() : view_of(*details, "explanation");
  to.add_refusal(why.empty() ? word : why);
}

// An object; a gateway may send the text of one. While it is streamed it begins as an empty one.
std::string input_of(const json::object& block) {
  const auto* input = block.if_contains("input");
  if (input == nullptr || input->is_null()) return {};
  if (const auto* text = input->if_string()) return std::string(*text);
  const auto* object = input->if_object();
  return object != nullptr && object->empty() ? "" : json::serialize(*input);
}

// A block as it begins, or as it is when it comes whole. What the provider's own tools do is no part of the reply. The
// call that it is, whose input is left to the caller.
std::optional<std::size_t> take_block(const json::object& block, reply_builder& to) {
  const auto type = view_of(block, "type");
  to.end_part();
  if (type == "text") {
    to.add_text(view_of(block, "text"));
  } else if (type == "thinking") {
    to.add_reasoning(view_of(block, "thinking"));
    to.sign_reasoning(view_of(block, "signature"));
  } else if (type == "redacted_thinking") {
    to.add_hidden_reasoning({}, view_of(block, "data"));
  } else if (type == "tool_use") {
    return to.start_call({.id = text_of(block, "id"), .name = text_of(block, "name")});
  }
  return std::nullopt;
}

void take_blocks(const json::array& blocks, reply_builder& to) {
  for (const auto& each : blocks) {
    const auto* block = each.if_object();
    const auto call = block == nullptr ? std::nullopt : take_block(*block, to);
    if (call) to.add_arguments(*call, input_of(*block));
  }
}

}  // namespace

std::string read_anthropic(const json::object& body, reply_builder& to) {
  const auto* content = array_in(&body, "content");
  const auto text = view_of(body, "content");
  if (content == nullptr && text.empty()) return "content is missing or no array";
  to.set_id(view_of(body, "id"));
  to.set_model(view_of(body, "model"));
  to.add_text(text);
  if (content != nullptr) take_blocks(*content, to);
  take_anthropic_usage(object_in(&body, "usage"), to);
  take_stop(body, to);
  return {};
}

stream_step anthropic_stream::on_event(std::string_view name, std::string_view data, reply_builder& to) {
  const event_data event(name, data, anthropic_events);
  if (event.step()) return *event.step();
  const auto* body = &event.object();
  auto type = view_of(*body, "type");
  if (type.empty()) type = name;
  if (type == "error") return stream_step::failed(find_error_words(*body).value_or(error_words{}));
  if (type == "message_start") {
    if (const auto* message = object_in(body, "message")) {
      to.set_id(view_of(*message, "id"));
      to.set_model(view_of(*message, "model"));
      take_anthropic_usage(object_in(message, "usage"), to);
    }
  } else if (type == "content_block_start") {
    on_block_start(*body, to);
  } else if (type == "content_block_delta") {
    on_block_delta(*body, to);
  } else if (type == "content_block_stop") {
    on_block_stop(*body, to);
  } else if (type == "message_delta") {
    if (const auto* delta = object_in(body, "delta")) take_stop(*delta, to);
    take_anthropic_usage(object_in(body, "usage"), to);
  } else if (type == "message_stop") {
    is_complete_ = true;
    for (const auto& [index, open] : calls_)
      take_input(open, to);
    return stream_step::ended();
  } else if (type == "ping") {
    to.ping();
  }
  return stream_step::go_on();
}

void anthropic_stream::on_block_start(const json::object& event, reply_builder& to) {
  const auto* block = object_in(&event, "content_block");
  if (block == nullptr) return;
  const auto call = take_block(*block, to);
  if (call && !to.is_over_limit()) calls_[count_in(&event, "index")] = {.call = *call, .input = input_of(*block)};
}

// The limit of tokens may have cut it: that is told after this.
void anthropic_stream::on_block_stop(const json::object& event, reply_builder& to) {
  if (const auto known = calls_.find(count_in(&event, "index")); known != calls_.end()) {
    take_input(known->second, to);
    to.close_call(known->second.call);
  }
  to.end_part();
}

void anthropic_stream::take_input(const open_call& of, reply_builder& to) {
  if (to.call(of.call).arguments.empty()) to.add_arguments(of.call, of.input);
}

void anthropic_stream::on_block_delta(const json::object& event, reply_builder& to) {
  const auto* delta = object_in(&event, "delta");
  if (delta == nullptr) return;
  const auto type = view_of(*delta, "type");
  if (type == "text_delta" || type.empty()) {
    to.add_text(view_of(*delta, "text"));
  } else if (type == "thinking_delta") {
    to.add_reasoning(view_of(*delta, "thinking"));
  } else if (type == "signature_delta") {
    to.sign_reasoning(view_of(*delta, "signature"));
  } else if (type == "input_json_delta") {
    const auto call = calls_.find(count_in(&event, "index"));
    if (call != calls_.end()) to.add_arguments(call->second.call, view_of(*delta, "partial_json"));
  }
}

}  // namespace warmwire::providers
