// Requests of one origin's pool: who gets a stream, and who waits.
#include "pool/origin_pool.hpp"

#include <algorithm>

namespace warmwire::pool {
origin_pool::origin_pool(const pool_settings& settings, const origin_traits& traits)
    : settings_(settings),
      may_multiplex_(traits.may_multiplex),
      memory_(traits.memory),
      connections_(counts_),
      lifetimes_(traits.seed, spread_of::lifetimes),
      backoff_(jitter(traits.seed, spread_of::dial_backoff)),
      warm_backoff_(jitter(traits.seed, spread_of::warm_backoff)) {
  if (!may_multiplex_) {
    memory_.is_multiplexed.reset();
  }
}

void origin_pool::request_arrived(request_id request, freshness wanted, time_point now, actions& out) {
  if (is_closing_) {
    return reject_newcomer(request, reject_reason::closed, out);
  }
  is_in_use_ = true;
  const slot at = wanted == freshness::any && waiters_.empty(freshness::any) ? pick(now, out) : no_slot;
  if (at != no_slot) {
    give(at, request, now, out);
    file(at, now, out);
  } else if (may_queue(wanted)) {
    waiters_.push(request, wanted, now);
    counts_.pending = waiters_.size();
    counts_.peak_pending = std::max(counts_.peak_pending, counts_.pending);
  } else {
    reject_newcomer(request, reject_reason::overflow, out);
  }
  settle_dials(now, out);
}

void origin_pool::request_cancelled(request_id request, time_point now, actions& out) {
  if (waiters_.remove(request)) {
    counts_.pending = waiters_.size();
    settle_dials(now, out);
  }
}

// What waits beyond the capacity that is being dialed for it, or will be after the back-off, counts against
// `max_pending`.
bool origin_pool::may_queue(freshness wanted) const noexcept {
  const std::size_t capacity = coming_streams() + possible_dials(wanted) * expected_streams();
  return waiters_.size() < capacity + settings_.max_pending;
}

void origin_pool::reject_newcomer(request_id request, reject_reason why, actions& out) {
  ++counts_.rejected;
  out.push_back({.what = action::kind::reject, .request = request, .why = why});
}

/// A connection with room for a stream: one with few streams, so that idle ones may age, else an idle one, else one
/// with many; of those each in its turn.
slot origin_pool::pick(time_point now, actions& out) {
  if (!connections_.empty(connection_state::ready)) {
    return connections_.front(connection_state::ready);
  }
  while (!connections_.empty(connection_state::idle)) {
    const slot at = settings_.scheduling == scheduling::lifo ? connections_.back(connection_state::idle)
                                                             : connections_.front(connection_state::idle);
    if (expiry_of(at).at > now) {
      return at;
    }
    expire(at, now, out);
  }
  const slot at = connections_.front(connection_state::loaded);
  if (at != no_slot) {
    connections_.rotate(at);
  }
  return at;
}

/// Puts a stream on the connection, which has to be filed afterwards.
void origin_pool::give(slot at, request_id request, time_point now, actions& out) {
  connection_record& connection = connections_[at];
  const bool was_unused = is_unused(connection.state) && connection.streams == 0;
  connection.idle_for = was_unused ? now - connection.since : duration{};
  wants_more_ = wants_more_ || connection.streams >= settings_.target_streams;
  if (connection.streams++ == 0) {
    connection.since = now;
    connection.idle_before = connection.idle_for;
    connections_.make_youngest(at);
  }
  if (was_unused && settings_.learn_idle_timeout) {
    memory_.idle.survived(connection.idle_for, settings_.idle_timeout);
  }
  if (connection.uses_left != unlimited_uses) {
    --connection.uses_left;
  }
  if (connection.is_provisional) {
    provisional_ += connection.streams == 1 ? 1U : 0U;
    ++provisional_streams_;
  }
  counts_.reused += connection.served++ > 0 ? 1U : 0U;
  ++counts_.requests;
  ++counts_.streams;
  out.push_back({.what = action::kind::use, .request = request, .connection = connections_.id_of(at)});
}

/// Hands the connection's free streams to those that have waited for longest, then files it.
void origin_pool::serve_waiters(slot at, time_point now, actions& out) {
  while (has_room(connections_[at]) && !waiters_.empty(freshness::any)) {
    give(at, waiters_.pop(freshness::any), now, out);
  }
  counts_.pending = waiters_.size();
  file(at, now, out);
}

/// The same for those that want a new connection, which this one is. It has to be filed afterwards.
void origin_pool::serve_fresh(slot at, time_point now, actions& out) {
  while (has_room(connections_[at]) && !waiters_.empty(freshness::fresh_only)) {
    give(at, waiters_.pop(freshness::fresh_only), now, out);
  }
}

void origin_pool::file(slot at, time_point now, actions& out) {
  connection_record& connection = connections_[at];
  const connection_state state = state_of(connection);
  if (is_spent(connection) != connections_.is_resting(at)) {
    connections_.rest_until(at, is_spent(connection) ? now + rest_patience : time_point::max());
  }
  if (state == connection.state) {
    return;
  }
  connections_.place(at, state);
  if (is_unused(state)) {
    connection.since = now;
    if (connection.reuse_within) {
      connections_.expire_by_hint(at, now + *connection.reuse_within);
    }
    close_idle_excess(now, out);
  }
}

/// Of a connection that is open and not draining.
connection_state origin_pool::state_of(const connection_record& connection) const noexcept {
  if (connection.streams == 0) {
    return has_room(connection) ? connection_state::idle : connection_state::barred;
  }
  if (!has_room(connection)) {
    return connection_state::busy;
  }
  return connection.streams < settings_.target_streams ? connection_state::ready : connection_state::loaded;
}

std::size_t origin_pool::limit_of(const connection_record& connection) const noexcept {
  return std::min<std::size_t>(connection.peer_limit, settings_.max_streams);
}

bool origin_pool::has_room(const connection_record& connection) const noexcept {
  return connection.streams < limit_of(connection) && connection.uses_left > 0 && !is_spent(connection);
}

/// It has had as many requests as the origin takes on one connection.
bool origin_pool::is_spent(const connection_record& connection) const noexcept {
  return connection.is_multiplexed && memory_.request_limit && connection.served >= *memory_.request_limit;
}

}  // namespace warmwire::pool
