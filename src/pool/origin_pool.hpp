// The decisions of one origin's pool: who waits, what is idle, what to dial or close and why, when to wake. Pure: no
// socket, timer, thread or clock. Events come in with the time, actions go out; whoever calls must obey them.
#pragma once

#include "pool/connection_table.hpp"
#include "pool/dial_backoff.hpp"
#include "pool/jitter.hpp"
#include "pool/origin_memory.hpp"
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
/// Every event costs O(1) apart from what it closes or rejects, and O(log n) where a connection begins or ends, unless
/// it says otherwise.
///
/// How many connections there may be follows from what they speak: for an origin that is known to be multiplexed
/// `max_h2_connections` and `max_concurrent_h2_dials` count, besides `max_connections`. While nothing is known of one
/// that may be, a single dial probes it.
class origin_pool {
 public:
  explicit origin_pool(const pool_settings& settings, const origin_traits& traits = {});
  origin_pool(const origin_pool&) = delete;
  origin_pool& operator=(const origin_pool&) = delete;

  // Requests
  /// A request wants a stream. Answers with `use` now, or queues it (perhaps with `dial`s), or `reject`s it (overflow,
  /// closed). Connections are filled up to `target_streams` first, then idle ones are taken, then those with more; in
  /// the last case one more connection is dialed beside, if none is being opened. `fresh_only` takes a new connection,
  /// never a pooled one (for a replay): the next dial that succeeds serves it before all others. At the limit an idle
  /// connection is closed to make room for its dial (`idle_excess`).
  void request_arrived(request_id request, freshness wanted, time_point now, actions& out);
  /// A waiting request went away. Dials that nobody needs any more are kept while the pool may hold them as idle
  /// connections, otherwise closed (`dial_excess`). Does nothing for a request that does not wait.
  void request_cancelled(request_id request, time_point now, actions& out);

  // Connections
  /// The dial succeeded, and the connection has `capacity`. Dials under way and later ones are expected to bring as
  /// many streams; one with a provisional capacity is expected to bring what the peer allowed last, else `max_streams`:
  /// those that wait for this much wait for its SETTINGS, and no dial is made for them.
  void dial_succeeded(connection_id connection, const capacity& capacity, time_point now, actions& out);
  /// What a provisional connection may carry: the peer's last limit, if it is known, else 1; at most `max_streams`.
  [[nodiscard]] std::size_t streams_before_settings() const noexcept;
  /// The dial failed: the connection is gone (counted as `dial_failed`). It takes as many waiters with it
  /// (`dial_failed`) as it was to serve and as no other dial under way can, the oldest first, and only such as were
  /// waiting when it began; the others get another dial, when the back-off (`dial_backoff`) that now begins is over.
  void dial_failed(connection_id connection, time_point now, actions& out);
  /// A stream ended and the connection can carry another. `hint` is what the response said about keep-alive; what it
  /// leaves out stays as an earlier response on the connection said it.
  void stream_ended(connection_id connection, const keep_alive_hint& hint, time_point now, actions& out);
  /// Instead of `stream_ended`: the peer refused the stream (REFUSED_STREAM, RFC 9113 §8.7). The second time the
  /// connection takes no more (`refused`). Streams beyond the peer's limit do not count: they were begun before it was
  /// known.
  void stream_refused(connection_id connection, time_point now, actions& out);
  /// The connection is gone (or unusable, with streams still on it to be dropped with it): forget it. Not answered with
  /// a `close`: the caller already knows. What it says about idling is learned from `peer_closed_idle`, `stale` and
  /// `dead_path`; `heard_from` must have been called before if anything came since the connection was taken. After a
  /// `dead_path`, siblings that were heard from no later are suspect (O(connections), for that reason only): those
  /// without a stream are closed (`suspect`), the others take no new stream and are closed after the last of those that
  /// they have, unless they were full and are heard from before one of these ends. An end that the peer announced
  /// (`stale`, by EOF or reset) says nothing about siblings.
  void connection_lost(connection_id connection, close_reason reason, time_point now, actions& out);
  /// The connection that `request` was told to use turned out to be dead before it was touched: forgets the one, counts
  /// nothing as used, and serves the other as if it had just arrived. `reason` as in `connection_lost`.
  void use_refused(connection_id connection, request_id request, close_reason reason, time_point now, actions& out);
  /// A request that was told to use the connection went away before it touched it: counts nothing as used. The stream
  /// is then ended, or the connection reported lost, as if it had been.
  void use_undone(connection_id connection);
  /// The connection takes no new streams; it closes with `reason` when its last one ends, at once if it has none. It
  /// counts against the limit of connections until then. The first reason given stays.
  void connection_draining(connection_id connection, close_reason reason, time_point now, actions& out);
  /// The peer announced the end of the connection and turned away what came after its first `processed` requests
  /// (GOAWAY with a last stream, RFC 9113 §6.8): `connection_draining` as `goaway`. Where that is a limit of the
  /// peer's, every connection meets it, so none gets more requests from now on than so many. One that has had them
  /// rests, and is expected to be ended by the peer. When that does not happen within `rest_patience`, or when a
  /// connection answers so many and goes on, it was no limit, and is forgotten. O(connections), as is the forgetting.
  void turned_away(connection_id connection, std::uint64_t processed, time_point now, actions& out);
  static constexpr std::chrono::seconds rest_patience{1};
  /// The peer said how many streams the connection can carry (HTTP/2 SETTINGS): more than before serve those that wait,
  /// those that want a fresh connection included if this is the first time and it has carried none yet. Streams
  /// beyond a smaller limit end in their own time. With 0 the connection takes none until the limit is raised.
  void stream_limit_changed(connection_id connection, std::size_t streams, time_point now, actions& out);
  /// Bytes came from the peer. Cheap.
  void heard_from(connection_id connection, time_point now);

  // Housekeeping
  /// Does what is due at `now`: acquire time-outs, idle expiry, the burst grace of `max_idle`, keep-alive hints,
  /// lifetimes, dials that waited for the back-off. Afterwards `next_wakeup()` is later than `now`.
  void tick(time_point now, actions& out);
  /// When `tick` has something to do next; nothing when it has not. O(1).
  [[nodiscard]] std::optional<time_point> next_wakeup() const;
  /// Dials until as many connections are open or on their way, as far as the limits allow. Once: what fails is not
  /// dialed again, what closes later is not replaced.
  void prewarm(std::size_t connections, time_point now, actions& out);
  /// Everything that is open or on its way leads through a network that may be gone: closes what has no stream, lets
  /// the others end, dials anew what was being dialed (`network_changed`). The back-off is forgotten. O(connections).
  void network_changed(time_point now, actions& out);
  /// New connections lead another way (through another proxy): as `network_changed`, but `closed_by_user`, and the
  /// back-off stays.
  void rerouted(time_point now, actions& out);
  /// The machine was suspended for `asleep`, and the clock stood still meanwhile: idle connections, hints and lifetimes
  /// are older by that. What is due by it is closed, or drained, as `suspended`, `min_warm` or not. O(connections).
  void slept(duration asleep, time_point now, actions& out);
  /// Takes new settings. A smaller limit closes idle connections at once (`idle_excess`), then dials (`dial_excess`),
  /// and lets busy ones finish. Another protocol and other TLS options retire every connection made under the old
  /// ones (`closed_by_user`). O(connections).
  void reconfigure(const pool_settings& settings, time_point now, actions& out);
  /// Closes every idle connection (`closed_by_user`); those of `min_warm` are replaced.
  void close_idle(time_point now, actions& out);
  /// Rejects what waits (`closed`), closes what is idle or dialing, lets streams end and closes their connections then.
  /// Until `reopen`, new requests are rejected; `min_warm` is kept again from the first request (or `prewarm`) after
  /// it.
  void begin_close(time_point now, actions& out);
  /// `begin_close`, and closes what still has streams (`closed_by_user`).
  void abort(time_point now, actions& out);
  void reopen() noexcept { is_closing_ = false; }

  // Reading
  [[nodiscard]] const pool_counts& counts() const noexcept { return counts_; }
  /// What the origin has taught so far.
  [[nodiscard]] origin_memory memory() const noexcept { return memory_; }
  /// How many connections there may be, by what is known of the origin's protocol.
  [[nodiscard]] std::size_t connection_limit() const noexcept;
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
  enum class dial_cause : std::uint8_t { waiters, unasked };

  // Streams
  slot pick(time_point now, actions& out);
  void give(slot at, request_id request, time_point now, actions& out);
  void serve_waiters(slot at, time_point now, actions& out);
  void serve_fresh(slot at, time_point now, actions& out);
  void file(slot at, time_point now, actions& out);
  [[nodiscard]] connection_state state_of(const connection_record& connection) const noexcept;
  [[nodiscard]] std::size_t limit_of(const connection_record& connection) const noexcept;
  [[nodiscard]] bool has_room(const connection_record& connection) const noexcept;
  [[nodiscard]] bool is_spent(const connection_record& connection) const noexcept;
  void release(slot at);
  void reuse_or_retire(slot at, time_point now, actions& out);
  [[nodiscard]] std::optional<close_reason> reason_to_retire(slot at) const noexcept;
  void learn_hint(slot at, const keep_alive_hint& hint);
  void limits_changed(slot at, time_point now, actions& out);
  void all_limits_changed(time_point now, actions& out);

  // Waiters
  [[nodiscard]] bool may_queue(freshness wanted) const noexcept;
  void reject_newcomer(request_id request, reject_reason why, actions& out);
  void reject_first(freshness queue, reject_reason why, actions& out);
  void reject_those_of_failed_dial(const connection_record& dial, actions& out);
  void reject_overdue(freshness queue, time_point now, actions& out);

  // What is known of the origin
  [[nodiscard]] bool is_multiplexed() const noexcept { return memory_.is_multiplexed.value_or(false); }
  [[nodiscard]] bool is_probing() const noexcept;
  [[nodiscard]] std::size_t dial_limit() const noexcept;
  [[nodiscard]] std::size_t expected_streams() const noexcept;
  void learn_limit(std::size_t streams) noexcept;
  [[nodiscard]] bool outlived(const connection_record& connection, std::uint64_t requests) const noexcept;
  [[nodiscard]] bool is_request_limit(std::uint64_t requests) const noexcept;
  void forget_request_limit(time_point now, actions& out);
  void learn_from_end(const connection_record& ended, close_reason reason, time_point now);

  // Dials
  void settle_dials(time_point now, actions& out);
  void close_excess_dials(actions& out);
  void dial_for_waiters(actions& out);
  void dial_unasked(actions& out);
  [[nodiscard]] bool may_dial() const noexcept;
  [[nodiscard]] bool may_dial_in_place_of_idle() const noexcept;
  [[nodiscard]] std::size_t possible_dials(freshness wanted) const noexcept;
  void start_dial(dial_cause cause, actions& out);
  void end_dial(slot at) noexcept;
  [[nodiscard]] std::size_t coming_streams() const noexcept;
  [[nodiscard]] std::size_t dials_to_keep() const noexcept;
  [[nodiscard]] dial_backoff::bounds backoff_bounds() const noexcept;

  // What is kept open without a request
  [[nodiscard]] std::size_t open() const noexcept;
  [[nodiscard]] std::size_t warm_goal() const noexcept;
  [[nodiscard]] bool is_short_of(std::size_t goal) const noexcept;

  // Ends
  void retire(slot at, close_reason reason, actions& out);
  void close(slot at, close_reason reason, actions& out);
  void close_all(connection_state state, close_reason reason, actions& out);
  void retire_all(close_reason reason, actions& out);
  void replace_all(close_reason reason, time_point now, actions& out);
  void lose(slot at, close_reason reason, time_point now, actions& out);
  void forget(slot at, close_reason reason);
  void end_provision(connection_record& connection) noexcept;
  void suspect_siblings(time_point dead_since, actions& out);

  // Idle
  [[nodiscard]] duration learned_idle_limit() const noexcept;
  [[nodiscard]] duration idle_limit() const noexcept;
  [[nodiscard]] expiry expiry_of(slot unused) const;
  void expire(slot unused, time_point now, actions& out);
  void close_expired(time_point now, actions& out);
  void close_idle_excess(time_point now, actions& out);
  void close_after_sleep(time_point now, actions& out);
  [[nodiscard]] bool is_beyond_limit() const noexcept;
  void close_beyond_limit(actions& out);
  void limit_age(slot at);
  [[nodiscard]] time_point wakeup_for_waiters() const;
  [[nodiscard]] time_point wakeup_for_unused() const;
  [[nodiscard]] time_point wakeup_for_dials() const;

  void check_dials_for_test() const;
  void check_streams_for_test() const;

  pool_settings settings_;
  bool may_multiplex_;
  origin_memory memory_;
  pool_counts counts_;
  connection_table connections_;
  waiter_queue waiters_;
  jitter lifetimes_;
  dial_backoff backoff_;
  dial_backoff warm_backoff_;  ///< between a connection of `min_warm` that is lost unused and its successor
  time_point lesson_at_ = time_point::min();  ///< when the idle limit was lowered last
  std::size_t provisional_ = 0;               ///< connections in use whose SETTINGS have not come yet
  std::size_t provisional_streams_ = 0;       ///< streams on them
  std::size_t unasked_dials_ = 0;
  std::size_t prewarm_goal_ = 0;  ///< zero when it was reached
  bool wants_more_ = false;       ///< a request was put on a connection with as many streams as the target
  bool is_in_use_ = false;        ///< `min_warm` is kept
  bool is_closing_ = false;
};

}  // namespace warmwire::pool
