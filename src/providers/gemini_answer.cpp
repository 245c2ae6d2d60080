// What generateContent answers, whole and streamed: each event of a stream is such an answer.
#include "providers/event_data.hpp"
#include "providers/gemini.hpp"
#include "providers/gemini_calls.hpp"
#include "providers/json_document.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 1> gemini_events{"error"};

constexpr std::array<std::string_view, 13> held_back{"SAFETY",
                                                     "RECITATION",
                                                     "LANGUAGE",
                                                     "BLOCKLIST",
                                                     "PROHIBITED_CONTENT",
                                                     "SPII",
                                                     "IMAGE_SAFETY",
                                                     "IMAGE_PROHIBITED_CONTENT",
                                                     "IMAGE_RECITATION",
                                                     "IMAGE_OTHER",
                                                     "NO_IMAGE",
                                                     "MODEL_ARMOR",
                                                     "JAILBREAK"};

finish_reason gemini_finish(std::string_view text, const reply_builder& so_far) {
  if (text == "STOP") return so_far.has_calls() ? finish_reason::tool_calls : finish_reason::stop;
  if (text == "MAX_TOKENS") return finish_reason::length;
  const bool is_held_back = std::find(held_back.begin(), held_back.end(), text) != held_back.end();
  return is_held_back ? finish_reason::content_filter : finish_reason::other;
}

void take_gemini_usage(const json::object& body, reply_builder& to) {
  const auto* tokens = object_in(&body, "usageMetadata");
  if (tokens == nullptr) return;
  const auto thoughts = count_in(tokens, "thoughtsTokenCount");
  to.count({.input_tokens = count_in(tokens, "promptTokenCount") + count_in(tokens, "toolUsePromptTokenCount"),
            .output_tokens = count_in(tokens, "candidatesTokenCount") + thoughts,
            .total_tokens = count_in(tokens, "totalTokenCount"),
            .cached_tokens = count_in(tokens, "cachedContentTokenCount"),
            .reasoning_tokens = thoughts});
}

void take_call(const json::object& part, const json::object& call, std::string_view answer, reply_builder& to) {
  const auto* args = object_in(&call, "args");
  tool_call made{.id = text_of(call, "id"),
                 .name = text_of(call, "name"),
                 .arguments = args == nullptr ? "{}" : json::serialize(*args),
                 .signature = text_of(part, "thoughtSignature")};
  if (made.id.empty()) made.id = made_up_id(answer, to.call_count());
  // They come whole.
  to.end_call(to.start_call(std::move(made)));
}

void take_part(const json::object& part, std::string_view answer, reply_builder& to) {
  if (const auto* call = object_in(&part, "functionCall")) {
    take_call(part, *call, answer, to);
    return;
  }
  const auto* thought = part.if_contains("thought");
  if (thought != nullptr && thought->is_bool() && thought->get_bool()) {
    to.add_reasoning(view_of(part, "text"));
    return;
  }
  to.add_text(view_of(part, "text"));
  if (const auto signature = view_of(part, "thoughtSignature"); !signature.empty()) {
    to.sign_text(signature);
    // What follows has not been signed.
    to.end_part();
  }
}

// Others were asked for by `extra_json`. An index that is missing is 0.
const json::object* first_candidate(const json::object& body) {
  const auto* list = array_in(&body, "candidates");
  if (list == nullptr) return nullptr;
  for (const auto& each : *list) {
    const auto* candidate = each.if_object();
    if (candidate != nullptr && count_in(candidate, "index") == 0) return candidate;
  }
  return nullptr;
}

// Whether there are no more of them than can be.
bool note_ends(const json::object& body, choice_ends& ends) {
  const auto* list = array_in(&body, "candidates");
  if (list == nullptr) return true;
  return std::all_of(list->begin(), list->end(), [&](const json::value& each) {
    const auto* candidate = each.if_object();
    return candidate == nullptr ||
           ends.note(count_in(candidate, "index"), !view_of(*candidate, "finishReason").empty());
  });
}

enum class finding : std::uint8_t { nothing, answer, refusal };

// Takes what there is of the answer, and tells what it is.
finding take_answer(const json::object& body, reply_builder& to) {
  to.set_id(view_of(body, "responseId"));
  to.set_model(view_of(body, "modelVersion"));
  take_gemini_usage(body, to);
  const auto* candidate = first_candidate(body);
  if (candidate == nullptr) {
    const auto* feedback = object_in(&body, "promptFeedback");
    const auto why = feedback == nullptr ? std::string_view() : view_of(*feedback, "blockReason");
    if (why.empty()) return finding::nothing;
    to.finish(finish_reason::content_filter, why);
    to.add_refusal(why);
    return finding::refusal;
  }
  if (const auto* parts = array_in(object_in(candidate, "content"), "parts")) {
    for (const auto& each : *parts) {
      if (const auto* part = each.if_object()) take_part(*part, view_of(body, "responseId"), to);
    }
  }
  const auto word = view_of(*candidate, "finishReason");
  if (!word.empty()) to.finish(gemini_finish(word, to), word);
  return finding::answer;
}

}  // namespace

std::string read_gemini(const json::object& body, reply_builder& to) {
  if (take_answer(body, to) != finding::nothing) return {};
  return "there is no first candidate, and no reason why the prompt was blocked";
}

stream_step gemini_stream::on_event(std::string_view name, std::string_view data, reply_builder& to) {
  const event_data event(name, data, gemini_events);
  if (event.step()) return *event.step();
  const auto& body = event.object();
  if (is_error(body)) return stream_step::failed(find_error_words(body).value_or(error_words{}));
  const bool has_refused = take_answer(body, to) == finding::refusal;
  const bool is_within_limit = note_ends(body, ends_) && (!has_refused || ends_.note(0, true));
  if (!is_within_limit) return stream_step::nonsense("the stream has more candidates than can be");
  return stream_step::go_on();
}

}  // namespace warmwire::providers
