// Requests of one origin's pool: who gets a stream, who waits, and the dials that waiting calls for.
#include "pool/origin_pool.hpp"

#include <algorithm>

namespace warmwire::pool {

origin_pool::origin_pool(const pool_settings& settings) : settings_(settings), connections_(counts_) {}

void origin_pool::request_arrived(request_id request, freshness wanted, time_point now, actions& out) {
  if (!is_closing_ && wanted == freshness::any && waiters_.empty(freshness::any)) {
    if (const slot at = pick(now, out); at != no_slot) {
      give(at, request, now, out);
      file(at, now, out);
      return;
    }
  }
  if (is_closing_ || !may_queue(wanted)) {
    ++counts_.rejected;
    const reject_reason why = is_closing_ ? reject_reason::closed : reject_reason::overflow;
    out.push_back({.what = action::kind::reject, .request = request, .why = why});
    return;
  }
  waiters_.push(request, wanted, now);
  counts_.pending = waiters_.size();
  counts_.peak_pending = std::max(counts_.peak_pending, counts_.pending);
  settle_dials(out);
}

void origin_pool::request_cancelled(request_id request, time_point, actions& out) {
  if (waiters_.remove(request)) {
    counts_.pending = waiters_.size();
    settle_dials(out);
  }
}

// What waits beyond the capacity that is being dialed for it counts against `max_pending`.
bool origin_pool::may_queue(freshness wanted) const noexcept {
  const std::size_t capacity = connecting_capacity();
  const bool is_covered =
      waiters_.size() < capacity || may_dial() || (wanted == freshness::fresh_only && may_dial_in_place_of_idle());
  return is_covered || waiters_.size() - capacity < settings_.max_pending;
}

/// A connection with room for a stream: one that has streams already, so that idle ones may age, else an idle one.
slot origin_pool::pick(time_point now, actions& out) {
  if (!connections_.empty(connection_state::ready)) {
    return connections_.front(connection_state::ready);
  }
  while (!connections_.empty(connection_state::idle)) {
    const slot at = settings_.scheduling == scheduling::lifo ? connections_.back(connection_state::idle)
                                                             : connections_.front(connection_state::idle);
    const expiry end = expiry_of(at);
    if (end.at > now) {
      return at;
    }
    close(at, end.reason, out);
  }
  return no_slot;
}

/// Puts a stream on the connection, which has to be filed afterwards.
void origin_pool::give(slot at, request_id request, time_point now, actions& out) {
  connection_record& connection = connections_[at];
  connection.idle_for = connection.state == connection_state::idle ? now - connection.since : duration{};
  if (connection.streams++ == 0) {
    connection.since = now;
    connections_.make_youngest(at);
  }
  if (connection.uses_left != unlimited_uses) {
    --connection.uses_left;
  }
  counts_.reused += connection.served++ > 0 ? 1U : 0U;
  ++counts_.requests;
  ++counts_.streams;
  out.push_back({.what = action::kind::use, .request = request, .connection = connections_.id_of(at)});
}

/// Hands the connection's free streams to those that have waited for longest, then files it.
void origin_pool::serve_waiters(slot at, time_point now, actions& out) {
  while (has_room(at) && !waiters_.empty(freshness::any)) {
    give(at, waiters_.pop(freshness::any), now, out);
  }
  counts_.pending = waiters_.size();
  file(at, now, out);
}

void origin_pool::file(slot at, time_point now, actions& out) {
  connection_record& connection = connections_[at];
  if (connection.streams > 0) {
    connections_.place(at, has_room(at) ? connection_state::ready : connection_state::busy);
    return;
  }
  connection.since = now;
  connections_.place(at, connection_state::idle);
  if (connection.reuse_within) {
    connections_.expire_by_hint(at, now + *connection.reuse_within);
  }
  close_idle_excess(now, out);
}

bool origin_pool::has_room(slot at) const noexcept {
  const connection_record& connection = connections_[at];
  return connection.streams < connection.stream_limit && connection.uses_left > 0;
}

/// Makes the dials under way those that the waiters call for: more, or fewer.
void origin_pool::settle_dials(actions& out) {
  if (waiters_.empty() && counts_.connecting == 0) {
    return;
  }
  while (counts_.connecting > dials_to_keep()) {
    close(connections_.back(connection_state::connecting), close_reason::dial_excess, out);
  }
  while (connecting_capacity() < waiters_.size()) {
    if (may_dial()) {
      start_dial(out);
    } else if (may_dial_in_place_of_idle()) {
      // Whoever waits beside an idle connection wants a fresh one.
      close(connections_.front(connection_state::idle), close_reason::idle_excess, out);
    } else {
      return;
    }
  }
}

bool origin_pool::may_dial() const noexcept {
  return connections_.total() < settings_.max_connections && counts_.connecting < settings_.max_concurrent_dials;
}

bool origin_pool::may_dial_in_place_of_idle() const noexcept {
  return counts_.idle > 0 && connections_.total() - counts_.idle < settings_.max_connections &&
         counts_.connecting < settings_.max_concurrent_dials;
}

void origin_pool::start_dial(actions& out) {
  const slot at = connections_.insert();
  connections_[at].meant_for = static_cast<std::uint32_t>(expected_streams_);
  connections_[at].last_ticket = waiters_.last_ticket();
  out.push_back({.what = action::kind::dial, .connection = connections_.id_of(at)});
}

/// Those that the waiters need, and as many beyond as could be kept as idle connections.
std::size_t origin_pool::dials_to_keep() const noexcept {
  const std::size_t needed = (waiters_.size() + expected_streams_ - 1) / expected_streams_;
  const bool keeps_idle = settings_.idle_timeout > duration::zero() && counts_.idle < settings_.max_idle;
  return needed + (keeps_idle ? settings_.max_idle - counts_.idle : 0);
}

}  // namespace warmwire::pool
