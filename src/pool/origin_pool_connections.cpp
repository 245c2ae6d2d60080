// What happens to the connections of one origin's pool, and what follows from it.
#include "pool/origin_pool.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <limits>

namespace warmwire::pool {
namespace {

// Far above any real number of streams, and small enough that sums of it never overflow.
constexpr std::size_t most_streams = std::numeric_limits<std::int32_t>::max();

/// How long a connection may be idle and still be safe to reuse when the server ends it after `timeout`: less two round
/// trips (the server's clock started earlier, the request arrives later), and never less than a second.
duration safe_idle_time(const keep_alive_hint& hint) {
  using namespace std::chrono_literals;
  const std::chrono::seconds bounded = std::clamp<std::chrono::seconds>(*hint.timeout, 0s, 24h);
  return bounded - std::max<duration>(1s, 2 * hint.round_trip);
}

}  // namespace

void origin_pool::dial_succeeded(connection_id connection, std::size_t streams, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  assert(connections_[at].state == connection_state::connecting);
  expect_streams(streams);
  ++counts_.opened;
  connections_[at].stream_limit = static_cast<std::uint32_t>(expected_streams_);
  connections_[at].last_heard = now;
  while (has_room(at) && !waiters_.empty(freshness::fresh_only)) {
    give(at, waiters_.pop(freshness::fresh_only), now, out);
  }
  serve_waiters(at, now, out);
  settle_dials(out);
}

void origin_pool::dial_failed(connection_id connection, time_point, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  assert(connections_[at].state == connection_state::connecting);
  const connection_record dial = connections_[at];
  ++counts_.dial_failures;
  forget(at, close_reason::dial_failed);
  reject_those_of_failed_dial(dial, out);
  settle_dials(out);
}

void origin_pool::reject_those_of_failed_dial(const connection_record& dial, actions& out) {
  const std::size_t others_serve = std::min(waiters_.size(), connecting_capacity());
  std::size_t left = std::min<std::size_t>(dial.meant_for, waiters_.size() - others_serve);
  for (const freshness queue : {freshness::fresh_only, freshness::any}) {
    for (; left > 0 && !waiters_.empty(queue) && waiters_.front(queue).ticket <= dial.last_ticket; --left) {
      reject_first(queue, reject_reason::dial_failed, out);
    }
  }
}

void origin_pool::stream_ended(connection_id connection, const keep_alive_hint& hint, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  assert(connections_[at].streams > 0);
  --connections_[at].streams;
  --counts_.streams;
  if (connections_[at].state == connection_state::draining) {
    if (connections_[at].streams == 0) {
      close(at, connections_[at].drain_reason, out);
    }
  } else {
    learn_hint(at, hint);
    if (const auto reason = reason_to_retire(at)) {
      retire(at, *reason, out);
    } else {
      serve_waiters(at, now, out);
    }
  }
  settle_dials(out);
}

void origin_pool::learn_hint(slot at, const keep_alive_hint& hint) {
  if (hint.max_requests) {
    connections_[at].uses_left = *hint.max_requests;
  }
  if (hint.timeout) {
    connections_[at].reuse_within = safe_idle_time(hint);
  }
}

/// Why a connection whose stream has just ended must not get another; nothing when it may.
std::optional<close_reason> origin_pool::reason_to_retire(slot at) const noexcept {
  const connection_record& connection = connections_[at];
  if (connection.is_suspect) {
    return close_reason::suspect;
  }
  if (connection.uses_left == 0 || (connection.reuse_within && *connection.reuse_within <= duration::zero())) {
    return close_reason::keep_alive_hint;
  }
  if (connection.streams == 0 && settings_.idle_timeout <= duration::zero()) {
    return close_reason::idle_timeout;
  }
  if (is_beyond_limit()) {
    return close_reason::idle_excess;
  }
  return std::nullopt;
}

void origin_pool::connection_lost(connection_id connection, close_reason reason, time_point, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  const time_point last_heard = connections_[at].last_heard;
  forget(at, reason);
  if (reason == close_reason::dead_path) {
    suspect_siblings(last_heard, out);
  }
  settle_dials(out);
}

void origin_pool::use_refused(connection_id connection, request_id request, close_reason reason, time_point now,
                              actions& out) {
  use_undone(connection);
  connection_lost(connection, reason, now, out);
  // A free connection was there for it, so nobody waited: it overtakes no one.
  request_arrived(request, freshness::any, now, out);
}

void origin_pool::use_undone(connection_id connection) {
  const slot at = connections_.find(connection);
  assert(at != no_slot && connections_[at].streams > 0);
  --counts_.requests;
  counts_.reused -= --connections_[at].served > 0 ? 1U : 0U;
  if (connections_[at].uses_left != unlimited_uses) {
    ++connections_[at].uses_left;
  }
}

void origin_pool::suspect_siblings(time_point dead_since, actions& out) {
  for (slot at = connections_.front(connection_state::idle); at != no_slot;) {
    const slot next = connections_.next(at);
    if (connections_[at].last_heard <= dead_since) {
      close(at, close_reason::suspect, out);
    }
    at = next;
  }
  for (slot at = connections_.oldest_with_streams(); at != no_slot; at = connections_.next_by_age(at)) {
    if (connections_[at].last_heard > dead_since) {
      continue;
    }
    if (connections_[at].state == connection_state::ready) {
      retire(at, close_reason::suspect, out);
    } else {
      connections_[at].is_suspect = true;
    }
  }
}

void origin_pool::connection_draining(connection_id connection, close_reason reason, time_point, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot || connections_[at].state == connection_state::draining) {
    return;
  }
  retire(at, reason, out);
  settle_dials(out);
}

void origin_pool::stream_limit_changed(connection_id connection, std::size_t streams, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot || connections_[at].state == connection_state::connecting) {
    return;
  }
  expect_streams(streams);
  connections_[at].stream_limit = static_cast<std::uint32_t>(expected_streams_);
  if (connections_[at].streams > 0 && connections_[at].state != connection_state::draining) {
    if (connections_[at].is_suspect) {
      retire(at, close_reason::suspect, out);
    } else {
      serve_waiters(at, now, out);
    }
  }
  settle_dials(out);
}

void origin_pool::expect_streams(std::size_t streams) noexcept {
  assert(streams > 0);
  expected_streams_ = std::clamp<std::size_t>(streams, 1, most_streams);
}

void origin_pool::heard_from(connection_id connection, time_point now) {
  if (const slot at = connections_.find(connection); at != no_slot) {
    connections_[at].last_heard = now;
    connections_[at].is_suspect = false;
  }
}

/// Closes the connection now if it has no stream, else when its last one ends.
void origin_pool::retire(slot at, close_reason reason, actions& out) {
  if (connections_[at].streams == 0) {
    close(at, reason, out);
    return;
  }
  connections_[at].drain_reason = reason;
  connections_.place(at, connection_state::draining);
}

void origin_pool::close(slot at, close_reason reason, actions& out) {
  out.push_back({.what = action::kind::close, .connection = connections_.id_of(at), .reason = reason});
  forget(at, reason);
}

void origin_pool::forget(slot at, close_reason reason) {
  counts_.streams -= connections_[at].streams;
  ++counts_.closed[static_cast<std::size_t>(reason)];
  connections_.erase(at);
}

}  // namespace warmwire::pool
