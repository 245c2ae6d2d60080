// What Chat Completions answer, whole and streamed.
#include "providers/event_data.hpp"
#include "providers/json_document.hpp"
#include "providers/openai_chat.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 1> chat_events{"error"};

finish_reason chat_finish(std::string_view text, const reply_builder& so_far) {
  // Some servers do not know the reason that is meant for it.
  if (text == "stop" && so_far.has_calls()) return finish_reason::tool_calls;
  if (text == "stop") return finish_reason::stop;
  if (text == "length") return finish_reason::length;
  if (text == "content_filter") return finish_reason::content_filter;
  if (text == "tool_calls" || text == "function_call") return finish_reason::tool_calls;
  return finish_reason::other;
}

std::int64_t cached_tokens_in(const json::object& from) {
  const auto count = count_in(object_in(&from, "prompt_tokens_details"), "cached_tokens");
  return count == 0 ? count_in(&from, "prompt_cache_hit_tokens") : count;  // DeepSeek's
}

usage usage_in(const json::object& from) {
  return {.input_tokens = count_in(&from, "prompt_tokens"),
          .output_tokens = count_in(&from, "completion_tokens"),
          .total_tokens = count_in(&from, "total_tokens"),
          .cached_tokens = cached_tokens_in(from),
          .reasoning_tokens = count_in(object_in(&from, "completion_tokens_details"), "reasoning_tokens")};
}

void take_chat_usage(const json::object& body, reply_builder& to) {
  const auto* tokens = object_in(&body, "usage");
  if (tokens == nullptr) tokens = object_in(object_in(&body, "x_groq"), "usage");
  if (tokens != nullptr) to.count(usage_in(*tokens));
}

void take_identity(const json::object& body, reply_builder& to) {
  to.set_id(view_of(body, "id"));
  to.set_model(view_of(body, "model"));
}

// Mistral's thoughts and texts come as parts of the content.
void take_part(const json::object& part, reply_builder& to) {
  to.add_text(view_of(part, "text"));
  const auto* thoughts = array_in(&part, "thinking");
  if (thoughts == nullptr) return;
  for (const auto& each : *thoughts) {
    if (const auto* thought = each.if_object()) to.add_reasoning(view_of(*thought, "text"));
  }
}

// What a message and a delta have in common.
void take_texts(const json::object& from, reply_builder& to) {
  const auto thought = view_of(from, "reasoning_content");
  to.add_reasoning(thought.empty() ? view_of(from, "reasoning") : thought);
  to.add_text(view_of(from, "content"));
  if (const auto* parts = array_in(&from, "content")) {
    for (const auto& each : *parts) {
      if (const auto* part = each.if_object()) take_part(*part, to);
    }
  }
  to.add_refusal(view_of(from, "refusal"));
}

// A string, as documented; some servers send the object itself.
std::string arguments_in(const json::object* function) {
  const auto* value = function == nullptr ? nullptr : function->if_contains("arguments");
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

tool_call chat_call_in(const json::object& from) {
  const auto* function = object_in(&from, "function");
  return {.id = text_of(from, "id"),
          .name = function == nullptr ? "" : text_of(*function, "name"),
          .arguments = arguments_in(function)};
}

std::optional<error_words> failure_in_choice(const json::object& choice) {
  error_words out;
  if (is_error(choice)) {
    out = find_error_words(choice).value_or(error_words{});
  } else if (view_of(choice, "finish_reason") != "error") {
    return std::nullopt;
  }
  if (out.message.empty()) out.message = "the provider ended its answer by an error";
  out.unnamed = errc::server_error;
  return out;
}

// The parts of a whole answer that must be there; `problem` says what is wrong when one is not.
struct first_choice {
  const json::object* choice = nullptr;
  const json::object* message = nullptr;
  std::string problem{};
};

first_choice find_choice(const json::object& body) {
  first_choice out;
  const auto* choices = array_in(&body, "choices");
  if (choices == nullptr) {
    out.problem = "choices is missing or no array";
  } else if (choices->empty()) {
    out.problem = "choices is empty";
  } else if (out.choice = choices->front().if_object(); out.choice == nullptr) {
    out.problem = "choices[0] is no object";
  } else if (out.message = object_in(out.choice, "message"); out.message == nullptr) {
    out.problem = "choices[0].message is missing or no object";
  } else if (const auto* content = out.message->if_contains("content");
             content != nullptr && !content->is_string() && !content->is_null() && !content->is_array()) {
    out.problem = "choices[0].message.content is neither a string nor null";
  } else if (content == nullptr && !out.message->contains("tool_calls") && !out.message->contains("refusal")) {
    out.problem = "choices[0].message.content is missing";
  }
  return out;
}

}  // namespace

std::string read_openai_chat(const json::object& body, reply_builder& to) {
  auto found = find_choice(body);
  if (!found.problem.empty()) return std::move(found.problem);
  take_identity(body, to);
  take_texts(*found.message, to);
  if (const auto* calls = array_in(found.message, "tool_calls")) {
    for (const auto& each : *calls) {
      if (const auto* call = each.if_object()) to.start_call(chat_call_in(*call));
    }
  }
  take_chat_usage(body, to);
  const auto word = view_of(*found.choice, "finish_reason");
  to.finish(chat_finish(word, to), word);
  return {};
}

std::optional<error_words> failure_in_openai_chat(const json::object& body) {
  if (const auto* groq = object_in(&body, "x_groq"); groq != nullptr && is_error(*groq)) {
    return find_error_words(*groq).value_or(error_words{});
  }
  const auto* choices = array_in(&body, "choices");
  if (choices == nullptr) return std::nullopt;
  for (const auto& each : *choices) {
    const auto* choice = each.if_object();
    auto failure = choice == nullptr ? std::nullopt : failure_in_choice(*choice);
    if (failure) return failure;
  }
  return std::nullopt;
}

stream_step openai_chat_stream::on_event(std::string_view name, std::string_view data, reply_builder& to) {
  const event_data event(name, data, chat_events);
  if (event.step()) return *event.step();
  const auto& body = event.object();
  if (name == "error" || is_error(body)) return stream_step::failed(find_error_words(body).value_or(error_words{}));
  take_identity(body, to);
  if (const auto* choices = array_in(&body, "choices")) {
    for (const auto& each : *choices) {
      const auto* choice = each.if_object();
      if (choice != nullptr && !on_choice(*choice, to)) {
        return stream_step::nonsense("the stream has more choices than can be");
      }
    }
  }
  take_chat_usage(body, to);
  // What came with it came before it.
  if (auto words = failure_in_openai_chat(body)) return stream_step::failed(std::move(*words));
  return stream_step::go_on();
}

// The first choice is the answer; of others that were asked for by `extra_json` only the end is looked at.
bool openai_chat_stream::on_choice(const json::object& choice, reply_builder& to) {
  const auto index = count_in(&choice, "index");
  const auto word = view_of(choice, "finish_reason");
  if (!ends_.note(index, !word.empty())) return false;
  if (index != 0) return true;
  if (const auto* delta = object_in(&choice, "delta")) {
    take_texts(*delta, to);
    if (const auto* calls = array_in(delta, "tool_calls")) {
      for (const auto& each : *calls) {
        if (const auto* call = each.if_object()) on_call(*call, to);
      }
    }
  }
  if (word.empty()) return true;
  to.end_all_calls();
  to.finish(chat_finish(word, to), word);
  return true;
}

// A call begins with its id and name; fragments of its arguments follow by the index alone. Servers that do not count
// give each call a new id at the same index.
void openai_chat_stream::on_call(const json::object& call, reply_builder& to) {
  const auto index = count_in(&call, "index");
  const auto id = view_of(call, "id");
  const auto known = calls_.find(index);
  const bool is_new = known == calls_.end() || (!id.empty() && id != known->second.id);
  if (!is_new) {
    to.add_arguments(known->second.index, arguments_in(object_in(&call, "function")));
    return;
  }
  const auto started = to.start_call(chat_call_in(call));
  if (!to.is_over_limit()) calls_[index] = {.index = started, .id = std::string(id)};
}

}  // namespace warmwire::providers
