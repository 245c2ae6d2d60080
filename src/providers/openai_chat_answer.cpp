// What Chat Completions answer, whole and streamed.
#include "http/ascii.hpp"
#include "providers/event_data.hpp"
#include "providers/json_document.hpp"
#include "providers/openai_chat.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 1> chat_events{"error"};

struct finish_word {
  std::string_view word;
  finish_reason reason;
};

// OpenAI's, and those of the engines and APIs that servers pass on.
constexpr std::array finish_words{finish_word{"stop", finish_reason::stop},
                                  finish_word{"eos", finish_reason::stop},
                                  finish_word{"eos_token", finish_reason::stop},
                                  finish_word{"end_turn", finish_reason::stop},
                                  finish_word{"stop_sequence", finish_reason::stop},
                                  finish_word{"complete", finish_reason::stop},
                                  finish_word{"length", finish_reason::length},
                                  finish_word{"max_tokens", finish_reason::length},
                                  finish_word{"model_length", finish_reason::length},
                                  finish_word{"content_filter", finish_reason::content_filter},
                                  finish_word{"safety", finish_reason::content_filter},
                                  finish_word{"sensitive", finish_reason::content_filter},
                                  finish_word{"tool_calls", finish_reason::tool_calls},
                                  finish_word{"function_call", finish_reason::tool_calls},
                                  finish_word{"tool_use", finish_reason::tool_calls}};

finish_reason chat_finish(std::string_view text) {
  const auto* const known = std::find_if(finish_words.begin(), finish_words.end(),
                                         [&](const finish_word& each) { return http::iequals(each.word, text); });
  return known == finish_words.end() ? finish_reason::other : known->reason;
}

std::int64_t cached_tokens_in(const json::object& from) {
  const auto count = count_in(object_in(&from, "prompt_tokens_details"), "cached_tokens");
  return count == 0 ? count_in(&from, "prompt_cache_hit_tokens") : count;  // DeepSeek's
}

// Some pass on what another API calls them.
std::int64_t either_count(const json::object& from, std::string_view name, std::string_view other) {
  const auto count = count_in(&from, name);
  return count == 0 ? count_in(&from, other) : count;
}

usage usage_in(const json::object& from) {
  return {.input_tokens = either_count(from, "prompt_tokens", "input_tokens"),
          .output_tokens = either_count(from, "completion_tokens", "output_tokens"),
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

// Of several that were asked for, the first; else all of them: some servers put the text into one and the calls into
// another.
std::vector<const json::value*> choices_in(const json::array& choices, answer_choices asked) {
  std::vector<const json::value*> out;
  for (const auto& each : choices) {
    const auto* choice = each.if_object();
    const bool is_first = choice == nullptr || count_in(choice, "index") == 0;
    if (asked == answer_choices::one || (is_first && out.empty())) out.push_back(&each);
  }
  if (out.empty()) out.push_back(&choices.front());
  return out;
}

std::string take_whole_choice(const json::value& from, reply_builder& to) {
  const auto* choice = from.if_object();
  if (choice == nullptr) return "choices[0] is no object";
  auto problem = read_openai_choice(*choice, to);
  take_chat_usage(*choice, to);
  if (const auto word = view_of(*choice, "finish_reason"); !word.empty()) to.finish(chat_finish(word), word);
  return problem;
}

}  // namespace

std::string read_openai_chat(const json::object& body, answer_choices asked, reply_builder& to) {
  const auto* choices = array_in(&body, "choices");
  if (choices == nullptr) return "choices is missing or no array";
  if (choices->empty()) return "choices is empty";
  take_identity(body, to);
  std::string problem;
  for (const auto* each : choices_in(*choices, asked)) {
    auto wrong = take_whole_choice(*each, to);
    if (each == &choices->front()) problem = std::move(wrong);
  }
  take_chat_usage(body, to);
  return problem;
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
  take_identity(body, to);
  const bool is_whole = view_of(body, "object") == "chat.completion";
  if (const auto* choices = array_in(&body, "choices")) {
    for (const auto& each : *choices) {
      const auto* choice = each.if_object();
      if (choice != nullptr && !on_choice(*choice, is_whole, to)) {
        return stream_step::nonsense("the stream has more choices than can be");
      }
    }
  }
  take_chat_usage(body, to);
  // What came with it came before it.
  if (auto words = event.failure()) return stream_step::failed(std::move(*words));
  if (auto words = failure_in_openai_chat(body)) return stream_step::failed(std::move(*words));
  return body.contains("choices") || body.contains("usage") ? stream_step::go_on() : event.ignored();
}

bool openai_chat_stream::on_choice(const json::object& choice, bool is_whole, reply_builder& to) {
  const auto word = view_of(choice, "finish_reason");
  if (asked_ == answer_choices::several) {
    const auto index = count_in(&choice, "index");
    if (!ends_.note(index, !word.empty())) return false;
    if (index != 0) return true;
  }
  answer_.take(choice, is_whole || !word.empty(), to);
  take_chat_usage(choice, to);
  if (word.empty()) return true;
  has_finished_ = true;
  to.finish(chat_finish(word), word);
  return true;
}

}  // namespace warmwire::providers
