// OpenAI's Responses. Pure.
#pragma once

#include "providers/api_stream.hpp"
#include "providers/delivery.hpp"
#include "providers/json_writer.hpp"
#include "providers/provider_config.hpp"
#include "providers/reply_builder.hpp"
#include "providers/responses_items.hpp"

#include <warmwire/chat.hpp>

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// The fields of the body, into an object that the caller opens and closes. The chat was checked.
void write_responses(json_writer& to, const provider_config& config, const chat_request& chat, delivery how);

/// An answer that came whole. Says what is missing or of the wrong kind; nothing when all is well. `failed` answers are
/// for the caller to look for.
[[nodiscard]] std::string read_responses(const boost::json::object& body, reply_builder& to);

/// The error of an answer that says that it failed, or nothing.
[[nodiscard]] std::optional<error_words> failure_in_responses(const boost::json::object& body);

/// A stream. It is complete with its one terminal event.
class responses_stream {
 public:
  [[nodiscard]] stream_step on_event(std::string_view name, std::string_view data, reply_builder& to);
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }

 private:
  void on_created(const boost::json::object& event, reply_builder& to);
  void on_text(std::string_view type, const boost::json::object& event, reply_builder& to);
  [[nodiscard]] stream_step on_terminal(std::string_view type, const boost::json::object& event, reply_builder& to);

  responses_items items_;
  bool is_complete_ = false;
};

}  // namespace warmwire::providers
