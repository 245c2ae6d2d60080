// How long the connections of one origin's pool are kept.
#include "pool/origin_pool.hpp"

#include <algorithm>
#include <chrono>

namespace warmwire::pool {
namespace {

constexpr double lifetime_part = 0.1;
constexpr duration forever = duration::max();
constexpr duration longest_sleep = std::chrono::hours(24 * 365);

}  // namespace

duration origin_pool::learned_idle_limit() const noexcept {
  return settings_.learn_idle_timeout ? memory_.idle.limit.value_or(forever) : forever;
}

/// Those that `min_warm` keeps are held to no time-out of ours; but a path that is known to be closed or forgotten by
/// then does not keep anything warm.
duration origin_pool::idle_limit() const noexcept {
  const duration learned = learned_idle_limit();
  return open() > warm_goal() ? std::min<duration>(settings_.idle_timeout, learned) : learned;
}

origin_pool::expiry origin_pool::expiry_of(slot unused) const {
  const time_point by_hint = connections_.hint_due(unused);
  const time_point by_age = connections_.age_due(unused);
  const time_point by_timeout = later(connections_[unused].since, idle_limit());
  if (by_age < by_timeout && by_age < by_hint) {
    return {by_age, close_reason::max_lifetime};
  }
  return by_hint < by_timeout ? expiry{by_hint, close_reason::keep_alive_hint}
                              : expiry{by_timeout, close_reason::idle_timeout};
}

/// A connection that the peer has left open until the learned limit has survived it; but one that was idle already when
/// that was lowered says nothing about it.
void origin_pool::expire(slot unused, time_point now, actions& out) {
  const close_reason reason = expiry_of(unused).reason;
  const time_point since = connections_[unused].since;
  if (reason == close_reason::idle_timeout && settings_.learn_idle_timeout && since >= lesson_at_) {
    memory_.idle.survived(now - since, settings_.idle_timeout);
  }
  close(unused, reason, out);
}

void origin_pool::close_expired(time_point now, actions& out) {
  for (slot at = connections_.first_by_hint(); at != no_slot && connections_.hint_due(at) <= now;
       at = connections_.first_by_hint()) {
    expire(at, now, out);
  }
  for (slot at = connections_.first_by_age(); at != no_slot && connections_.age_due(at) <= now;
       at = connections_.first_by_age()) {
    if (is_unused(connections_[at].state)) {
      expire(at, now, out);
    } else {
      retire(at, close_reason::max_lifetime, out);
    }
  }
  for (const connection_state state : {connection_state::idle, connection_state::barred}) {
    for (slot at = connections_.front(state); at != no_slot && later(connections_[at].since, idle_limit()) <= now;
         at = connections_.front(state)) {
      expire(at, now, out);
    }
  }
}

/// Of more than `max_idle` idle connections, closes those that have been idle for the grace, the oldest first.
void origin_pool::close_idle_excess(time_point now, actions& out) {
  while (connections_.size(connection_state::idle) > settings_.max_idle && open() > warm_goal()) {
    const slot oldest = connections_.front(connection_state::idle);
    if (connections_[oldest].since + settings_.idle_burst_grace > now) {
      return;
    }
    close(oldest, close_reason::idle_excess, out);
  }
}

void origin_pool::slept(duration asleep, time_point now, actions& out) {
  const duration span = std::clamp<duration>(asleep, duration::zero(), longest_sleep);
  connections_.advance(span);
  backoff_.advance(span);
  warm_backoff_.advance(span);
  close_after_sleep(now, out);
  close_idle_excess(now, out);
  settle_dials(now, out);
}

void origin_pool::close_after_sleep(time_point now, actions& out) {
  const duration longest = std::min<duration>(settings_.idle_timeout, learned_idle_limit());
  for (const connection_state state : {connection_state::idle, connection_state::barred}) {
    while (!connections_.empty(state) && connections_[connections_.front(state)].since + longest <= now) {
      close(connections_.front(state), close_reason::suspended, out);
    }
  }
  for (slot at = connections_.first_by_hint(); at != no_slot && connections_.hint_due(at) <= now;
       at = connections_.first_by_hint()) {
    close(at, close_reason::suspended, out);
  }
  for (slot at = connections_.first_by_age(); at != no_slot && connections_.age_due(at) <= now;
       at = connections_.first_by_age()) {
    retire(at, close_reason::suspended, out);
  }
}

/// The longest that the connection may live, by its own spread.
void origin_pool::limit_age(slot at) {
  const connection_record& connection = connections_[at];
  const duration lifetime = spread(settings_.max_lifetime, lifetime_part, connection.lifetime_spread);
  const bool ends = settings_.max_lifetime > duration::zero();
  connections_.expire_by_age(at, ends ? connection.opened + lifetime : time_point::max());
}

}  // namespace warmwire::pool
