#include "providers/openai_choice.hpp"

#include "providers/extra_fields.hpp"
#include "providers/json_document.hpp"
#include "providers/openai_chat_history.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

using said_texts = std::vector<said_text>;

void say(said_text::kind what, std::string_view text, said_texts& to) {
  if (!text.empty()) to.push_back({what, std::string(text)});
}

// A text, or parts of one, of which Mistral marks its thoughts.
void read_content(const json::value* content, said_text::kind what, said_texts& to) {
  if (content == nullptr) return;
  if (const auto* text = content->if_string()) return say(what, *text, to);
  if (content->is_number()) return say(what, json::serialize(*content), to);
  if (const auto* parts = content->if_array()) {
    for (const auto& each : *parts)
      read_content(&each, what, to);
  }
  const auto* part = content->if_object();
  if (part == nullptr) return;
  const auto type = view_of(*part, "type");
  if (type == "thinking" || type == "reasoning") what = said_text::kind::thought;
  read_content(part->if_contains("thinking"), said_text::kind::thought, to);
  read_content(part->if_contains("refusal"), said_text::kind::refusal, to);
  read_content(part->if_contains("text"), what, to);
  read_content(part->if_contains("value"), what, to);
}

// What a message and a delta have in common. Some servers say one thought under two names.
said_texts texts_in(const json::object& from) {
  said_texts out;
  for (const auto* field : {"reasoning_content", "reasoning", "thinking"}) {
    if (out.empty()) read_content(from.if_contains(field), said_text::kind::thought, out);
  }
  read_content(from.if_contains("content"), said_text::kind::content, out);
  read_content(from.if_contains("refusal"), said_text::kind::refusal, out);
  return out;
}

void tell_text(const said_text& piece, reply_builder& to) {
  switch (piece.what) {
    case said_text::kind::content:
      return to.add_text(piece.text);
    case said_text::kind::thought:
      return to.add_reasoning(piece.text);
    case said_text::kind::refusal:
      return to.add_refusal(piece.text);
  }
}

std::size_t number_of_kind(said_text::kind what) {
  return static_cast<std::size_t>(what);
}

// One of each kind.
said_texts joined(said_texts pieces) {
  said_texts out;
  for (auto& each : pieces) {
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const said_text& other) { return other.what == each.what; });
    if (same == out.end()) {
      out.push_back(std::move(each));
    } else {
      same->text += each.text;
    }
  }
  return out;
}

// Each in its place, in whatever form.
std::vector<call_piece> calls_in(const json::object& from) {
  std::vector<call_piece> out;
  if (const auto* list = array_in(&from, "tool_calls")) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (const auto* call = (*list)[i].if_object()) out.push_back(read_call_piece(*call, i));
    }
  } else if (const auto* one = object_in(&from, "tool_calls")) {
    out.push_back(read_call_piece(*one, 0));
  }
  // There was one call before there were several, and some servers send both.
  if (const auto* old = object_in(&from, "function_call"); old != nullptr && out.empty()) {
    out.push_back(read_function_call(*old));
  }
  return out;
}

bool says_nothing(const json::object& from) {
  return texts_in(from).empty() && calls_in(from).empty();
}

// Where the content of a whole message should be; some leave it out when all tokens went into thoughts.
std::string problem_of(const json::object& choice, const json::object& message) {
  const auto* content = message.if_contains("content");
  if (content != nullptr && (content->is_number() || content->is_bool())) {
    return "choices[0].message.content is neither a string nor null";
  }
  const bool is_ended = !view_of(choice, "finish_reason").empty();
  if (content == nullptr && !is_ended && !message.contains("tool_calls") && says_nothing(message)) {
    return "choices[0].message.content is missing";
  }
  return {};
}

}  // namespace

void openai_choice::take(const json::object& choice, bool is_last, reply_builder& to) {
  const auto* delta = object_in(&choice, "delta");
  if (delta != nullptr) take_openai_fields(*delta, delivery::streamed, to);
  const auto texts = delta == nullptr ? said_texts() : texts_in(*delta);
  const auto calls = delta == nullptr ? std::vector<call_piece>() : calls_in(*delta);
  if (!texts.empty() || !calls.empty()) {
    has_deltas_ = true;
    for (const auto& each : texts)
      take_text(each, to);
    take_calls(calls, to);
  } else if (const auto* message = object_in(&choice, "message")) {
    take_message(*message, is_last, to);
    if (!has_deltas_) take_openai_fields(*message, delivery::streamed, to);
  } else {
    take_text({said_text::kind::content, text_of(choice, "text")}, to);
  }
}

void openai_choice::take_text(const said_text& piece, reply_builder& to) {
  told_[number_of_kind(piece.what)].add(piece.text);
  tell_text(piece, to);
}

void openai_choice::take_calls(const std::vector<call_piece>& calls, reply_builder& to) {
  calls_.begin_delta();
  for (const auto& each : calls)
    calls_.take(each, to);
}

void openai_choice::take_message(const json::object& message, bool is_last, reply_builder& to) {
  for (auto& each : joined(texts_in(message))) {
    const auto& told = told_[number_of_kind(each.what)];
    const auto rest = told.rest_of({each.text}).front();
    const bool is_so_far = told.is_beginning_of(each.text);
    // Behind deltas it is all of them; else it is all so far, or a piece.
    if (has_deltas_ || (is_so_far && (is_last || !rest.empty()))) each.text = std::string(rest);
    take_text(each, to);
  }
  const auto calls = calls_in(message);
  if (!has_deltas_) return take_calls(calls, to);
  for (auto i = calls_.count(); i < calls.size(); ++i)
    calls_.take(calls[i], to);
}

std::string read_openai_choice(const json::object& choice, reply_builder& to) {
  const auto* message = object_in(&choice, "message");
  if (message == nullptr) message = object_in(&choice, "delta");
  if (message == nullptr) {
    const auto text = view_of(choice, "text");
    to.add_text(text);
    return text.empty() ? "choices[0].message is missing or no object" : "";
  }
  if (auto problem = problem_of(choice, *message); !problem.empty()) return problem;
  for (const auto& each : texts_in(*message))
    tell_text(each, to);
  take_openai_fields(*message, delivery::whole, to);
  for (auto& each : calls_in(*message)) {
    const auto extra = extra_of(each.extra);
    if (each.is_text) {
      const auto call = to.begin_call({.id = std::string(each.id), .name = std::move(each.name), .extra = extra});
      to.take_arguments_as_text(call);
      to.tell_calls();
      to.add_arguments(call, each.arguments);
    } else {
      to.start_call({.id = std::string(each.id),
                     .name = std::move(each.name),
                     .arguments = std::move(each.arguments),
                     .extra = extra});
    }
  }
  return {};
}

}  // namespace warmwire::providers
