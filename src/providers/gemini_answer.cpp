// What generateContent answers, whole and streamed: each event of a stream is such an answer.
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

finish_reason finish_of(std::string_view text, const reply_builder& so_far) {
  if (text == "STOP") return so_far.has_calls() ? finish_reason::tool_calls : finish_reason::stop;
  if (text == "MAX_TOKENS") return finish_reason::length;
  const bool is_held_back = std::find(held_back.begin(), held_back.end(), text) != held_back.end();
  return is_held_back ? finish_reason::content_filter : finish_reason::other;
}

void take_usage(const json::object& body, reply_builder& to) {
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

enum class finding : std::uint8_t { nothing, answer, last_answer };

// Takes what there is of an answer, and tells whether it is its end.
finding take_answer(const json::object& body, reply_builder& to) {
  to.set_id(view_of(body, "responseId"));
  to.set_model(view_of(body, "modelVersion"));
  take_usage(body, to);
  const auto* candidates = array_in(&body, "candidates");
  const auto* candidate = candidates == nullptr || candidates->empty() ? nullptr : candidates->front().if_object();
  if (candidate == nullptr) {
    const auto* feedback = object_in(&body, "promptFeedback");
    const auto why = feedback == nullptr ? std::string_view() : view_of(*feedback, "blockReason");
    if (why.empty()) return finding::nothing;
    to.finish(finish_reason::content_filter, why);
    to.add_refusal(why);
    return finding::last_answer;
  }
  if (const auto* parts = array_in(object_in(candidate, "content"), "parts")) {
    for (const auto& each : *parts) {
      if (const auto* part = each.if_object()) take_part(*part, view_of(body, "responseId"), to);
    }
  }
  const auto word = view_of(*candidate, "finishReason");
  if (word.empty()) return finding::answer;
  to.finish(finish_of(word, to), word);
  return finding::last_answer;
}

}  // namespace

std::string read_gemini(const json::object& body, reply_builder& to) {
  if (take_answer(body, to) != finding::nothing) return {};
  return "there are no candidates, and no reason why the prompt was blocked";
}

stream_step gemini_stream::on_event(std::string_view /*name*/, std::string_view data, reply_builder& to) {
  if (data.empty()) return stream_step::go_on();
  const json_document event(data);
  if (!event.problem().empty()) return stream_step::nonsense("an event of the stream is not JSON");
  if (const auto* list = event.root().if_array(); list != nullptr && list->size() == 1) {
    if (auto words = find_error_words(list->front())) return stream_step::failed(std::move(*words));
  }
  const auto* body = event.object();
  if (body == nullptr) return stream_step::nonsense("an event of the stream is no JSON object");
  if (is_error(*body)) return stream_step::failed(find_error_words(*body).value_or(error_words{}));
  if (take_answer(*body, to) == finding::last_answer) is_complete_ = true;
  return stream_step::go_on();
}

}  // namespace warmwire::providers
