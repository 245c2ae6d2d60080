// A chat's answer while it arrives: bytes in, typed events out. Pure: whoever owns it reads the bytes from a
// connection.
#pragma once

#include "http/sse_parser.hpp"
#include "providers/answer_choices.hpp"
#include "providers/anthropic.hpp"
#include "providers/body_kind.hpp"
#include "providers/gemini.hpp"
#include "providers/json_document.hpp"
#include "providers/openai_chat.hpp"
#include "providers/openai_responses.hpp"
#include "providers/provider_config.hpp"
#include "providers/reply_builder.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>
#include <warmwire/request.hpp>
#include <warmwire/stream_event.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace warmwire::providers {

/// Used by turns: `next` until it has no event, then `feed` more bytes, or `end` or `fail` when there are none. It is
/// over when `next` has returned an error, or when `is_finished`: after the provider's terminal marker. Then nothing of
/// the body that still comes matters.
///
/// A success without events, because the server answered in one piece, comes out as the events that it would have been.
/// What is neither events nor JSON (a proxy's page) is `unexpected_body` and told by its beginning. An event that no
/// blank line ends at the end of the body counts where it is whole.
class chat_stream {
 public:
  /// `head` is the response without its body; its status is a success, others are for `decode_error`.
  chat_stream(std::shared_ptr<const provider_config> config, response head, answer_choices asked = answer_choices::one);

  void feed(std::string_view bytes);
  /// The body has ended.
  void end();
  /// The body cannot be read further. What is complete by then is a success all the same.
  void fail(error reason);

  /// The next event, or nothing when more bytes are needed or none matter any more. Errors come after all events that
  /// arrived before them: the provider's own, `stream_interrupted`, `unexpected_body`, `response_too_large`, and what
  /// `fail` was told; `error::partial` is what had arrived.
  [[nodiscard]] result<std::optional<stream_event>> next();

  /// After `end`: the text of an answer that came whole, for whoever wants to parse it in slices.
  [[nodiscard]] std::string_view whole_text() const noexcept { return whole_; }
  void take_parsed(std::unique_ptr<json_document> whole) noexcept { parsed_ = std::move(whole); }

  [[nodiscard]] bool is_finished() const noexcept { return is_over_ && !failure_; }
  /// What has come would be a success if the body ended now, although more may come.
  [[nodiscard]] bool is_complete() const;
  /// The whole reply, once it is finished; before, what there is so far.
  [[nodiscard]] chat_reply reply() const;
  /// What the transport measures goes on until the end.
  void set_provenance(provenance measured) { head_.provenance = std::move(measured); }

 private:
  using api_stream = std::variant<openai_chat_stream, responses_stream, anthropic_stream, gemini_stream>;

  static api_stream stream_of(wire_api api, answer_choices asked);
  void take(std::string_view bytes);
  void read_rest();
  void read_event();
  void on_other_lines(std::string_view lines);
  void on_event(std::string_view name, std::string_view data);
  void obey(stream_step step);
  void conclude();
  void conclude_whole();
  [[nodiscard]] error early_end() const;
  void add_unread(error& to) const;
  void add_what_came_before(error& broken) const;
  void stop_with(error reason);

  const std::shared_ptr<const provider_config> config_;
  provider_answer head_;
  body_kind kind_ = body_kind::unknown;
  std::string beginning_;   // while that is unknown
  std::size_t blanks_ = 0;  // in front of it
  http::sse_parser parser_;
  std::string whole_;  // of an answer that is no event stream
  std::unique_ptr<json_document> parsed_;
  const answer_choices asked_;
  api_stream api_;
  reply_builder pieces_;
  std::uint64_t body_bytes_ = 0;
  std::string last_event_id_;
  std::string unread_;       // what came last that was not understood
  bool needs_bytes_ = true;  // the parser has given all it has
  bool has_ended_ = false;
  bool is_at_rest_ = false;      // what the parser has may have been cut
  std::optional<error> broken_;  // why no more bytes come
  bool is_over_ = false;
  std::optional<error> failure_;
};

}  // namespace warmwire::providers
