// Puts a reply together from its pieces, whole or streamed, and tells what each piece is. Pure.
#pragma once

#include "providers/delivery.hpp"
#include "providers/json_extent.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/stream_event.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
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
  /// `dice` is for ids of calls that came without: with it they differ from those of every other answer; see
  /// `made_up_id`.
  explicit reply_builder(delivery how, std::size_t max_bytes = max_reply_bytes,
                         std::function<std::uint64_t()> dice = {})
      : how_(how), max_bytes_(max_bytes), dice_(std::move(dice)) {}

  void add_text(std::string_view text);
  void add_refusal(std::string_view text);
  void add_reasoning(std::string_view text);
  /// What the provider says of the part that was added last: a proof, an id, what is not shown.
  void sign_text(std::string_view signature);
  void sign_reasoning(std::string_view signature);
  void add_hidden_reasoning(std::string_view id, std::string_view encrypted);
  void end_part() { is_open_ = false; }
  /// Adds fields that no part has a place for, see `add_piece`: of the text or the reasoning that was added last, of a
  /// part by its index, of a call by its own, and of the message.
  void extend_last(const boost::json::object& piece);
  void extend_part(std::size_t index, const boost::json::object& piece);
  void extend_call(std::size_t index, const boost::json::object& piece);
  void extend_message(const boost::json::object& piece);
  /// What came of them so far.
  [[nodiscard]] boost::json::object& message_fields() noexcept { return extra_; }
  /// A part that is told by no event. Its place is kept from its beginning on; one that is never filled is left out.
  std::size_t start_provider_part();
  void fill_provider_part(std::size_t index, std::string json);
  /// Calls `edit` with each part and whether it is the last.
  template <class Edit>
  void edit_parts(Edit edit) {
    for (auto& each : parts_)
      edit(each, &each == &parts_.back());
  }
  [[nodiscard]] std::size_t part_count() const noexcept { return parts_.size(); }
  /// Memory that a decoder takes for what it will add later. False when it is too much.
  [[nodiscard]] bool hold(std::size_t bytes) { return take(bytes); }
  void ping() { tell(warmwire::ping{}); }

  /// The index of the new call, for the functions below. One without an id gets one.
  std::size_t start_call(tool_call call);
  /// The same for a call that may still lack its id or a part of its name: nothing of it is told before `tell_calls`.
  std::size_t begin_call(tool_call call);
  /// What has come of the name, all of it, and the id where there was none.
  void name_call(std::size_t index, std::string_view id, std::string_view name);
  /// Tells of the calls that were begun, in their order, up to one that has no name yet.
  void tell_calls();
  void add_arguments(std::size_t index, std::string_view fragment);
  /// The provider says that the call is whole.
  void end_call(std::size_t index);
  /// The provider says no more of the call, whole or not: what is not seen to be whole is told at the end of the
  /// answer, when it is known whether a limit has cut it.
  void close_call(std::size_t index);
  /// "{}" came, which is what some servers put before the arguments: it counts where none follow.
  void note_braces(std::size_t index);
  /// The arguments are a text of any form, so that only the end of the answer tells whether they are whole.
  void take_arguments_as_text(std::size_t index);
  [[nodiscard]] bool has_calls() const noexcept { return !calls_.empty(); }
  /// A call as it is so far.
  [[nodiscard]] const tool_call& call(std::size_t index) const;
  /// Whether its arguments are an object or a list that has come to its end.
  [[nodiscard]] bool has_closed_arguments(std::size_t index) const { return calls_[index].arguments.is_closed(); }

  /// Replaces what was counted before; an event when it differs.
  void count(const usage& tokens);
  [[nodiscard]] const warmwire::usage& counted() const noexcept { return reply_.usage; }

  void set_id(std::string_view id);
  void set_model(std::string_view model);
  /// `message` is what the provider says of it beyond its word.
  void finish(finish_reason reason, std::string_view text, std::string_view message = {});

  /// The answer is complete: ends the calls, but for those that a limit or the provider has cut. An event of its own
  /// says that they may be carried out.
  void settle_calls();
  /// The same, and makes the last event.
  void complete();

  [[nodiscard]] bool is_over_limit() const noexcept { return is_over_limit_; }
  [[nodiscard]] std::optional<stream_event> next_event();
  /// What there is so far.
  [[nodiscard]] chat_reply reply() const;

 private:
  struct call_state {
    std::size_t part = 0;  // where it stands in the message
    bool is_ended = false;
    bool is_text = false;
    bool has_braces = false;
    json_extent arguments;
  };

  template <class Part>
  Part& open_part();
  tool_call& call_at(std::size_t index);
  void tell_call(std::size_t index);
  void end_waiting_call();
  [[nodiscard]] bool is_cut(std::size_t index) const;
  [[nodiscard]] finish_reason finish_so_far() const noexcept;
  [[nodiscard]] std::string id_of_call(std::size_t index);
  [[nodiscard]] bool take(std::size_t bytes);
  template <class Event>
  void tell(Event event) {
    if (how_ == delivery::streamed) events_.emplace_back(std::move(event));
  }

  const delivery how_;
  const std::size_t max_bytes_;
  const std::function<std::uint64_t()> dice_;
  std::optional<std::uint64_t> number_;  // the dice's, of this answer
  std::size_t bytes_ = 0;
  bool is_over_limit_ = false;
  bool is_open_ = false;  // the last part may be continued
  chat_reply reply_;
  boost::json::object extra_;  // of the message
  std::vector<message_part> parts_;
  std::vector<call_state> calls_;
  std::size_t told_calls_ = 0;
  std::optional<std::size_t> waiting_;  // was closed, and is not seen to be whole
  std::deque<stream_event> events_;
};

}  // namespace warmwire::providers
