// What one origin's pool does because time passed or its owner said so.
#include "pool/origin_pool.hpp"

#include <algorithm>

namespace warmwire::pool {

void origin_pool::tick(time_point now, actions& out) {
  reject_overdue(freshness::fresh_only, now, out);
  reject_overdue(freshness::any, now, out);
  close_expired(now, out);
  if (const slot at = connections_.first_to_rest(); at != no_slot && connections_.rest_due(at) <= now) {
    forget_request_limit(now, out);
  }
  close_idle_excess(now, out);
  settle_dials(now, out);
}

std::optional<time_point> origin_pool::next_wakeup() const {
  time_point first = std::min({wakeup_for_waiters(), wakeup_for_unused(), wakeup_for_dials()});
  if (const slot at = connections_.first_by_hint(); at != no_slot) {
    first = std::min(first, connections_.hint_due(at));
  }
  if (const slot at = connections_.first_by_age(); at != no_slot) {
    first = std::min(first, connections_.age_due(at));
  }
  if (const slot at = connections_.first_to_rest(); at != no_slot) {
    first = std::min(first, connections_.rest_due(at));
  }
  return first == time_point::max() ? std::nullopt : std::optional(first);
}

time_point origin_pool::wakeup_for_waiters() const {
  time_point first = time_point::max();
  for (const freshness queue : {freshness::fresh_only, freshness::any}) {
    if (!waiters_.empty(queue)) {
      first = std::min(first, waiters_.front(queue).arrived + settings_.acquire_timeout);
    }
  }
  return first;
}

time_point origin_pool::wakeup_for_unused() const {
  if (counts_.idle == 0) {
    return time_point::max();
  }
  time_point first = time_point::max();
  const duration longest = idle_limit();
  for (const connection_state state : {connection_state::idle, connection_state::barred}) {
    if (!connections_.empty(state)) {
      first = std::min(first, later(connections_[connections_.front(state)].since, longest));
    }
  }
  if (connections_.size(connection_state::idle) > settings_.max_idle && open() > warm_goal()) {
    const time_point oldest = connections_[connections_.front(connection_state::idle)].since;
    first = std::min(first, oldest + settings_.idle_burst_grace);
  }
  return first;
}

/// The end of a back-off, if there is something to dial then.
time_point origin_pool::wakeup_for_dials() const {
  const bool is_short = is_short_of(warm_goal());
  if (backoff_.is_waiting() && (is_short || is_short_of(prewarm_goal_) || coming_streams() < waiters_.size())) {
    return backoff_.until();
  }
  return is_short && warm_backoff_.is_waiting() ? warm_backoff_.until() : time_point::max();
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

void origin_pool::reconfigure(const pool_settings& settings, time_point now, actions& out) {
  const bool speaks_otherwise = settings.protocol != settings_.protocol;
  const bool has_other_tls = settings.tls != settings_.tls;
  settings_ = settings;
  if (speaks_otherwise) {
    memory_.is_multiplexed.reset();
  }
  if (speaks_otherwise || has_other_tls) {
    replace_all(close_reason::closed_by_user, now, out);
  }
  for (slot at = 0; at < connections_.slots(); ++at) {
    if (is_usable(connections_[at].state)) {
      limit_age(at);
    }
  }
  close_expired(now, out);
  all_limits_changed(now, out);
  close_beyond_limit(out);
  tick(now, out);
}

/// Draining connections leave by themselves: they must not cost others their place.
bool origin_pool::is_beyond_limit() const noexcept {
  return connections_.total() - connections_.size(connection_state::draining) > connection_limit();
}

void origin_pool::close_beyond_limit(actions& out) {
  for (const connection_state state : {connection_state::barred, connection_state::idle}) {
    while (is_beyond_limit() && !connections_.empty(state)) {
      close(connections_.front(state), close_reason::idle_excess, out);
    }
  }
  while (is_beyond_limit() && counts_.connecting > 0) {
    close(connections_.back(connection_state::connecting), close_reason::dial_excess, out);
  }
}

void origin_pool::rerouted(time_point now, actions& out) {
  replace_all(close_reason::closed_by_user, now, out);
  settle_dials(now, out);
}

void origin_pool::network_changed(time_point now, actions& out) {
  backoff_.succeeded();
  warm_backoff_.succeeded();
  replace_all(close_reason::network_changed, now, out);
  settle_dials(now, out);
}

/// Nothing that there is takes another stream. What was dialed for waiters is to be settled afterwards.
void origin_pool::replace_all(close_reason reason, time_point now, actions& out) {
  const std::size_t unasked = unasked_dials_;
  close_all(connection_state::connecting, reason, out);
  retire_all(reason, out);
  backoff_.pass(now);
  while (unasked_dials_ < unasked && may_dial()) {
    start_dial(dial_cause::unasked, out);
  }
}

void origin_pool::close_idle(time_point now, actions& out) {
  close_all(connection_state::idle, close_reason::closed_by_user, out);
  close_all(connection_state::barred, close_reason::closed_by_user, out);
  settle_dials(now, out);
}

void origin_pool::begin_close(time_point, actions& out) {
  is_closing_ = true;
  is_in_use_ = false;
  prewarm_goal_ = 0;
  for (const freshness queue : {freshness::fresh_only, freshness::any}) {
    while (!waiters_.empty(queue)) {
      reject_first(queue, reject_reason::closed, out);
    }
  }
  close_all(connection_state::connecting, close_reason::closed_by_user, out);
  retire_all(close_reason::closed_by_user, out);
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

/// Closes what has no stream, lets the others end.
void origin_pool::retire_all(close_reason reason, actions& out) {
  for (const connection_state state : {connection_state::idle, connection_state::barred, connection_state::ready,
                                       connection_state::loaded, connection_state::busy}) {
    while (!connections_.empty(state)) {
      retire(connections_.front(state), reason, out);
    }
  }
}

}  // namespace warmwire::pool
