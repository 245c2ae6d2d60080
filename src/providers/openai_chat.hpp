// OpenAI's Chat Completions, which many servers speak more or less. Pure.
#pragma once

#include "providers/answer_choices.hpp"
#include "providers/api_stream.hpp"
#include "providers/chat_check.hpp"
#include "providers/choice_ends.hpp"
#include "providers/json_writer.hpp"
#include "providers/openai_choice.hpp"
#include "providers/provider_config.hpp"
#include "providers/reply_builder.hpp"

#include <warmwire/chat.hpp>

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// The fields of the body, into an object that the caller opens and closes. The chat was checked.
void write_openai_chat(json_writer& to, const provider_config& config, const chat_request& chat, delivery how);

/// An answer that came whole. Says what is missing or of the wrong kind; nothing when all is well.
[[nodiscard]] std::string read_openai_chat(const boost::json::object& body, answer_choices asked, reply_builder& to);

/// The error that stands in a choice, as OpenRouter reports what its upstream did, or in Groq's own field; or nothing.
[[nodiscard]] std::optional<error_words> failure_in_openai_chat(const boost::json::object& body);

/// A stream. It is complete when the answer, and every other choice that was asked for, has a reason to have finished;
/// `[DONE]` or the end of the stream ends it, since usage may follow, and with some servers more of the answer.
class openai_chat_stream {
 public:
  explicit openai_chat_stream(answer_choices asked) : asked_(asked) {}

  [[nodiscard]] stream_step on_event(std::string_view name, std::string_view data, reply_builder& to);
  [[nodiscard]] bool is_complete() const {
    return asked_ == answer_choices::one ? has_finished_ : ends_.contains(0) && ends_.are_all();
  }

 private:
  [[nodiscard]] bool on_choice(const boost::json::object& choice, bool is_whole, reply_builder& to);

  const answer_choices asked_;
  openai_choice answer_;
  bool has_finished_ = false;
  choice_ends ends_;  // where several were asked for
};

}  // namespace warmwire::providers
