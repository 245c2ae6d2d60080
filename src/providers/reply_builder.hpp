// Puts a reply together from its pieces, whole or streamed, and tells what each piece is. Pure.
#pragma once

#include "providers/delivery.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/stream_event.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::providers {

/// More is a peer that wants our memory: nothing further is taken, see `is_over_limit`.
inline constexpr std::size_t max_reply_bytes = std::size_t{64} << 20;
inline constexpr std::size_t max_tool_calls = 1024;

/// Pieces are added in the order of the answer; each makes an event where the answer is streamed. Text that follows
/// text continues it, unless a part was ended between them.
class reply_builder {
 public:
  explicit reply_builder(delivery how, std::size_t max_bytes = max_reply_bytes) : how_(how), max_bytes_(max_bytes) {}

  void add_text(std::string_view text);
  void add_refusal(std::string_view text);
  void add_reasoning(std::string_view text);
  /// What the provider says of the part that was added last: a proof, an id, what is not shown.
  void sign_text(std::string_view signature);
  void sign_reasoning(std::string_view signature);
  void add_hidden_reasoning(std::string_view id, std::string_view encrypted);
  void end_part() { is_open_ = false; }
  void ping() { tell(warmwire::ping{}); }

  /// The index of the new call, for the functions below.
  std::size_t start_call(tool_call call);
  void add_arguments(std::size_t index, std::string_view fragment);
  void end_call(std::size_t index);
  void end_all_calls();
  [[nodiscard]] bool has_calls() const noexcept { return !calls_.empty(); }
  [[nodiscard]] std::size_t call_count() const noexcept { return calls_.size(); }

  /// Replaces what was counted before; an event when it differs.
  void count(const usage& tokens);
  [[nodiscard]] const warmwire::usage& counted() const noexcept { return reply_.usage; }

  void set_id(std::string_view id);
  void set_model(std::string_view model);
  void finish(finish_reason reason, std::string_view text);

  /// The answer is complete: ends what is open, and makes the last event.
  void complete();

  [[nodiscard]] bool is_over_limit() const noexcept { return is_over_limit_; }
  [[nodiscard]] std::optional<stream_event> next_event();
  /// What there is so far.
  [[nodiscard]] chat_reply reply() const;

 private:
  struct call_state {
    std::size_t part = 0;  // where it stands in the message
    bool is_ended = false;
  };

  template <class Part>
  Part& open_part();
  tool_call& call_at(std::size_t index);
  [[nodiscard]] bool take(std::size_t bytes);
  template <class Event>
  void tell(Event event) {
    if (how_ == delivery::streamed) events_.emplace_back(std::move(event));
  }

  const delivery how_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  bool is_over_limit_ = false;
  bool is_open_ = false;  // the last part may be continued
  chat_reply reply_;
  std::vector<message_part> parts_;
  std::vector<call_state> calls_;
  std::deque<stream_event> events_;
};

}  // namespace warmwire::providers
