// What Messages answer, whole and streamed.
#include "providers/anthropic.hpp"
#include "providers/event_data.hpp"
#include "providers/extra_fields.hpp"
#include "providers/json_document.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <utility>

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

// What a block that is a part of the reply has beside what the part holds; nothing of one that is no such part.
std::optional<json::object> rest_of_block(const json::object& block) {
  const auto type = view_of(block, "type");
  if (type == "text") return rest_in(block, {"type", "text"});
  if (type == "redacted_thinking") return rest_in(block, {"type", "data"});
  if (type == "tool_use") return rest_in(block, {"type", "id", "name", "input"});
  if (type != "thinking") return std::nullopt;
  auto rest = rest_in(block, {"type", "thinking"});
  if (!view_of(block, "signature").empty()) rest.erase("signature");
  return rest;
}

}  // namespace

// A block as it begins, or as it is when it comes whole.
void anthropic_blocks::start(std::int64_t index, const json::object& block, reply_builder& to) {
  const auto type = view_of(block, "type");
  to.end_part();
  open_block begun;
  auto rest = rest_of_block(block);
  if (!rest) begun.other = to.start_provider_part();
  begun.rest = rest ? std::move(*rest) : block;
  if (!to.hold(sizeof(begun) + memory_of(begun.rest))) return;
  if (type == "text") {
    to.add_text(view_of(block, "text"));
  } else if (type == "thinking") {
    to.add_reasoning(view_of(block, "thinking"));
    to.sign_reasoning(view_of(block, "signature"));
  } else if (type == "redacted_thinking") {
    to.add_hidden_reasoning({}, view_of(block, "data"));
  } else if (type == "tool_use") {
    begun.call = to.start_call({.id = text_of(block, "id"), .name = text_of(block, "name")});
    begun.input = input_of(block);
  }
  open_[index] = std::move(begun);
}

void anthropic_blocks::add(std::int64_t index, const json::object& delta, reply_builder& to) {
  const auto known = open_.find(index);
  auto* block = known == open_.end() ? nullptr : &known->second;
  const auto type = view_of(delta, "type");
  const bool is_part = block == nullptr || !block->other;
  if (type == "input_json_delta") {
    if (block != nullptr) add_input(*block, view_of(delta, "partial_json"), to);
  } else if (is_part && (type == "text_delta" || type.empty())) {
    to.add_text(view_of(delta, "text"));
  } else if (is_part && type == "thinking_delta") {
    to.add_reasoning(view_of(delta, "thinking"));
  } else if (is_part && type == "signature_delta") {
    to.sign_reasoning(view_of(delta, "signature"));
  } else if (block != nullptr && to.hold(memory_of(delta))) {
    add_other(block->rest, type, delta);
  }
}

void anthropic_blocks::add_input(open_block& to_block, std::string_view piece, reply_builder& to) {
  if (to_block.call) return to.add_arguments(*to_block.call, piece);
  if (to_block.other && to.hold(piece.size())) to_block.input += piece;
}

// Citations come one by one; a delta of a kind that is not known adds to the fields of its names.
void anthropic_blocks::add_other(json::object& block, std::string_view type, const json::object& delta) {
  const auto* citation = delta.if_contains("citation");
  if (type != "citations_delta" || citation == nullptr) return add_piece(block, rest_in(delta, {"type"}));
  auto& list = block["citations"];
  if (!list.is_array()) list.emplace_array();
  list.get_array().push_back(*citation);
}

void anthropic_blocks::end(std::int64_t index, reply_builder& to) {
  const auto known = open_.find(index);
  if (known == open_.end()) return to.end_part();
  auto& block = known->second;
  if (block.call) {
    take_input(block, to);
    to.extend_call(*block.call, block.rest);
    // The limit of tokens may have cut it: that is told after this.
    to.close_call(*block.call);
  } else if (block.other) {
    const json_document input(block.input);
    if (!block.input.empty() && input.problem().empty()) block.rest["input"] = input.root();
    to.fill_provider_part(*block.other, json::serialize(block.rest));
  } else {
    to.extend_last(block.rest);
  }
  open_.erase(known);
  to.end_part();
}

// What came with its beginning counts where no deltas came.
void anthropic_blocks::take_input(const open_block& of, reply_builder& to) {
  if (to.call(*of.call).arguments.empty()) to.add_arguments(*of.call, of.input);
}

// The blocks that have no end of their own.
void anthropic_blocks::end_all(reply_builder& to) {
  while (!open_.empty())
    end(open_.begin()->first, to);
}

void anthropic_blocks::take_whole(const json::array& blocks, reply_builder& to) {
  for (const auto& each : blocks) {
    const auto* block = each.if_object();
    if (block == nullptr) continue;
    start(0, *block, to);
    end(0, to);
  }
}

std::string read_anthropic(const json::object& body, reply_builder& to) {
  const auto* content = array_in(&body, "content");
  const auto text = view_of(body, "content");
  if (content == nullptr && text.empty()) return "content is missing or no array";
  to.set_id(view_of(body, "id"));
  to.set_model(view_of(body, "model"));
  to.add_text(text);
  anthropic_blocks blocks;
  if (content != nullptr) blocks.take_whole(*content, to);
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
  if (auto words = event.failure()) return stream_step::failed(std::move(*words));
  if (type == "message_start") {
    if (const auto* message = object_in(body, "message")) {
      to.set_id(view_of(*message, "id"));
      to.set_model(view_of(*message, "model"));
      take_anthropic_usage(object_in(message, "usage"), to);
    }
  } else if (type == "content_block_start") {
    if (const auto* block = object_in(body, "content_block")) blocks_.start(count_in(body, "index"), *block, to);
  } else if (type == "content_block_delta") {
    if (const auto* delta = object_in(body, "delta")) blocks_.add(count_in(body, "index"), *delta, to);
  } else if (type == "content_block_stop") {
    blocks_.end(count_in(body, "index"), to);
  } else if (type == "message_delta") {
    if (const auto* delta = object_in(body, "delta")) take_stop(*delta, to);
    take_anthropic_usage(object_in(body, "usage"), to);
  } else if (type == "message_stop") {
    blocks_.end_all(to);
    is_complete_ = true;
    return stream_step::ended();
  } else if (type == "ping") {
    to.ping();
  } else if (type.empty()) {
    return event.ignored();
  }
  return stream_step::go_on();
}

}  // namespace warmwire::providers
