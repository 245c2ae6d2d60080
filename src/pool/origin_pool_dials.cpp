// Dials of one origin's pool: how many are called for, and what becomes of them.
#include "pool/origin_pool.hpp"

#include <algorithm>
#include <cassert>

namespace warmwire::pool {
namespace {

std::size_t less(std::size_t from, std::size_t taken) {
  return from - std::min(from, taken);
}

}  // namespace

void origin_pool::dial_succeeded(connection_id connection, const capacity& capacity, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  assert(connections_[at].state == connection_state::connecting);
  end_dial(at);
  backoff_.succeeded();
  ++counts_.opened;
  memory_.is_multiplexed = capacity.is_multiplexed;
  connection_record& opened = connections_[at];
  opened.opened = opened.last_heard = now;
  opened.lifetime_spread = lifetimes_.next();
  limit_age(at);
  opened.is_provisional = capacity.is_provisional;
  opened.is_multiplexed = capacity.is_multiplexed;
  opened.peer_limit = static_cast<std::uint32_t>(std::min(capacity.streams, most_streams));
  if (capacity.is_multiplexed && !capacity.is_provisional) {
    learn_limit(capacity.streams);
  }
  serve_fresh(at, now, out);
  serve_waiters(at, now, out);
  close_beyond_limit(out);
  settle_dials(now, out);
}

std::size_t origin_pool::streams_before_settings() const noexcept {
  return std::min(memory_.stream_limit.value_or(1), settings_.max_streams);
}

void origin_pool::dial_failed(connection_id connection, time_point now, actions& out) {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return;
  }
  assert(connections_[at].state == connection_state::connecting);
  const connection_record dial = connections_[at];
  ++counts_.dial_failures;
  forget(at, close_reason::dial_failed);
  backoff_.failed(dial.round, backoff_bounds(), now);
  prewarm_goal_ = less(prewarm_goal_, 1);
  reject_those_of_failed_dial(dial, out);
  settle_dials(now, out);
}

void origin_pool::reject_those_of_failed_dial(const connection_record& dial, actions& out) {
  const std::size_t others_serve = std::min(waiters_.size(), coming_streams());
  std::size_t left = std::min<std::size_t>(dial.meant_for, waiters_.size() - others_serve);
  for (const freshness queue : {freshness::fresh_only, freshness::any}) {
    for (; left > 0 && !waiters_.empty(queue) && waiters_.front(queue).ticket <= dial.last_ticket; --left) {
      reject_first(queue, reject_reason::dial_failed, out);
    }
  }
}

void origin_pool::prewarm(std::size_t connections, time_point now, actions& out) {
  if (!is_closing_) {
    is_in_use_ = true;
    prewarm_goal_ = std::max(prewarm_goal_, connections);
    settle_dials(now, out);
  }
}

/// Makes the dials under way those that the waiters and the connections to be kept open call for: more, or fewer.
void origin_pool::settle_dials(time_point now, actions& out) {
  if (waiters_.empty() && counts_.connecting == 0 && !wants_more_ && prewarm_goal_ == 0 && warm_goal() == 0) {
    return;
  }
  backoff_.pass(now);
  warm_backoff_.pass(now);
  close_excess_dials(out);
  dial_for_waiters(out);
  dial_unasked(out);
}

void origin_pool::close_excess_dials(actions& out) {
  while (counts_.connecting > dials_to_keep()) {
    slot youngest = connections_.back(connection_state::connecting);
    while (connections_[youngest].is_unasked) {
      youngest = connections_.previous(youngest);
    }
    close(youngest, close_reason::dial_excess, out);
  }
}

void origin_pool::dial_for_waiters(actions& out) {
  while (coming_streams() < waiters_.size()) {
    if (may_dial()) {
      start_dial(dial_cause::waiters, out);
    } else if (may_dial_in_place_of_idle()) {
      // Whoever waits beside an idle connection wants a fresh one.
      close(connections_.front(connection_state::idle), close_reason::idle_excess, out);
    } else {
      return;
    }
  }
}

void origin_pool::dial_unasked(actions& out) {
  if (wants_more_ && counts_.connecting == 0 && provisional_ == 0 && may_dial()) {
    start_dial(dial_cause::unasked, out);
  }
  wants_more_ = false;
  while (is_short_of(prewarm_goal_) && may_dial()) {
    start_dial(dial_cause::unasked, out);
  }
  if (!is_short_of(prewarm_goal_)) {
    prewarm_goal_ = 0;
  }
  while (!warm_backoff_.is_waiting() && is_short_of(warm_goal()) && may_dial()) {
    start_dial(dial_cause::unasked, out);
  }
}

bool origin_pool::may_dial() const noexcept {
  return !backoff_.is_waiting() && possible_dials(freshness::any) > 0;
}

bool origin_pool::may_dial_in_place_of_idle() const noexcept {
  return !backoff_.is_waiting() && possible_dials(freshness::fresh_only) > 0;
}

/// By the limits alone. For a fresh connection idle ones may be closed.
std::size_t origin_pool::possible_dials(freshness wanted) const noexcept {
  const std::size_t replaceable = wanted == freshness::fresh_only ? connections_.size(connection_state::idle) : 0;
  return std::min(less(connection_limit(), connections_.total() - replaceable), less(dial_limit(), counts_.connecting));
}

void origin_pool::start_dial(dial_cause cause, actions& out) {
  const slot at = connections_.insert();
  connection_record& dial = connections_[at];
  dial.meant_for = static_cast<std::uint32_t>(expected_streams());
  dial.last_ticket = waiters_.last_ticket();
  dial.round = backoff_.round();
  dial.is_unasked = cause == dial_cause::unasked;
  unasked_dials_ += dial.is_unasked ? 1U : 0U;
  out.push_back({.what = action::kind::dial, .connection = connections_.id_of(at)});
}

void origin_pool::end_dial(slot at) noexcept {
  unasked_dials_ -= connections_[at].is_unasked ? 1U : 0U;
  connections_[at].is_unasked = false;
}

/// What those that wait need not dial for.
std::size_t origin_pool::coming_streams() const noexcept {
  return counts_.connecting * expected_streams() + less(provisional_ * expected_streams(), provisional_streams_);
}

/// Those that the waiters need and those begun without one, and as many beyond as could be kept as idle connections.
std::size_t origin_pool::dials_to_keep() const noexcept {
  const std::size_t needed = (waiters_.size() + expected_streams() - 1) / expected_streams();
  const bool keeps_idle = settings_.idle_timeout > duration::zero();
  const std::size_t room = keeps_idle ? less(settings_.max_idle, connections_.size(connection_state::idle)) : 0;
  return needed + unasked_dials_ + room;
}

dial_backoff::bounds origin_pool::backoff_bounds() const noexcept {
  return {settings_.dial_backoff_min, settings_.dial_backoff_max};
}

bool origin_pool::is_probing() const noexcept {
  return may_multiplex_ && settings_.protocol != http_protocol::http1 && !memory_.is_multiplexed;
}

std::size_t origin_pool::connection_limit() const noexcept {
  return is_multiplexed() ? std::min(settings_.max_connections, settings_.max_h2_connections)
                          : settings_.max_connections;
}

std::size_t origin_pool::dial_limit() const noexcept {
  if (is_probing()) {
    return 1;
  }
  return is_multiplexed() ? settings_.max_concurrent_h2_dials : settings_.max_concurrent_dials;
}

/// What a new connection is expected to carry. Of a probe the most is hoped for: what follows from less follows then.
std::size_t origin_pool::expected_streams() const noexcept {
  if (!is_multiplexed() && !is_probing()) {
    return 1;
  }
  const std::size_t streams = std::min(memory_.stream_limit.value_or(most_streams), settings_.max_streams);
  return static_cast<std::size_t>(std::min<std::uint64_t>(streams, memory_.request_limit.value_or(most_streams)));
}

// A limit of zero is for the moment: it is not what a new connection would bring.
void origin_pool::learn_limit(std::size_t streams) noexcept {
  if (streams > 0) {
    memory_.stream_limit = std::min(streams, most_streams);
  }
}

/// Connections that may be used now or later.
std::size_t origin_pool::open() const noexcept {
  return counts_.idle + counts_.active - connections_.size(connection_state::draining);
}

std::size_t origin_pool::warm_goal() const noexcept {
  return is_in_use_ && settings_.min_warm > 0 ? std::min(settings_.min_warm, connection_limit()) : 0;
}

bool origin_pool::is_short_of(std::size_t goal) const noexcept {
  return open() + counts_.connecting < std::min(goal, connection_limit());
}

}  // namespace warmwire::pool
