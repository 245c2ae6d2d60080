// Google's Gemini, generateContent and its siblings. Pure.
#pragma once

#include "providers/answer_choices.hpp"
#include "providers/api_stream.hpp"
#include "providers/choice_ends.hpp"
#include "providers/delivery.hpp"
#include "providers/json_writer.hpp"
#include "providers/provider_config.hpp"
#include "providers/reply_builder.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>

namespace warmwire::providers {

/// "models/gemini-…", or what the name says when it has a kind of its own, such as "tunedModels/…".
[[nodiscard]] std::string gemini_model(std::string_view model);
/// The path of a call of a model, such as "generateContent".
[[nodiscard]] std::string gemini_path(std::string_view model, std::string_view call);

/// The fields of the body, into an object that the caller opens and closes. The chat was checked.
void write_gemini(json_writer& to, const provider_config& config, std::string_view model, const chat_request& chat);
/// The body for `countTokens`, with `extra_json` where the fields of a chat are.
/// Errors: `invalid_option`, as `merged`.
[[nodiscard]] result<std::string> gemini_count_body(const provider_config& config, std::string_view model,
                                                    const chat_request& chat);

/// An answer that came whole. Says what is missing or of the wrong kind; nothing when all is well. A prompt that was
/// blocked is an answer that refuses. Of several candidates the first is the answer.
[[nodiscard]] std::string read_gemini(const boost::json::object& body, answer_choices asked, reply_builder& to);

/// Whether a list holds events of a stream, and what comes of them: `ended`, or what is wrong. A server that ignores
/// `alt=sse` sends them so.
[[nodiscard]] bool is_gemini_list(const boost::json::array& list);
[[nodiscard]] stream_step read_gemini_list(const boost::json::array& list, answer_choices asked, reply_builder& to);

/// A stream. Nothing marks its end: it is complete when it ends after a reason to have finished for the answer, and for
/// each other candidate where several were asked for, or to have refused.
class gemini_stream {
 public:
  explicit gemini_stream(answer_choices asked) : asked_(asked) {}

  [[nodiscard]] stream_step on_event(std::string_view name, std::string_view data, reply_builder& to);
  [[nodiscard]] stream_step on_object(const boost::json::object& body, reply_builder& to);
  [[nodiscard]] bool is_complete() const {
    return asked_ == answer_choices::one ? has_finished_ : ends_.contains(0) && ends_.are_all();
  }

 private:
  const answer_choices asked_;
  bool has_finished_ = false;
  choice_ends ends_;  // of the candidates, where several were asked for
};

}  // namespace warmwire::providers
