// A naive pool to judge the real one by: it keeps everything in plain vectors, walks them all for every question, and
// decides nothing. It is told each event, and says which answers were not allowed and which were missing.
#pragma once

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
    loss,
    refusal,  ///< a connection that was just taken is dead
    undone,   ///< a request went away from a stream that it had not touched, and the stream ends
    drain,
    limit,
    heard,
    tick,
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
  std::size_t streams = 0;
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
  bool is_draining = false;
  bool is_suspect = false;
  std::size_t streams = 0;
  std::size_t limit = 0;
  std::uint64_t served = 0;
  std::uint64_t uses_left = UINT64_MAX;
  std::optional<duration> reuse_within{};
  time_point last_heard{};
  time_point idle_since{};
  std::uint64_t idle_order = 0;
  close_reason drain_reason{};
  std::optional<close_reason> must_close{};  ///< the answer to this event must close it
  std::size_t meant_for = 0;
  std::uint64_t last_ticket = 0;

  [[nodiscard]] bool is_idle() const { return !is_connecting && streams == 0; }
  [[nodiscard]] bool has_room() const {
    return !is_connecting && !is_draining && !is_suspect && streams < limit && uses_left > 0;
  }
};

class reference_pool {
 public:
  explicit reference_pool(const pool_settings& settings) : settings_(settings) {}

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

 private:
  using kind = pool_event::kind;

  // What events change
  void dial_ends(const pool_event& event);
  void use_is_undone(reference_connection& connection);
  void stream_ends(reference_connection& connection, const keep_alive_hint& hint);
  void connection_is_lost(const pool_event& event);
  void drains(reference_connection& connection, close_reason reason);
  [[nodiscard]] std::optional<close_reason> reason_to_end(const reference_connection& connection) const;
  void closing_begins(bool also_streams);
  void settings_change(const pool_settings& settings);

  // What actions may be
  void use(const action& given);
  void dial(const action& given);
  void close(const action& given);
  void reject(const action& given);
  [[nodiscard]] bool may_close(const reference_connection& connection, close_reason reason) const;
  [[nodiscard]] std::size_t dials_allowed() const;
  [[nodiscard]] bool may_dial() const;
  [[nodiscard]] bool may_replace_idle() const;
  [[nodiscard]] bool may_close_as_excess(const reference_connection& connection) const;
  void check_choice(const reference_connection& chosen) const;

  [[nodiscard]] bool is_arrival() const { return event_.what == kind::arrival || event_.what == kind::refusal; }

  // What must hold afterwards
  void check_nothing_is_missing() const;
  void check_waiting() const;
  void check_counts(const origin_pool& pool) const;
  void check_wakeup(const origin_pool& pool) const;

  reference_connection* find(connection_id id);
  void forget(connection_id id, close_reason reason);
  [[nodiscard]] std::size_t waiting(freshness wanted) const;
  [[nodiscard]] std::size_t connecting() const;
  [[nodiscard]] std::size_t idle() const;
  [[nodiscard]] std::size_t draining() const;
  [[nodiscard]] time_point end_of(const reference_connection& idle) const;

  pool_settings settings_;
  std::vector<reference_connection> connections_;
  std::vector<reference_waiter> waiters_;  ///< in order of arrival, both kinds
  pool_counts counts_;                     ///< the counters, not the gauges
  std::vector<request_id> victims_;        ///< whom the dial that has just failed must take with it
  std::array<std::uint64_t, 4> rejections_{};
  std::uint64_t cancellations_ = 0;
  std::uint64_t arrivals_ = 0;
  std::uint64_t tickets_ = 0;  ///< a request whose connection was refused has two
  std::uint64_t dials_ = 0;
  std::uint64_t idle_order_ = 0;
  std::size_t expected_streams_ = 1;
  bool is_closing_ = false;
  pool_event event_;  ///< the one being judged
  time_point now_{};
};

}  // namespace warmwire::pool
