// Which answers of a pool the naive one allows, and what it misses.
#include "reference_pool.hpp"

#include <algorithm>
#include <stdexcept>

namespace warmwire::pool {
namespace {

using namespace std::chrono_literals;

void require(bool holds, const char* rule) {
  if (!holds) {
    throw std::logic_error(rule);
  }
}

}  // namespace

void reference_pool::judge(const actions& answer, const origin_pool& pool) {
  for (const action& each : answer) {
    switch (each.what) {
      case action::kind::use:
        use(each);
        break;
      case action::kind::dial:
        dial(each);
        break;
      case action::kind::close:
        close(each);
        break;
      case action::kind::reject:
        reject(each);
        break;
    }
  }
  check_nothing_is_missing();
  check_waiting();
  if (leads_to_dials_) {
    check_unasked();
  }
  if (is_arrival()) {
    counts_.peak_pending = std::max(counts_.peak_pending, waiters_.size());
  }
  notices_who_is_spent();
  check_counts(pool);
  check_wakeup(pool);
}

void reference_pool::use(const action& given) {
  reference_connection* const connection = find(given.connection);
  require(connection != nullptr && has_room(*connection), "use: the connection has room");
  const auto waiter =
      std::find_if(waiters_.begin(), waiters_.end(), [&](const auto& each) { return each.request == given.request; });
  require(waiter != waiters_.end(), "use: the request waits");
  const auto first =
      std::find_if(waiters_.begin(), waiters_.end(), [&](const auto& each) { return each.wanted == waiter->wanted; });
  require(waiter == first, "use: the request has waited for longest");
  const bool is_new = is_new_ && event_.connection == given.connection;
  if (waiter->wanted == freshness::fresh_only) {
    require(is_new, "use: a fresh request gets a new connection");
  } else if (is_new) {
    require(waiting(freshness::fresh_only) == 0, "use: fresh requests come first on a new connection");
  } else if (is_arrival()) {
    check_choice(*connection);
  }
  waiters_.erase(waiter);
  wants_more_ = wants_more_ || connection->streams >= settings_.target_streams;
  if (connection->streams++ == 0) {
    const bool is_first = event_.what == kind::dial_success && event_.connection == given.connection;
    const bool is_of_event = event_.what == kind::limit && event_.connection == given.connection;
    const time_point idle_since = is_of_event ? idle_since_ : connection->idle_since;
    connection->idle_before = is_first ? duration::zero() : now_ - idle_since;
    connection->busy_since = now_;
    if (settings_.learn_idle_timeout && !is_first) {
      memory_.idle.survived(connection->idle_before, settings_.idle_timeout);
    }
  }
  connection->uses_left -= connection->uses_left == UINT64_MAX ? 0U : 1U;
  counts_.reused += connection->served++ > 0 ? 1U : 0U;
  ++counts_.requests;
}

/// A connection below its target is taken first; then an idle one, in the order asked for, and before its end.
void reference_pool::check_choice(const reference_connection& chosen) const {
  const bool is_below_target = chosen.streams > 0 && chosen.streams < settings_.target_streams;
  require(chosen.streams > 0 || end_of(chosen) > now_, "use: an idle connection has not expired");
  for (const reference_connection& each : connections_) {
    const bool is_better = each.streams > 0 && has_room(each) && each.streams < settings_.target_streams;
    require(is_below_target || !is_better, "use: one below its target is taken first");
    if (is_idle(each) && end_of(each) > now_ && each.id != chosen.id) {
      require(chosen.streams == 0 || is_below_target, "use: an idle one is taken before one beyond its target");
      const bool is_lifo = settings_.scheduling == scheduling::lifo;
      require(chosen.streams > 0 || (each.idle_order < chosen.idle_order) == is_lifo,
              "use: idle connections in the order asked for");
    }
  }
}

void reference_pool::dial(const action& given) {
  require(find(given.connection) == nullptr, "dial: a new id");
  require(!is_closing_, "dial: not while closing");
  require(connections_.size() < connection_limit(), "dial: within the limit of connections");
  require(connecting() < dial_limit(), "dial: within the limit of dials");
  require(!backoff_.is_waiting(), "dial: not during the back-off");
  const bool is_for_waiters = to_replace_ == 0 && coming() < waiters_.size();
  require(is_for_waiters || may_dial_unasked(), "dial: only for who has none");
  connections_.push_back({.id = given.connection,
                          .is_unasked = !is_for_waiters,
                          .meant_for = expected(),
                          .last_ticket = tickets_,
                          .round = backoff_.round()});
  ++dials_;
  unasked_dials_ += is_for_waiters ? 0U : 1U;
}

bool reference_pool::may_dial_unasked() {
  if (to_replace_ > 0) {
    --to_replace_;
    return true;
  }
  if (wants_more_ && connecting() == 0 && provisional() == 0) {
    wants_more_ = false;
    return true;
  }
  return is_short_of(prewarm_goal_) || (is_short_of(warm_goal()) && !warm_backoff_.is_waiting());
}

void reference_pool::close(const action& given) {
  const reference_connection* const connection = find(given.connection);
  require(connection != nullptr, "close: the connection is there");
  if (connection->must_close) {
    require(connection->must_close == given.reason, "close: for the reason that there is");
  } else {
    require(may_close(*connection, given.reason), "close: for a reason that there is");
    const bool tells = given.reason == close_reason::idle_timeout && connection->idle_since >= lesson_at_;
    if (tells && settings_.learn_idle_timeout) {
      memory_.idle.survived(now_ - connection->idle_since, settings_.idle_timeout);
    }
  }
  forget(given.connection, given.reason);
}

bool reference_pool::may_close(const reference_connection& connection, close_reason reason) const {
  switch (reason) {
    case close_reason::idle_timeout:
      return connection.is_unused() && idle_end_of(connection, open() + retired_by_age_) <= now_;
    case close_reason::keep_alive_hint:
      return connection.is_unused() && hint_end_of(connection) <= now_;
    case close_reason::max_lifetime:
      return connection.is_unused() && age_end_of(connection) <= now_;
    case close_reason::idle_excess:
      return connection.is_unused() && may_close_as_excess(connection);
    case close_reason::dial_excess:
      return connection.is_connecting &&
             (is_beyond_limit() || (!connection.is_unasked && connecting() > dials_allowed()));
    default:
      return false;
  }
}

bool reference_pool::may_close_as_excess(const reference_connection& connection) const {
  const bool is_oldest = std::none_of(connections_.begin(), connections_.end(), [&](const auto& each) {
    return is_idle(each) == is_idle(connection) && each.is_unused() && each.idle_order < connection.idle_order;
  });
  const bool is_beyond_grace = is_idle(connection) && idle() > settings_.max_idle && open() > warm_goal() &&
                               connection.idle_since + settings_.idle_burst_grace <= now_;
  const bool is_in_the_way = is_idle(connection) && connections_.size() >= connection_limit() &&
                             !backoff_.is_waiting() && waiting(freshness::fresh_only) > coming();
  return is_oldest && (is_beyond_grace || is_beyond_limit() || is_in_the_way);
}

void reference_pool::reject(const action& given) {
  const auto waiter =
      std::find_if(waiters_.begin(), waiters_.end(), [&](const auto& each) { return each.request == given.request; });
  require(waiter != waiters_.end(), "reject: the request waits");
  const bool is_newcomer = is_arrival() && event_.request == given.request;
  switch (given.why) {
    case reject_reason::overflow:
      require(is_newcomer && !is_closing_, "overflow: only on arrival");
      require(waiters_.size() > coming() + possible_dials(waiter->wanted) * expected() + settings_.max_pending,
              "overflow: the queue is full, and no dial is possible");
      ++counts_.rejected;
      break;
    case reject_reason::acquire_timeout:
      require(waiter->arrived + settings_.acquire_timeout <= now_, "acquire_timeout: it has passed");
      require(looks_at_time(), "acquire_timeout: by time only");
      ++counts_.timed_out;
      break;
    case reject_reason::closed:
      require(is_closing_, "closed: only while closing");
      ++counts_.rejected;
      break;
    case reject_reason::dial_failed:
      require(!victims_.empty() && victims_.front() == given.request, "dial_failed: whom the dial was for");
      victims_.erase(victims_.begin());
      break;
  }
  ++rejections_[static_cast<std::size_t>(given.why)];
  waiters_.erase(waiter);
}

void reference_pool::check_nothing_is_missing() const {
  require(victims_.empty(), "a failed dial takes with it whom it was for");
  require(!is_closing_ || (waiters_.empty() && connecting() == 0 && unused() == 0), "closing leaves only streams");
  require(!is_beyond_limit() || (connecting() == 0 && unused() == 0), "beyond the limit only what has streams stays");
  require(settings_.idle_burst_grace > 0ms || idle() <= settings_.max_idle || settings_.min_warm > 0,
          "max_idle holds at once without a grace");
  require(connecting() <= dials_allowed(), "dials beyond need are those that can be kept");
  for (const reference_connection& each : connections_) {
    require(!each.must_close, "what has to be closed is closed");
    require(!looks_at_time() || !each.is_unused() || end_of(each) > now_, "tick: what has expired is closed");
    require(!looks_at_time() || !each.is_usable() || age_end_of(each) > now_, "tick: what is too old drains");
  }
}

void reference_pool::check_waiting() const {
  for (const reference_connection& each : connections_) {
    require(waiting(freshness::any) == 0 || !has_room(each), "nobody waits while a stream is free");
  }
  if (leads_to_dials_) {
    require(waiters_.size() <= coming() || !may_dial(), "nobody waits for want of a dial");
    require(waiting(freshness::fresh_only) <= coming() || !may_replace_idle(),
            "a fresh request is dialed in place of an idle connection");
  }
  if (is_arrival() && !waiters_.empty() && waiters_.back().request == event_.request) {
    const std::size_t capacity = coming() + possible_dials(waiters_.back().wanted) * expected();
    require(waiters_.size() <= capacity + settings_.max_pending, "the queue has a cap");
  }
}

void reference_pool::check_unasked() {
  require(!wants_more_ || connecting() > 0 || provisional() > 0 || !may_dial(), "one more is dialed beside");
  require(!is_short_of(prewarm_goal_) || !may_dial(), "what is to be prewarmed is dialed");
  require(!is_short_of(warm_goal()) || warm_backoff_.is_waiting() || !may_dial(), "min_warm is kept");
  prewarm_goal_ = is_short_of(prewarm_goal_) ? prewarm_goal_ : 0;
}

void reference_pool::check_counts(const origin_pool& pool) const {
  const pool_counts& real = pool.counts();
  std::size_t streams = 0;
  std::size_t active = 0;
  for (const reference_connection& each : connections_) {
    streams += each.streams;
    active += each.streams > 0 ? 1U : 0U;
  }
  require(real.connecting == connecting(), "counts: connecting");
  require(real.idle == unused(), "counts: idle");
  require(real.active == active, "counts: active");
  require(real.streams == streams, "counts: streams");
  require(real.pending == waiters_.size(), "counts: pending");
  require(real.peak_pending == counts_.peak_pending, "counts: peak_pending");
  require(real.requests == counts_.requests, "counts: requests");
  require(real.opened == counts_.opened, "counts: opened");
  require(real.reused == counts_.reused, "counts: reused");
  require(real.rejected == counts_.rejected, "counts: rejected");
  require(real.timed_out == counts_.timed_out, "counts: timed_out");
  require(real.dial_failures == counts_.dial_failures, "counts: dial_failures");
  require(real.closed == counts_.closed, "counts: closed");
  require(pool.memory() == memory_, "memory");
}

void reference_pool::check_wakeup(const origin_pool& pool) const {
  time_point first = time_point::max();
  for (const reference_waiter& each : waiters_) {
    first = std::min(first, each.arrived + settings_.acquire_timeout);
  }
  for (const reference_connection& each : connections_) {
    first = each.is_usable() ? std::min(first, age_end_of(each)) : first;
    first = each.is_unused() ? std::min(first, end_of(each)) : first;
    first = each.spent_since ? std::min(first, *each.spent_since + origin_pool::rest_patience) : first;
    const bool is_in_excess = is_idle(each) && idle() > settings_.max_idle && open() > warm_goal();
    first = is_in_excess ? std::min(first, each.idle_since + settings_.idle_burst_grace) : first;
  }
  const bool needs_warmth = is_short_of(warm_goal());
  if (backoff_.is_waiting() && (needs_warmth || is_short_of(prewarm_goal_) || coming() < waiters_.size())) {
    first = std::min(first, backoff_.until());
  } else if (warm_backoff_.is_waiting() && needs_warmth) {
    first = std::min(first, warm_backoff_.until());
  }
  const auto expected = first == time_point::max() ? std::nullopt : std::optional(first);
  require(pool.next_wakeup() == expected, "next_wakeup is when something comes due");
  require(event_.what != kind::tick || !expected || *expected > now_, "tick leaves nothing that is due");
}

}  // namespace warmwire::pool
