// What one origin's pool does because time passed or its owner said so.
#include "pool/origin_pool.hpp"

#include <algorithm>

namespace warmwire::pool {

void origin_pool::tick(time_point now, actions& out) {
  reject_overdue(freshness::fresh_only, now, out);
  reject_overdue(freshness::any, now, out);
  close_expired(now, out);
  close_idle_excess(now, out);
  settle_dials(out);
}

std::optional<time_point> origin_pool::next_wakeup() const {
  time_point first = time_point::max();
  for (const freshness queue : {freshness::fresh_only, freshness::any}) {
    if (!waiters_.empty(queue)) {
      first = std::min(first, waiters_.front(queue).arrived + settings_.acquire_timeout);
    }
  }
  if (counts_.idle > 0) {
    const time_point oldest = connections_[connections_.front(connection_state::idle)].since;
    first = std::min(first, oldest + settings_.idle_timeout);
    if (counts_.idle > settings_.max_idle) {
      first = std::min(first, oldest + settings_.idle_burst_grace);
    }
  }
  if (const slot at = connections_.first_by_hint(); at != no_slot) {
    first = std::min(first, connections_.hint_due(at));
  }
  return first == time_point::max() ? std::nullopt : std::optional(first);
}

void origin_pool::reject_overdue(freshness queue, time_point now, actions& out) {
  while (!waiters_.empty(queue) && waiters_.front(queue).arrived + settings_.acquire_timeout <= now) {
    reject_first(queue, reject_reason::acquire_timeout, out);
  }
}

void origin_pool::reject_first(freshness queue, reject_reason why, actions& out) {
  out.push_back({.what = action::kind::reject, .request = waiters_.pop(queue), .why = why});
  counts_.pending = waiters_.size();
  counts_.timed_out += why == reject_reason::acquire_timeout ? 1U : 0U;
  counts_.rejected += why == reject_reason::closed ? 1U : 0U;
}

origin_pool::expiry origin_pool::expiry_of(slot idle) const {
  const time_point by_hint = connections_.hint_due(idle);
  const time_point by_timeout = connections_[idle].since + settings_.idle_timeout;
  return by_hint < by_timeout ? expiry{by_hint, close_reason::keep_alive_hint}
                              : expiry{by_timeout, close_reason::idle_timeout};
}

void origin_pool::close_expired(time_point now, actions& out) {
  for (slot at = connections_.first_by_hint(); at != no_slot && connections_.hint_due(at) <= now;
       at = connections_.first_by_hint()) {
    close(at, expiry_of(at).reason, out);
  }
  for (slot at = connections_.front(connection_state::idle);
       at != no_slot && connections_[at].since + settings_.idle_timeout <= now;
       at = connections_.front(connection_state::idle)) {
    close(at, close_reason::idle_timeout, out);
  }
}

/// Of more than `max_idle` idle connections, closes those that have been idle for the grace, the oldest first.
void origin_pool::close_idle_excess(time_point now, actions& out) {
  while (counts_.idle > settings_.max_idle) {
    const slot oldest = connections_.front(connection_state::idle);
    if (connections_[oldest].since + settings_.idle_burst_grace > now) {
      return;
    }
    close(oldest, close_reason::idle_excess, out);
  }
}

void origin_pool::reconfigure(const pool_settings& settings, time_point now, actions& out) {
  const bool has_other_tls = settings.tls != settings_.tls;
  settings_ = settings;
  if (has_other_tls) retire_all(out);
  close_beyond_limit(out);
  tick(now, out);
}

void origin_pool::retire_all(actions& out) {
  close_all(connection_state::connecting, close_reason::closed_by_user, out);
  close_all(connection_state::idle, close_reason::closed_by_user, out);
  drain_all(connection_state::ready, close_reason::closed_by_user, out);
  drain_all(connection_state::busy, close_reason::closed_by_user, out);
}

/// Draining connections leave by themselves: they must not cost others their place.
bool origin_pool::is_beyond_limit() const noexcept {
  return connections_.total() - connections_.size(connection_state::draining) > settings_.max_connections;
}

void origin_pool::close_beyond_limit(actions& out) {
  while (is_beyond_limit() && counts_.idle > 0) {
    close(connections_.front(connection_state::idle), close_reason::idle_excess, out);
  }
  while (is_beyond_limit() && counts_.connecting > 0) {
    close(connections_.back(connection_state::connecting), close_reason::dial_excess, out);
  }
}

void origin_pool::close_idle(time_point, actions& out) {
  close_all(connection_state::idle, close_reason::closed_by_user, out);
  settle_dials(out);
}

void origin_pool::begin_close(time_point, actions& out) {
  is_closing_ = true;
  for (const freshness queue : {freshness::fresh_only, freshness::any}) {
    while (!waiters_.empty(queue)) {
      reject_first(queue, reject_reason::closed, out);
    }
  }
  retire_all(out);
}

void origin_pool::abort(time_point now, actions& out) {
  begin_close(now, out);
  close_all(connection_state::draining, close_reason::closed_by_user, out);
}

void origin_pool::close_all(connection_state state, close_reason reason, actions& out) {
  while (!connections_.empty(state)) {
    close(connections_.front(state), reason, out);
  }
}

void origin_pool::drain_all(connection_state state, close_reason reason, actions& out) {
  while (!connections_.empty(state)) {
    retire(connections_.front(state), reason, out);
  }
}

}  // namespace warmwire::pool
