// What happens to the connections of one origin's pool, and what follows from it.
#include "pool/origin_pool.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace warmwire::pool {
namespace {

/// How long a connection may be idle and still be safe to reuse when the server ends it after `timeout`: less two round
/// trips (the server's clock started earlier, the request arrives later), and never less than a second.
duration safe_idle_time(const keep_alive_hint& hint) {
  using namespace std::chrono_literals;
  const std::chrono::seconds bounded = std::clamp<std::chrono::seconds>(*hint.timeout, 0s, 24h);
  return bounded - std::max<duration>(1s, 2 * hint.round_trip);
}

constexpr std::uint32_t most_refusals = 2;

}  // namespace

void origin_pool::stream_ended(connection_id connection, const keep_alive_hint& hint, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  release(at);
  warm_backoff_.succeeded();
  if (connections_[at].state != connection_state::draining) {
    learn_hint(at, hint);
  }
  reuse_or_retire(at, now, out);
  settle_dials(now, out);
}

void origin_pool::stream_refused(connection_id connection, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  connection_record& refused = connections_[at];
  refused.refusals += refused.streams <= limit_of(refused) ? 1U : 0U;
  release(at);
  if (refused.refusals == most_refusals && refused.state != connection_state::draining) {
    retire(at, close_reason::refused, out);
  } else {
    reuse_or_retire(at, now, out);
  }
  settle_dials(now, out);
}

void origin_pool::release(slot at) {
  connection_record& connection = connections_[at];
  assert(connection.streams > 0);
  --connection.streams;
  --counts_.streams;
  if (connection.is_provisional) {
    provisional_ -= connection.streams == 0 ? 1U : 0U;
    --provisional_streams_;
  }
}

/// After a stream has ended.
void origin_pool::reuse_or_retire(slot at, time_point now, actions& out) {
  if (connections_[at].state == connection_state::draining) {
    if (connections_[at].streams == 0) {
      close(at, connections_[at].drain_reason, out);
    }
  } else if (const auto reason = reason_to_retire(at)) {
    retire(at, *reason, out);
  } else {
    limits_changed(at, now, out);
  }
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
  if (connection.streams == 0 && settings_.idle_timeout <= duration::zero() && open() > warm_goal()) {
    return close_reason::idle_timeout;
  }
  if (is_beyond_limit()) {
    return close_reason::idle_excess;
  }
  return std::nullopt;
}

void origin_pool::connection_lost(connection_id connection, close_reason reason, time_point now, actions& out) {
  if (const slot at = connections_.find(connection); at != no_slot) {
    lose(at, reason, now, out);
    settle_dials(now, out);
  }
}

void origin_pool::lose(slot at, close_reason reason, time_point now, actions& out) {
  learn_from_end(connections_[at], reason, now);
  const time_point last_heard = connections_[at].last_heard;
  forget(at, reason);
  if (reason == close_reason::dead_path) {
    suspect_siblings(last_heard, out);
  }
}

void origin_pool::learn_from_end(const connection_record& ended, close_reason reason, time_point now) {
  if (is_unused(ended.state) && ended.served == 0) {
    if (ended.opened + settings_.dial_backoff_max <= now) {
      warm_backoff_.succeeded();
    }
    warm_backoff_.failed(warm_backoff_.round(), backoff_bounds(), now);
  }
  const bool is_of_idleness =
      reason == close_reason::peer_closed_idle || reason == close_reason::stale || reason == close_reason::dead_path;
  const bool was_heard_from = ended.streams > 0 && ended.last_heard > ended.since;
  if (settings_.learn_idle_timeout && is_of_idleness && !was_heard_from) {
    memory_.idle.ended_after(ended.streams > 0 ? ended.idle_before : now - ended.since);
    lesson_at_ = now;
  }
}

void origin_pool::use_refused(connection_id connection, request_id request, close_reason reason, time_point now,
                              actions& out) {
  use_undone(connection);
  lose(connections_.find(connection), reason, now, out);
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
  for (const connection_state state : {connection_state::idle, connection_state::barred}) {
    for (slot at = connections_.front(state); at != no_slot;) {
      const slot next = connections_.next(at);
      if (connections_[at].last_heard <= dead_since) {
        close(at, close_reason::suspect, out);
      }
      at = next;
    }
  }
  for (slot at = connections_.oldest_with_streams(); at != no_slot; at = connections_.next_by_age(at)) {
    if (connections_[at].last_heard > dead_since) {
      continue;
    }
    if (connections_[at].state == connection_state::busy) {
      connections_[at].is_suspect = true;
    } else if (connections_[at].state != connection_state::draining) {
      retire(at, close_reason::suspect, out);
    }
  }
}

void origin_pool::connection_draining(connection_id connection, close_reason reason, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot || connections_[at].state == connection_state::draining) {
    return;
  }
  retire(at, reason, out);
  settle_dials(now, out);
}

void origin_pool::turned_away(connection_id connection, std::uint64_t processed, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  if (connections_[at].state != connection_state::draining) {
    retire(at, close_reason::goaway, out);
  }
  if (is_request_limit(processed) && memory_.request_limit != processed) {
    memory_.request_limit = processed;
    all_limits_changed(now, out);
  }
  settle_dials(now, out);
}

/// Whether the connection has answered so many requests, and the peer has not ended it.
bool origin_pool::outlived(const connection_record& connection, std::uint64_t requests) const noexcept {
  return is_usable(connection.state) && connection.is_multiplexed && connection.served >= requests + connection.streams;
}

/// A peer that ended a connection for another reason may have done so after any number of requests.
bool origin_pool::is_request_limit(std::uint64_t requests) const noexcept {
  for (slot at = 0; at < connections_.slots(); ++at) {
    if (outlived(connections_[at], requests)) {
      return false;
    }
  }
  return requests > 0;
}

void origin_pool::forget_request_limit(time_point now, actions& out) {
  memory_.request_limit.reset();
  all_limits_changed(now, out);
}

void origin_pool::stream_limit_changed(connection_id connection, std::size_t streams, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot || connections_[at].state == connection_state::connecting) {
    return;
  }
  memory_.is_multiplexed = true;
  learn_limit(streams);
  connection_record& changed = connections_[at];
  changed.is_multiplexed = true;
  changed.peer_limit = static_cast<std::uint32_t>(std::min(streams, most_streams));
  if (changed.is_provisional) {
    end_provision(changed);
    // One that carries requests already is not fresh: by a GOAWAY those that come late are turned away again.
    if (!changed.is_suspect && changed.served == 0) {
      serve_fresh(at, now, out);
    }
  }
  limits_changed(at, now, out);
  close_beyond_limit(out);
  settle_dials(now, out);
}

/// The connection may carry more streams than before, or fewer.
void origin_pool::limits_changed(slot at, time_point now, actions& out) {
  if (!is_usable(connections_[at].state)) {
    return;
  }
  if (connections_[at].is_suspect && has_room(connections_[at])) {
    retire(at, close_reason::suspect, out);
  } else if (memory_.request_limit && outlived(connections_[at], *memory_.request_limit)) {
    forget_request_limit(now, out);
  } else {
    serve_waiters(at, now, out);
  }
}

void origin_pool::all_limits_changed(time_point now, actions& out) {
  for (slot at = 0; at < connections_.slots(); ++at) {
    limits_changed(at, now, out);
  }
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
  end_provision(connections_[at]);
  connections_[at].drain_reason = reason;
  connections_.place(at, connection_state::draining);
}

void origin_pool::close(slot at, close_reason reason, actions& out) {
  out.push_back({.what = action::kind::close, .connection = connections_.id_of(at), .reason = reason});
  forget(at, reason);
}

void origin_pool::forget(slot at, close_reason reason) {
  end_dial(at);
  end_provision(connections_[at]);
  counts_.streams -= connections_[at].streams;
  ++counts_.closed[static_cast<std::size_t>(reason)];
  connections_.erase(at);
}

void origin_pool::end_provision(connection_record& connection) noexcept {
  if (connection.is_provisional) {
    connection.is_provisional = false;
    provisional_ -= connection.streams > 0 ? 1U : 0U;
    provisional_streams_ -= connection.streams;
  }
}

}  // namespace warmwire::pool
