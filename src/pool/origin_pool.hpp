// The decisions of one origin's pool: who waits, what is idle, what to dial or close and why, when to wake.
// Pure: no socket, timer, thread or clock. Events come in with the time, actions go out; whoever calls must obey them.
#pragma once

#include "pool/types.hpp"

#include <warmwire/options.hpp>
#include <warmwire/stats.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace warmwire::pool {

/// Counts streams: HTTP/1.1 is the case where a connection carries one at a time. Ids of connections are given out
/// here, those of requests by the caller (unique among the requests that wait or hold a stream).
///
/// Every event appends to `out` what has to be done now, in that order. Actions take effect here at once: a connection
/// that is told to close is gone, a request that is told to use one holds a stream.
class origin_pool {
 public:
  explicit origin_pool(const pool_settings& settings);
  ~origin_pool();

  // Requests ---------------------------------------------------------------------------------------------------------
  /// A request wants a stream. Answers with `use` now, or queues it (perhaps with `dial`s), or `reject`s it (overflow,
  /// closed). `fresh_only` takes a new connection, never a pooled one (for a replay): it is served by a dial of its own
  /// and stands first in the queue.
  void request_arrived(request_id request, freshness wanted, time_point now, actions& out);
  /// A waiting request went away: O(1). Dials that nobody needs any more are kept while the pool may hold them as idle
  /// connections, otherwise closed (`dial_excess`). Does nothing for a request that does not wait.
  void request_cancelled(request_id request, time_point now, actions& out);

  // Connections ------------------------------------------------------------------------------------------------------
  /// The dial succeeded; the connection can carry `streams` at once.
  void dial_succeeded(connection_id connection, std::size_t streams, time_point now, actions& out);
  /// The dial failed: the connection is gone, and as many of the oldest waiters that were queued when the dial began
  /// are rejected (`dial_failed`) as the failed dial was meant to serve; the others get another dial.
  void dial_failed(connection_id connection, time_point now, actions& out);
  /// A stream ended and the connection can carry another. `hint` is what the response said about keep-alive.
  void stream_ended(connection_id connection, const keep_alive_hint& hint, time_point now, actions& out);
  /// The connection is gone (or unusable, with streams still on it to be dropped with it): forget it. Not answered with
  /// a `close`: the caller already knows. `last_heard` marks siblings that were heard from no later as suspect when
  /// `reason` is `stale` by time-out or `dead_path` (closed with `suspect` if idle, after their stream if not).
  void connection_lost(connection_id connection, close_reason reason, time_point now, actions& out);
  /// The connection takes no new streams; it closes with `reason` when its last one ends.
  void connection_draining(connection_id connection, close_reason reason, time_point now, actions& out);
  /// The number of streams the connection can carry changed (HTTP/2 SETTINGS).
  void stream_limit_changed(connection_id connection, std::size_t streams, time_point now, actions& out);
  /// Bytes came from the peer. Cheap; needed for the suspect rule only.
  void heard_from(connection_id connection, time_point now);

  // Housekeeping -----------------------------------------------------------------------------------------------------
  /// Does what is due at `now`: acquire time-outs, idle expiry, the burst grace of `max_idle`, keep-alive hints.
  void tick(time_point now, actions& out);
  /// When `tick` has something to do next; nothing when it has not.
  [[nodiscard]] std::optional<time_point> next_wakeup() const;
  /// Takes new settings. A smaller limit closes idle connections at once and lets busy ones finish.
  void reconfigure(const pool_settings& settings, time_point now, actions& out);
  /// Closes every idle connection (`closed_by_user`).
  void close_idle(time_point now, actions& out);
  /// Rejects what waits (`closed`), closes what is idle or dialing, lets streams end and closes their connections then.
  /// Until `reopen`, new requests are rejected.
  void begin_close(time_point now, actions& out);
  /// Closes what still has streams (`closed_by_user`).
  void abort(time_point now, actions& out);
  void reopen();

  // Reading ----------------------------------------------------------------------------------------------------------
  [[nodiscard]] const pool_counts& counts() const noexcept;  ///< O(1)
  [[nodiscard]] connection_view view(connection_id connection) const;
  /// When the connection whose stream has been open for longest was taken.
  [[nodiscard]] std::optional<oldest_stream> oldest() const;
  /// Asserts every invariant (limits, FIFO, nobody waits while capacity is free, counters add up): O(n), for tests.
  void check_invariants_for_test() const;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace warmwire::pool
