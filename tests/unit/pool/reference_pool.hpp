// A naive pool to judge the real one by: it keeps everything in plain vectors, walks them all for every question, and
// decides nothing. It is told each event, and says which answers were not allowed and which were missing. What the real
// one draws at random, and what it learns, it gets from the same small classes, which have tests of their own.
#pragma once

#include "pool/dial_backoff.hpp"
#include "pool/jitter.hpp"
#include "pool/origin_pool.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace warmwire::pool {

struct pool_event {
  enum class kind : std::uint8_t {
    arrival,
    cancel,
    dial_success,
    dial_failure,
    stream_end,
    stream_refusal,
    loss,
    refusal,  ///< a connection that was just taken is dead
    undone,   ///< a request went away from a stream that it had not touched, and the stream ends
    drain,
    turned_away,
    limit,
    heard,
    tick,
    prewarm,
    network,
    sleep,
    reconfigure,
    close_idle,
    begin_close,
    abort,
    reopen,
    late_news,  ///< all sorts of things about a connection that is gone
  };
  kind what = kind::tick;
  request_id request{};
  freshness wanted{};
  connection_id connection{};
  capacity brought{};       ///< by a dial
  std::size_t streams = 0;  ///< the new limit; how many to prewarm; how many requests were not turned away
  duration asleep{};
  close_reason reason{};
  keep_alive_hint hint{};
  pool_settings settings{};
};

std::string to_string(const pool_event& event);

struct reference_waiter {
  request_id request;
  freshness wanted;
  time_point arrived;
  std::uint64_t ticket;
};

struct reference_connection {
  connection_id id{};
  bool is_connecting = true;
  bool is_unasked = false;
  bool is_provisional = false;
  bool is_multiplexed = false;
  bool is_draining = false;
  bool is_suspect = false;
  std::size_t streams = 0;
  std::size_t peer_limit = 0;
  std::size_t refusals = 0;
  std::uint64_t served = 0;
  std::uint64_t uses_left = UINT64_MAX;
  std::optional<duration> reuse_within{};
  time_point opened{};
  double lifetime_spread = 0;
  time_point last_heard{};
  time_point idle_since{};
  time_point busy_since{};
  duration idle_before{};
  std::uint64_t idle_order = 0;
  close_reason drain_reason{};
  std::optional<time_point> spent_since{};
  std::optional<close_reason> must_close{};  ///< the answer to this event must close it
  std::size_t meant_for = 0;
  std::uint64_t last_ticket = 0;
  std::uint64_t round = 0;

  [[nodiscard]] bool is_unused() const { return !is_connecting && streams == 0; }
  [[nodiscard]] bool is_usable() const { return !is_connecting && !is_draining; }
};

class reference_pool {
 public:
  reference_pool(const pool_settings& settings, const origin_traits& traits);

  /// What the event itself changes.
  void happens(const pool_event& event, time_point now);
  /// Throws `std::logic_error` when an action is not allowed, when one is missing, or when `pool` counts otherwise.
  void judge(const actions& answer, const origin_pool& pool);

  [[nodiscard]] const std::vector<reference_waiter>& waiters() const { return waiters_; }
  [[nodiscard]] const std::vector<reference_connection>& connections() const { return connections_; }
  [[nodiscard]] const pool_settings& settings() const { return settings_; }
  [[nodiscard]] const pool_counts& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t arrivals() const { return arrivals_; }
  [[nodiscard]] std::uint64_t cancellations() const { return cancellations_; }
  [[nodiscard]] const std::array<std::uint64_t, 4>& rejections() const { return rejections_; }
  [[nodiscard]] std::uint64_t dials() const { return dials_; }
  [[nodiscard]] std::uint64_t unasked_dials() const { return unasked_dials_; }

 private:
  using kind = pool_event::kind;

  // What events change
  [[nodiscard]] bool leads_to_dials(const pool_event& event);
  void begin_event(const pool_event& event, time_point now);
  void request_happens(const pool_event& event);
  void stream_happens(const pool_event& event);
  void connection_happens(const pool_event& event);
  void pool_happens(const pool_event& event);
  void dial_succeeds(reference_connection& connection, const capacity& brought);
  void dial_fails(const reference_connection& connection);
  void use_is_undone(reference_connection& connection);
  void stream_leaves(reference_connection& connection);
  void stream_ends(reference_connection& connection, const keep_alive_hint& hint);
  void stream_is_refused(reference_connection& connection);
  void is_reused_or_ends(reference_connection& connection);
  void connection_is_lost(const pool_event& event);
  void learns_from_end(const reference_connection& connection, close_reason reason);
  void limit_changes(reference_connection& connection, std::size_t streams);
  void drains(reference_connection& connection, close_reason reason);
  void turns_away(reference_connection& connection, std::uint64_t processed);
  void notices_no_request_limit();
  void notices_who_is_spent();
  void suspects_with_room_drain();
  void all_drain(close_reason reason);
  [[nodiscard]] std::optional<close_reason> reason_to_end(const reference_connection& connection) const;
  void closing_begins(bool also_streams);
  void settings_change(const pool_settings& settings);
  void machine_slept(duration asleep);
  void old_ones_drain(close_reason reason);

  // What actions may be
  void use(const action& given);
  void dial(const action& given);
  [[nodiscard]] bool may_dial_unasked();
  void close(const action& given);
  void reject(const action& given);
  [[nodiscard]] bool may_close(const reference_connection& connection, close_reason reason) const;
  [[nodiscard]] bool may_close_as_excess(const reference_connection& connection) const;
  void check_choice(const reference_connection& chosen) const;

  [[nodiscard]] bool is_arrival() const { return event_.what == kind::arrival || event_.what == kind::refusal; }
  [[nodiscard]] bool looks_at_time() const { return event_.what == kind::tick || event_.what == kind::reconfigure; }

  // What must hold afterwards
  void check_nothing_is_missing() const;
  void check_waiting() const;
  void check_unasked();
  void check_counts(const origin_pool& pool) const;
  void check_wakeup(const origin_pool& pool) const;

  // Questions
  reference_connection* find(connection_id id);
  void forget(connection_id id, close_reason reason);
  [[nodiscard]] bool may_carry_more(const reference_connection& connection) const;
  [[nodiscard]] bool is_spent(const reference_connection& connection) const;
  [[nodiscard]] bool any_has_outlived(std::uint64_t requests) const;
  [[nodiscard]] bool has_room(const reference_connection& connection) const;
  [[nodiscard]] bool is_idle(const reference_connection& connection) const;
  [[nodiscard]] bool is_beyond_limit() const;
  [[nodiscard]] bool may_dial() const;
  [[nodiscard]] bool may_replace_idle() const;
  [[nodiscard]] bool is_short_of(std::size_t goal) const;
  [[nodiscard]] std::size_t possible_dials(freshness wanted) const;
  [[nodiscard]] std::size_t dials_allowed() const;
  [[nodiscard]] std::size_t coming() const;
  [[nodiscard]] bool is_multiplexed() const { return memory_.is_multiplexed.value_or(false); }
  [[nodiscard]] bool is_probing() const;
  [[nodiscard]] std::size_t connection_limit() const;
  [[nodiscard]] std::size_t dial_limit() const;
  [[nodiscard]] std::size_t expected() const;
  [[nodiscard]] std::size_t warm_goal() const;
  [[nodiscard]] std::size_t waiting(freshness wanted) const;
  [[nodiscard]] std::size_t connecting() const;
  [[nodiscard]] std::size_t unasked() const;
  [[nodiscard]] std::size_t idle() const;
  [[nodiscard]] std::size_t unused() const;
  [[nodiscard]] std::size_t draining() const;
  [[nodiscard]] std::size_t provisional() const;
  [[nodiscard]] std::size_t open() const;
  [[nodiscard]] time_point idle_end_of(const reference_connection& unused, std::size_t open) const;
  [[nodiscard]] time_point hint_end_of(const reference_connection& unused) const;
  [[nodiscard]] time_point age_end_of(const reference_connection& connection) const;
  [[nodiscard]] time_point end_of(const reference_connection& unused) const;
  [[nodiscard]] duration learned_limit() const;

  pool_settings settings_;
  bool may_multiplex_;
  origin_memory memory_;
  jitter lifetimes_;
  dial_backoff backoff_;
  dial_backoff warm_backoff_;
  time_point lesson_at_ = time_point::min();
  std::vector<reference_connection> connections_;
  std::vector<reference_waiter> waiters_;  ///< in order of arrival, both kinds
  pool_counts counts_;                     ///< the counters, not the gauges
  std::array<std::uint64_t, 4> rejections_{};
  std::uint64_t cancellations_ = 0;
  std::uint64_t arrivals_ = 0;
  std::uint64_t tickets_ = 0;  ///< a request whose connection was refused has two
  std::uint64_t dials_ = 0;
  std::uint64_t unasked_dials_ = 0;
  std::uint64_t idle_order_ = 0;
  std::size_t prewarm_goal_ = 0;
  bool is_in_use_ = false;
  bool is_closing_ = false;

  // Of the event that is being judged
  pool_event event_;
  time_point now_{};
  bool leads_to_dials_ = false;
  bool is_new_ = false;              ///< its connection takes fresh requests
  bool wants_more_ = false;          ///< a stream was put on a connection at its target
  time_point idle_since_{};          ///< its connection's `idle_since` before a change of its limit
  std::size_t retired_by_age_ = 0;   ///< whether before or after idle ones were closed is not said
  std::size_t to_replace_ = 0;       ///< unasked dials that were given up and are begun again
  std::vector<request_id> victims_;  ///< whom the dial that has just failed must take with it
};

}  // namespace warmwire::pool
