// Anthropic's Messages. Pure.
#pragma once

#include "providers/api_stream.hpp"
#include "providers/delivery.hpp"
#include "providers/json_writer.hpp"
#include "providers/provider_config.hpp"
#include "providers/reply_builder.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>

#include <boost/json/fwd.hpp>
#include <boost/json/object.hpp>

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
void write_anthropic(json_writer& to, const provider_config& config, std::string_view model, const chat_request& chat,
                     delivery how);
/// The fields that count for `count_tokens`.
void write_anthropic_count(json_writer& to, const provider_config& config, std::string_view model,
                           const chat_request& chat);

/// An answer that came whole. Says what is missing or of the wrong kind; nothing when all is well.
[[nodiscard]] std::string read_anthropic(const boost::json::object& body, reply_builder& to);

/// The blocks of an answer, each from its beginning to its end. What no part of the reply has a place for is kept, so
/// that each goes back as it came.
class anthropic_blocks {
 public:
  void start(std::int64_t index, const boost::json::object& block, reply_builder& to);
  void add(std::int64_t index, const boost::json::object& delta, reply_builder& to);
  void end(std::int64_t index, reply_builder& to);
  void end_all(reply_builder& to);
  void take_whole(const boost::json::array& blocks, reply_builder& to);

 private:
  struct open_block {
    boost::json::object rest;          // the whole block where no part names it
    std::string input;                 // of such a one while it comes; of a call what came with its beginning
    std::optional<std::size_t> call;   // the builder's index of it
    std::optional<std::size_t> other;  // the builder's part for it
  };

  static void add_input(open_block& to_block, std::string_view piece, reply_builder& to);
  static void take_input(const open_block& of, reply_builder& to);
  static void add_other(boost::json::object& block, std::string_view type, const boost::json::object& delta);

  std::map<std::int64_t, open_block> open_;
};

/// A stream. It is complete with `message_stop`.
class anthropic_stream {
 public:
  [[nodiscard]] stream_step on_event(std::string_view name, std::string_view data, reply_builder& to);
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }

 private:
  anthropic_blocks blocks_;
  bool is_complete_ = false;
};

}  // namespace warmwire::providers
