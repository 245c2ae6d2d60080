// What generateContent answers, whole and streamed: each event of a stream is such an answer.
#include "providers/event_data.hpp"
#include "providers/extra_fields.hpp"
#include "providers/gemini.hpp"
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

finish_reason gemini_finish(std::string_view text) {
  if (text == "STOP") return finish_reason::stop;
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

// An object, as documented; a gateway may send the text of one.
std::string args_in(const json::object& call) {
  const auto* args = call.if_contains("args");
  if (args == nullptr || args->is_null()) return "{}";
  return args->is_string() ? std::string(args->get_string()) : json::serialize(*args);
}

// What a call has beside its id, name and arguments, and beside its signature.
json::object rest_of_gemini_call(const json::object& part, const json::object& call) {
  auto rest = rest_in(part, {"functionCall"});
  if (!view_of(part, "thoughtSignature").empty()) rest.erase("thoughtSignature");
  auto inner = rest_in(call, {"name"});
  if (!text_of(call, "id").empty()) inner.erase("id");
  // Of none, and of an empty object, the call itself says the same.
  if (args_in(call) != "{}") inner.erase("args");
  if (!inner.empty()) rest["functionCall"] = std::move(inner);
  return rest;
}

void take_call(const json::object& part, const json::object& call, reply_builder& to) {
  // They come whole.
  to.end_call(to.start_call({.id = text_of(call, "id"),
                             .name = text_of(call, "name"),
                             .arguments = args_in(call),
                             .signature = text_of(part, "thoughtSignature"),
                             .extra = extra_of(rest_of_gemini_call(part, call))}));
}

bool is_thought(const json::object& part) {
  const auto* thought = part.if_contains("thought");
  return thought != nullptr && thought->is_bool() && thought->get_bool();
}

json::object rest_of_gemini_text(const json::object& part, bool thinks) {
  auto rest = rest_in(part, {"text"});
  if (thinks) rest.erase("thought");
  if (!view_of(part, "thoughtSignature").empty()) rest.erase("thoughtSignature");
  return rest;
}

void take_gemini_part(const json::object& part, reply_builder& to) {
  to.fill_provider_part(to.start_provider_part(), json::serialize(part));
}

// Text that follows text in a stream is one text that was cut, unless something is said of one of the pieces: what was
// signed must stay apart from what was not.
void take_gemini_text(const json::object& part, delivery how, reply_builder& to) {
  const bool thinks = is_thought(part);
  const auto signature = view_of(part, "thoughtSignature");
  const auto rest = rest_of_gemini_text(part, thinks);
  if (view_of(part, "text").empty() && signature.empty()) {
    if (!rest.empty()) take_gemini_part(part, to);
    return;
  }
  const bool stands_alone = how == delivery::whole || !signature.empty() || !rest.empty();
  if (stands_alone) to.end_part();
  if (thinks) {
    to.add_reasoning(view_of(part, "text"));
    to.sign_reasoning(signature);
  } else {
    to.add_text(view_of(part, "text"));
    to.sign_text(signature);
  }
  to.extend_last(rest);
  if (stands_alone) to.end_part();
}

void take_part(const json::object& part, delivery how, reply_builder& to) {
  if (const auto* call = object_in(&part, "functionCall")) {
    take_call(part, *call, to);
  } else if (part.contains("text")) {
    take_gemini_text(part, how, to);
  } else {
    take_gemini_part(part, to);
  }
}

// Of several that were asked for, the first; an index that is missing is 0. Else each is a piece of the answer.
bool is_of_answer(const json::object& candidate, answer_choices asked) {
  return asked == answer_choices::one || count_in(&candidate, "index") == 0;
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

bool has_reason(const json::object& body) {
  const auto* list = array_in(&body, "candidates");
  return list != nullptr && std::any_of(list->begin(), list->end(), [](const json::value& each) {
           const auto* candidate = each.if_object();
           return candidate != nullptr && !view_of(*candidate, "finishReason").empty();
         });
}

enum class finding : std::uint8_t { nothing, answer, refusal };

void take_candidate(const json::object& candidate, delivery how, reply_builder& to) {
  if (const auto* parts = array_in(object_in(&candidate, "content"), "parts")) {
    for (const auto& each : *parts) {
      if (const auto* part = each.if_object()) take_part(*part, how, to);
    }
  }
  const auto word = view_of(candidate, "finishReason");
  if (!word.empty()) to.finish(gemini_finish(word), word, view_of(candidate, "finishMessage"));
}

finding take_refusal(const json::object& body, reply_builder& to) {
  const auto* feedback = object_in(&body, "promptFeedback");
  const auto why = feedback == nullptr ? std::string_view() : view_of(*feedback, "blockReason");
  if (why.empty()) return finding::nothing;
  const auto message = view_of(*feedback, "blockReasonMessage");
  to.finish(finish_reason::content_filter, why, message);
  to.add_refusal(message.empty() ? why : message);
  return finding::refusal;
}

// Takes what there is of the answer, and tells what it is.
finding take_answer(const json::object& body, answer_choices asked, delivery how, reply_builder& to) {
  to.set_id(view_of(body, "responseId"));
  to.set_model(view_of(body, "modelVersion"));
  take_gemini_usage(body, to);
  auto out = finding::nothing;
  if (const auto* list = array_in(&body, "candidates")) {
    for (const auto& each : *list) {
      const auto* candidate = each.if_object();
      if (candidate == nullptr || !is_of_answer(*candidate, asked)) continue;
      take_candidate(*candidate, how, to);
      out = finding::answer;
    }
  }
  return out == finding::nothing ? take_refusal(body, to) : out;
}

}  // namespace

std::string read_gemini(const json::object& body, answer_choices asked, reply_builder& to) {
  if (take_answer(body, asked, delivery::whole, to) != finding::nothing) return {};
  return "there is no first candidate, and no reason why the prompt was blocked";
}

bool is_gemini_list(const json::array& list) {
  return std::any_of(list.begin(), list.end(), [](const json::value& each) {
    const auto* body = each.if_object();
    return body != nullptr && (body->contains("candidates") || body->contains("promptFeedback"));
  });
}

stream_step read_gemini_list(const json::array& list, answer_choices asked, reply_builder& to) {
  gemini_stream events(asked);
  for (const auto& each : list) {
    const auto* body = each.if_object();
    auto step = body == nullptr ? stream_step::go_on() : events.on_object(*body, to);
    if (step.what != stream_step::kind::go_on) return step;
  }
  if (events.is_complete()) return stream_step::ended();
  return stream_step::nonsense("no event of the list says that the answer is complete");
}

stream_step gemini_stream::on_event(std::string_view name, std::string_view data, reply_builder& to) {
  const event_data event(name, data, gemini_events);
  if (event.step()) return *event.step();
  auto step = on_object(event.object(), to);
  if (step.what != stream_step::kind::go_on) return step;
  if (auto words = event.failure()) return stream_step::failed(std::move(*words));
  const bool is_read = event.object().contains("candidates") || event.object().contains("promptFeedback") ||
                       event.object().contains("usageMetadata");
  return is_read ? stream_step::go_on() : event.ignored();
}

stream_step gemini_stream::on_object(const json::object& body, reply_builder& to) {
  const bool has_refused = take_answer(body, asked_, delivery::streamed, to) == finding::refusal;
  has_finished_ = has_finished_ || has_refused || has_reason(body);
  const bool is_within_limit =
      asked_ == answer_choices::one || (note_ends(body, ends_) && (!has_refused || ends_.note(0, true)));
  if (!is_within_limit) return stream_step::nonsense("the stream has more candidates than can be");
  // What came with it came before it.
  if (is_error(body)) return stream_step::failed(find_error_words(body).value_or(error_words{}));
  return stream_step::go_on();
}

}  // namespace warmwire::providers
