// What happens while an answer is streamed, one typed event at a time. Plain values.
#pragma once

#include <warmwire/chat.hpp>
#include <warmwire/detail/visibility.hpp>

#include <cstddef>
#include <string>
#include <variant>

namespace WARMWIRE_PUBLIC warmwire {

struct text_delta {
  std::string text;
};

struct reasoning_delta {
  std::string text;
};

struct refusal_delta {
  std::string text;
};

/// `index` counts the calls of one answer from 0. Calls may run side by side.
struct tool_call_started {
  std::size_t index = 0;
  std::string id;
  std::string name;
};

struct tool_call_arguments {
  std::size_t index = 0;
  std::string fragment;
};

/// `call` is whole: it may be carried out. One that the limit of tokens has cut has no such event.
struct tool_call_ended {
  std::size_t index = 0;
  tool_call call;
};

/// The count so far; a later one replaces it.
struct usage_reported {
  warmwire::usage usage;
};

/// A sign of life of a provider that has nothing to say yet.
struct ping {};

/// The last event: the answer is complete.
struct chat_finished {
  finish_reason finish = finish_reason::other;
  std::string finish_text;
  std::string finish_message{};
};

using stream_event = std::variant<text_delta, reasoning_delta, refusal_delta, tool_call_started, tool_call_arguments,
                                  tool_call_ended, usage_reported, ping, chat_finished>;

}  // namespace warmwire
