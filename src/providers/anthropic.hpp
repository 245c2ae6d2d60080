// Anthropic's Messages. Pure.
#pragma once

#include "providers/api_stream.hpp"
#include "providers/delivery.hpp"
#include "providers/json_writer.hpp"
#include "providers/reply_builder.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// An answer of `max_tokens` is expected to take 3,600 s × max_tokens / 128,000; one that takes more than 600 s must be
/// streamed, unless the caller gave a deadline and so knows. Errors: `invalid_option`.
[[nodiscard]] result<void> check_anthropic_time(const chat_request& chat, delivery how);

/// The fields of the body, into an object that the caller opens and closes. The chat was checked.
void write_anthropic(json_writer& to, std::string_view model, const chat_request& chat, delivery how);
/// The fields that count for `count_tokens`.
void write_anthropic_count(json_writer& to, std::string_view model, const chat_request& chat);

/// An answer that came whole. Says what is missing or of the wrong kind; nothing when all is well.
[[nodiscard]] std::string read_anthropic(const boost::json::object& body, reply_builder& to);

/// A stream. It is complete with `message_stop`.
class anthropic_stream {
 public:
  [[nodiscard]] stream_step on_event(std::string_view name, std::string_view data, reply_builder& to);
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }

 private:
  void on_block_start(const boost::json::object& event, reply_builder& to);
  void on_block_delta(const boost::json::object& event, reply_builder& to);
  void on_block_stop(const boost::json::object& event, reply_builder& to);

  struct open_call {
    std::size_t call = 0;  ///< the builder's
    std::string input;     ///< that came with its beginning, and counts where no deltas come
  };

  static void take_input(const open_call& of, reply_builder& to);

  std::map<std::int64_t, open_call> calls_;  // by the block's index
  bool is_complete_ = false;
};

}  // namespace warmwire::providers
