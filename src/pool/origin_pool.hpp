// The decisions of one origin's pool: who waits, what is idle, what to dial or close and why, when to wake. Pure: no
// socket, timer, thread or clock. Events come in with the time, actions go out; whoever calls must obey them.
#pragma once

#include "pool/connection_table.hpp"
#include "pool/types.hpp"
#include "pool/waiter_queue.hpp"

#include <warmwire/options.hpp>
#include <warmwire/stats.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace warmwire::pool {

/// Counts streams: HTTP/1.1 is the case where a connection carries one at a time. Ids of connections are given out
/// here, those of requests by the caller (unique among the requests that wait).
///
/// Every event appends to `out` what has to be done now, in that order. Actions take effect here at once: a connection
/// that is told to close is gone, a request that is told to use one holds a stream. An event for a connection that is
/// gone does nothing, so that news of its end may still arrive. Time never goes backwards from one call to the next.
/// Every event costs O(1) apart from what it closes or rejects, unless it says otherwise.
class origin_pool {
 public:
  explicit origin_pool(const pool_settings& settings);
  origin_pool(const origin_pool&) = delete;
  origin_pool& operator=(const origin_pool&) = delete;

  // Requests
  /// A request wants a stream. Answers with `use` now, or queues it (perhaps with `dial`s), or `reject`s it (overflow,
  /// closed). `fresh_only` takes a new connection, never a pooled one (for a replay): the next dial that succeeds
  /// serves it before all others. At the limit an idle connection is closed to make room for its dial (`idle_excess`).
  void request_arrived(request_id request, freshness wanted, time_point now, actions& out);
  /// A waiting request went away. Dials that nobody needs any more are kept while the pool may hold them as idle
  /// connections, otherwise closed (`dial_excess`). Does nothing for a request that does not wait.
  void request_cancelled(request_id request, time_point now, actions& out);

  // Connections
  /// The dial succeeded; the connection can carry `streams` (at least 1) at once. Dials under way and later ones are
  /// expected to bring as many.
  void dial_succeeded(connection_id connection, std::size_t streams, time_point now, actions& out);
  /// The dial failed: the connection is gone (counted as `dial_failed`). It takes as many waiters with it
  /// (`dial_failed`) as it was to serve and as no other dial under way can, the oldest first, and only such as were
  /// waiting when it began; the others get another dial.
  void dial_failed(connection_id connection, time_point now, actions& out);
  /// A stream ended and the connection can carry another. `hint` is what the response said about keep-alive; what it
  /// leaves out stays as an earlier response on the connection said it.
  void stream_ended(connection_id connection, const keep_alive_hint& hint, time_point now, actions& out);
  /// The connection is gone (or unusable, with streams still on it to be dropped with it): forget it. Not answered with
  /// a `close`: the caller already knows. After a `dead_path`, siblings that were heard from no later are suspect
  /// (O(connections), for that reason only): idle ones are closed (`suspect`), the others take no new stream, unless
  /// they are heard from before the one that they have ends. An end that the peer announced (`stale`, by EOF or reset)
  /// says nothing about siblings.
  void connection_lost(connection_id connection, close_reason reason, time_point now, actions& out);
  /// The connection that `request` was told to use turned out to be dead before it was touched: forgets the one, counts
  /// nothing as used, and serves the other as if it had just arrived. `reason` as in `connection_lost`.
  void use_refused(connection_id connection, request_id request, close_reason reason, time_point now, actions& out);
  /// A request that was told to use the connection went away before it touched it: counts nothing as used. The stream
  /// is then ended, or the connection reported lost, as if it had been.
  void use_undone(connection_id connection);
  /// The connection takes no new streams; it closes with `reason` when its last one ends, at once if it has none. It
  /// counts against `max_connections` until then. The first reason given stays.
  void connection_draining(connection_id connection, close_reason reason, time_point now, actions& out);
  /// The number of streams the connection can carry changed (HTTP/2 SETTINGS) to `streams`, at least 1: one that can
  /// carry none should be reported as draining. Streams beyond a smaller limit end in their own time.
  void stream_limit_changed(connection_id connection, std::size_t streams, time_point now, actions& out);
  /// Bytes came from the peer. Cheap; needed for the suspect rule only.
  void heard_from(connection_id connection, time_point now);

  // Housekeeping
  /// Does what is due at `now`: acquire time-outs, idle expiry, the burst grace of `max_idle`, keep-alive hints.
  /// Afterwards `next_wakeup()` is later than `now`.
  void tick(time_point now, actions& out);
  /// When `tick` has something to do next; nothing when it has not.
  [[nodiscard]] std::optional<time_point> next_wakeup() const;
  /// Takes new settings. A smaller limit closes idle connections at once (`idle_excess`), then dials (`dial_excess`),
  /// and lets busy ones finish. Other TLS options retire every connection made under the old ones (`closed_by_user`).
  void reconfigure(const pool_settings& settings, time_point now, actions& out);
  /// Retires every connection (`closed_by_user`): closes what is idle or dialing, lets streams end and closes their
  /// connections then. `reconfigure` or `tick` must follow, which dials again for those who wait.
  void retire_all(actions& out);
  /// Closes every idle connection (`closed_by_user`).
  void close_idle(time_point now, actions& out);
  /// Rejects what waits (`closed`), closes what is idle or dialing, lets streams end and closes their connections then.
  /// Until `reopen`, new requests are rejected.
  void begin_close(time_point now, actions& out);
  /// `begin_close`, and closes what still has streams (`closed_by_user`).
  void abort(time_point now, actions& out);
  void reopen() noexcept { is_closing_ = false; }

  // Reading
  [[nodiscard]] const pool_counts& counts() const noexcept { return counts_; }
  /// All zero for a connection that is gone.
  [[nodiscard]] connection_view view(connection_id connection) const;
  /// Of the connections with streams, the one that has had some for longest without a pause.
  [[nodiscard]] std::optional<oldest_stream> oldest() const;
  /// Throws `std::logic_error` naming the first invariant that does not hold (limits, nobody waits while capacity is
  /// free, counters add up, no dial missing or in excess). O(connections), for tests.
  void check_invariants_for_test() const;

 private:
  struct expiry {
    time_point at;
    close_reason reason;
  };

  // Streams
  slot pick(time_point now, actions& out);
  void give(slot at, request_id request, time_point now, actions& out);
  void serve_waiters(slot at, time_point now, actions& out);
  void file(slot at, time_point now, actions& out);
  [[nodiscard]] bool has_room(slot at) const noexcept;
  [[nodiscard]] std::optional<close_reason> reason_to_retire(slot at) const noexcept;
  void learn_hint(slot at, const keep_alive_hint& hint);
  void expect_streams(std::size_t streams) noexcept;

  // Waiters
  [[nodiscard]] bool may_queue(freshness wanted) const noexcept;
  void reject_first(freshness queue, reject_reason why, actions& out);
  void reject_those_of_failed_dial(const connection_record& dial, actions& out);
  void reject_overdue(freshness queue, time_point now, actions& out);

  // Dials
  void settle_dials(actions& out);
  [[nodiscard]] bool may_dial() const noexcept;
  [[nodiscard]] bool may_dial_in_place_of_idle() const noexcept;
  void start_dial(actions& out);
  [[nodiscard]] std::size_t connecting_capacity() const noexcept { return counts_.connecting * expected_streams_; }
  [[nodiscard]] std::size_t dials_to_keep() const noexcept;

  // Ends
  void retire(slot at, close_reason reason, actions& out);
  void close(slot at, close_reason reason, actions& out);
  void close_all(connection_state state, close_reason reason, actions& out);
  void drain_all(connection_state state, close_reason reason, actions& out);
  void forget(slot at, close_reason reason);
  void suspect_siblings(time_point dead_since, actions& out);

  // Idle
  [[nodiscard]] expiry expiry_of(slot idle) const;
  void close_expired(time_point now, actions& out);
  void close_idle_excess(time_point now, actions& out);
  [[nodiscard]] bool is_beyond_limit() const noexcept;
  void close_beyond_limit(actions& out);

  void check_streams_for_test() const;

  pool_settings settings_;
  pool_counts counts_;
  connection_table connections_;
  waiter_queue waiters_;
  std::size_t expected_streams_ = 1;  ///< what a dial brings, by what the last one brought
  bool is_closing_ = false;
};

}  // namespace warmwire::pool
