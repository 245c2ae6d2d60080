// OpenAI's Chat Completions, which many servers speak more or less. Pure.
#pragma once

#include "providers/api_stream.hpp"
#include "providers/chat_check.hpp"
#include "providers/choice_ends.hpp"
#include "providers/json_writer.hpp"
#include "providers/provider_config.hpp"
#include "providers/reply_builder.hpp"

#include <warmwire/chat.hpp>

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// The fields of the body, into an object that the caller opens and closes. The chat was checked.
void write_openai_chat(json_writer& to, const provider_config& config, const chat_request& chat, delivery how);

/// An answer that came whole. Says what is missing or of the wrong kind; nothing when all is well.
[[nodiscard]] std::string read_openai_chat(const boost::json::object& body, reply_builder& to);

/// The error that stands in a choice, as OpenRouter reports what its upstream did, or in Groq's own field; or nothing.
[[nodiscard]] std::optional<error_words> failure_in_openai_chat(const boost::json::object& body);

/// A stream. It is complete when every choice has a reason to have finished; `[DONE]` or the end of the stream ends it,
/// since usage may follow.
class openai_chat_stream {
 public:
  [[nodiscard]] stream_step on_event(std::string_view name, std::string_view data, reply_builder& to);
  [[nodiscard]] bool is_complete() const noexcept { return ends_.are_all(); }

 private:
  [[nodiscard]] bool on_choice(const boost::json::object& choice, reply_builder& to);
  void on_call(const boost::json::object& call, reply_builder& to);

  struct open_call {
    std::size_t index = 0;  ///< the builder's
    std::string id;
  };

  choice_ends ends_;
  std::map<std::int64_t, open_call> calls_;  // by the provider's index
};

}  // namespace warmwire::providers
