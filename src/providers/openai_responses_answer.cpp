// What Responses answer, whole and streamed.
#include "providers/event_data.hpp"
#include "providers/json_document.hpp"
#include "providers/openai_responses.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

void take_responses_usage(const json::object& response, reply_builder& to) {
  const auto* tokens = object_in(&response, "usage");
  if (tokens == nullptr) return;
  to.count({.input_tokens = count_in(tokens, "input_tokens"),
            .output_tokens = count_in(tokens, "output_tokens"),
            .total_tokens = count_in(tokens, "total_tokens"),
            .cached_tokens = count_in(object_in(tokens, "input_tokens_details"), "cached_tokens"),
            .reasoning_tokens = count_in(object_in(tokens, "output_tokens_details"), "reasoning_tokens")});
}

void take_finish(const json::object& response, reply_builder& to) {
  const auto status = view_of(response, "status");
  const auto* incomplete = object_in(&response, "incomplete_details");
  const auto why = incomplete == nullptr ? std::string_view() : view_of(*incomplete, "reason");
  if (status == "completed") {
    to.finish(to.has_calls() ? finish_reason::tool_calls : finish_reason::stop, status);
  } else if (why == "max_output_tokens") {
    to.finish(finish_reason::length, why);
  } else if (why == "content_filter") {
    to.finish(finish_reason::content_filter, why);
  } else {
    to.finish(finish_reason::other, why.empty() ? status : why);
  }
}

bool is_false(const json::value* value) {
  return value != nullptr && value->is_bool() && !value->get_bool();
}

// Whether a part stands for reasoning of which the provider has kept what it does not show.
bool is_unkept_reasoning(const message_part& part) {
  if (const auto* thought = std::get_if<reasoning_part>(&part)) return thought->encrypted.empty();
  const auto* other = std::get_if<provider_part>(&part);
  if (other == nullptr) return false;
  const json_document item(other->json);
  return item.object() != nullptr && view_of(*item.object(), "type") == "reasoning";
}

// It is refused where the provider was told to keep nothing, and where what it led to never came.
void leave_out_reasoning(const json::object& response, reply_builder& to) {
  const bool keeps_nothing = is_false(response.if_contains("store"));
  const bool is_cut = view_of(response, "status") == "incomplete";
  if (!keeps_nothing && !is_cut) return;
  to.edit_parts([&](message_part& part, bool is_last) {
    auto* thought = std::get_if<reasoning_part>(&part);
    const bool is_lone = is_cut && is_last && (thought != nullptr || is_unkept_reasoning(part));
    if (!is_lone && !(keeps_nothing && is_unkept_reasoning(part))) return;
    if (auto* other = std::get_if<provider_part>(&part)) other->json.clear();
    if (thought != nullptr) *thought = {.text = std::move(thought->text)};
  });
}

void take_response_identity(const json::object& response, reply_builder& to) {
  to.set_id(view_of(response, "id"));
  to.set_model(view_of(response, "model"));
}

void take_rest(const json::object& response, reply_builder& to) {
  leave_out_reasoning(response, to);
  take_response_identity(response, to);
  take_responses_usage(response, to);
  take_finish(response, to);
}

// Of what was answered. What else the API tells of (its own tools, annotations) is no part of the reply.
constexpr std::array<std::string_view, 23> responses_events{"error",
                                                            "response.created",
                                                            "response.queued",
                                                            "response.in_progress",
                                                            "response.completed",
                                                            "response.incomplete",
                                                            "response.failed",
                                                            "response.output_item.added",
                                                            "response.output_item.done",
                                                            "response.content_part.added",
                                                            "response.content_part.done",
                                                            "response.output_text.delta",
                                                            "response.output_text.done",
                                                            "response.refusal.delta",
                                                            "response.refusal.done",
                                                            "response.reasoning_summary_text.delta",
                                                            "response.reasoning_summary_text.done",
                                                            "response.reasoning_text.delta",
                                                            "response.reasoning_text.done",
                                                            "response.function_call_arguments.delta",
                                                            "response.function_call_arguments.done",
                                                            "response.custom_tool_call_input.delta",
                                                            "response.custom_tool_call_input.done"};

// The texts that are streamed: "response.", the name, ".delta" or ".done".
struct text_event {
  std::string_view name;
  responses_items::channel channel;
  std::string_view part;   // which part of the item it belongs to
  std::string_view whole;  // the text itself, at its end
};

constexpr std::array texts{
    text_event{"output_text", responses_items::channel::text, "content_index", "text"},
    text_event{"refusal", responses_items::channel::refusal, "content_index", "refusal"},
    text_event{"reasoning_summary_text", responses_items::channel::summary, "summary_index", "text"},
    text_event{"reasoning_text", responses_items::channel::thought, "content_index", "text"}};

// "output_text" of "response.output_text.delta"; nothing where the type does not end so.
std::string_view name_in(std::string_view type, std::string_view ending) {
  constexpr std::string_view prefix = "response.";
  if (!type.starts_with(prefix) || !type.ends_with(ending)) return {};
  type.remove_suffix(ending.size());
  return type.substr(std::min(prefix.size(), type.size()));
}

}  // namespace

std::optional<error_words> failure_in_responses(const json::object& body) {
  const auto status = view_of(body, "status");
  if (status != "failed" && status != "cancelled") return std::nullopt;
  auto words = find_error_words(body).value_or(error_words{});
  if (words.message.empty()) words.message.append("the response was ").append(status);
  if (status == "failed") words.unnamed = errc::server_error;
  return words;
}

std::string read_responses(const json::object& body, reply_builder& to) {
  const auto* items = array_in(&body, "output");
  // What official clients make of the items; some servers send it alone.
  const auto text = view_of(body, "output_text");
  if (items == nullptr && text.empty()) return "output is missing or no array";
  take_response_identity(body, to);
  responses_items answer;
  if (items != nullptr) answer.take_whole(*items, to);
  if (answer.is_over_limit()) return "output has more items than can be";
  if (!answer.has_text()) to.add_text(text);
  take_rest(body, to);
  return {};
}

stream_step responses_stream::on_event(std::string_view name, std::string_view data, reply_builder& to) {
  const event_data event(name, data, responses_events);
  if (event.step()) return *event.step();
  const auto& body = event.object();
  auto type = view_of(body, "type");
  if (type.empty()) type = name;
  if (auto words = event.failure(); words && !type.starts_with("response.")) {
    return stream_step::failed(std::move(*words));
  }
  if (type.empty()) return event.ignored();
  if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
    return on_terminal(type, body, to);
  }
  const auto* item = object_in(&body, "item");
  if (type == "response.created") {
    on_created(body, to);
  } else if (type == "response.output_item.added" && item != nullptr) {
    items_.start_item(items_.place_of_new(body, *item), *item, to);
  } else if (type == "response.output_item.done" && item != nullptr) {
    items_.finish_item(items_.place_of(body, view_of(*item, "id")), *item, to);
  } else {
    on_text(type, body, to);
  }
  if (items_.is_over_limit()) return stream_step::nonsense("the stream has more items than can be");
  return stream_step::go_on();
}

void responses_stream::on_created(const json::object& event, reply_builder& to) {
  const auto* response = object_in(&event, "response");
  if (response != nullptr) take_response_identity(*response, to);
}

void responses_stream::on_text(std::string_view type, const json::object& event, reply_builder& to) {
  const auto begun = name_in(type, ".delta");
  const auto done = name_in(type, ".done");
  const auto item = items_.place_of(event, view_of(event, "item_id"));
  if (begun == "function_call_arguments" || begun == "custom_tool_call_input") {
    return items_.add_arguments(item, view_of(event, "delta"), to);
  }
  if (done == "function_call_arguments") return items_.finish_arguments(item, view_of(event, "arguments"), to);
  if (done == "custom_tool_call_input") return items_.finish_arguments(item, view_of(event, "input"), to);
  for (const auto& each : texts) {
    const responses_items::place at{.item = item, .part = count_in(&event, each.part)};
    if (begun == each.name) return items_.add(each.channel, at, view_of(event, "delta"), to);
    if (done == each.name) return items_.finish_part(each.channel, at, view_of(event, each.whole), to);
  }
}

stream_step responses_stream::on_terminal(std::string_view type, const json::object& event, reply_builder& to) {
  const auto* response = object_in(&event, "response");
  if (response == nullptr) return stream_step::nonsense("the stream's last event has no response");
  if (type == "response.failed") {
    auto words = find_error_words(*response).value_or(error_words{});
    if (words.message.empty()) words.message = "the response failed";
    words.unnamed = errc::server_error;
    return stream_step::failed(std::move(words));
  }
  if (const auto* items = array_in(response, "output")) items_.finish(*items, to);
  if (items_.is_over_limit()) return stream_step::nonsense("the stream has more items than can be");
  take_rest(*response, to);
  is_complete_ = true;
  return stream_step::ended();
}

}  // namespace warmwire::providers
