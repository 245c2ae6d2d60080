// What Responses answer, whole and streamed.
#include "providers/json_document.hpp"
#include "providers/openai_responses.hpp"

#include <boost/json/value.hpp>

#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

void take_usage(const json::object& response, reply_builder& to) {
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

void take_rest(const json::object& response, reply_builder& to) {
  to.set_id(view_of(response, "id"));
  to.set_model(view_of(response, "model"));
  take_usage(response, to);
  take_finish(response, to);
}

template <class Take>
void for_each_object(const json::array* list, Take take) {
  if (list == nullptr) return;
  for (const auto& each : *list) {
    if (const auto* object = each.if_object()) take(*object);
  }
}

void take_item(const json::object& item, reply_builder& to) {
  const auto type = view_of(item, "type");
  to.end_part();
  if (type == "message") {
    for_each_object(array_in(&item, "content"), [&](const json::object& part) {
      to.add_text(view_of(part, "text"));
      to.add_refusal(view_of(part, "refusal"));
    });
  } else if (type == "function_call") {
    to.start_call(
        {.id = text_of(item, "call_id"), .name = text_of(item, "name"), .arguments = text_of(item, "arguments")});
  } else if (type == "reasoning") {
    const auto take_text = [&](const json::object& part) { to.add_reasoning(view_of(part, "text")); };
    for_each_object(array_in(&item, "summary"), take_text);
    for_each_object(array_in(&item, "content"), take_text);
    to.add_hidden_reasoning(view_of(item, "id"), view_of(item, "encrypted_content"));
  }
}

}  // namespace

std::optional<error_words> failure_in_responses(const json::object& body) {
  const auto status = view_of(body, "status");
  if (status != "failed" && status != "cancelled") return std::nullopt;
  auto words = find_error_words(body).value_or(error_words{});
  if (words.message.empty()) words.message.append("the response was ").append(status);
  return words;
}

std::string read_responses(const json::object& body, reply_builder& to) {
  const auto* items = array_in(&body, "output");
  if (items == nullptr) return "output is missing or no array";
  for_each_object(items, [&](const json::object& item) { take_item(item, to); });
  take_rest(body, to);
  return {};
}

stream_step responses_stream::on_event(std::string_view name, std::string_view data, reply_builder& to) {
  if (data.empty() || data == "[DONE]") return stream_step::go_on();
  const json_document event(data);
  if (!event.problem().empty()) return stream_step::nonsense("an event of the stream is not JSON");
  const auto* body = event.object();
  if (body == nullptr) return stream_step::nonsense("an event of the stream is no JSON object");
  auto type = view_of(*body, "type");
  if (type.empty()) type = name;
  if (type == "error" || (type.empty() && is_error(*body))) {
    return stream_step::failed(find_error_words(*body).value_or(error_words{}));
  }
  if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
    return on_terminal(type, *body, to);
  }
  if (type == "response.created") {
    if (const auto* response = object_in(body, "response")) {
      to.set_id(view_of(*response, "id"));
      to.set_model(view_of(*response, "model"));
    }
  } else if (type == "response.output_item.added") {
    on_item_added(*body, to);
  } else if (type == "response.output_item.done") {
    on_item_done(*body, to);
  } else {
    on_delta(type, *body, to);
  }
  return stream_step::go_on();
}

void responses_stream::on_item_added(const json::object& event, reply_builder& to) {
  to.end_part();
  const auto* item = object_in(&event, "item");
  if (item == nullptr || view_of(*item, "type") != "function_call") return;
  calls_[count_in(&event, "output_index")] = to.start_call(
      {.id = text_of(*item, "call_id"), .name = text_of(*item, "name"), .arguments = text_of(*item, "arguments")});
}

void responses_stream::on_item_done(const json::object& event, reply_builder& to) {
  const auto* item = object_in(&event, "item");
  if (item == nullptr) return;
  if (view_of(*item, "type") == "reasoning") {
    to.add_hidden_reasoning(view_of(*item, "id"), view_of(*item, "encrypted_content"));
  }
  if (const auto call = calls_.find(count_in(&event, "output_index")); call != calls_.end()) to.end_call(call->second);
  to.end_part();
}

void responses_stream::on_delta(std::string_view type, const json::object& event, reply_builder& to) {
  const auto delta = view_of(event, "delta");
  if (type == "response.output_text.delta") {
    to.add_text(delta);
  } else if (type == "response.refusal.delta") {
    to.add_refusal(delta);
  } else if (type == "response.reasoning_summary_text.delta" || type == "response.reasoning_text.delta") {
    to.add_reasoning(delta);
  } else if (type == "response.function_call_arguments.delta") {
    const auto call = calls_.find(count_in(&event, "output_index"));
    if (call != calls_.end()) to.add_arguments(call->second, delta);
  }
}

stream_step responses_stream::on_terminal(std::string_view type, const json::object& event, reply_builder& to) {
  const auto* response = object_in(&event, "response");
  if (response == nullptr) return stream_step::nonsense("the stream's last event has no response");
  if (type == "response.failed") {
    auto words = find_error_words(*response).value_or(error_words{});
    if (words.message.empty()) words.message = "the response failed";
    return stream_step::failed(std::move(words));
  }
  take_rest(*response, to);
  is_complete_ = true;
  return stream_step::ended();
}

}  // namespace warmwire::providers
