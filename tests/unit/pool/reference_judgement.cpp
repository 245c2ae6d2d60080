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
  if (is_arrival()) {
    counts_.peak_pending = std::max(counts_.peak_pending, waiters_.size());
  }
  check_counts(pool);
  check_wakeup(pool);
}

void reference_pool::use(const action& given) {
  reference_connection* const connection = find(given.connection);
  require(connection != nullptr && connection->has_room(), "use: the connection has room");
  const auto waiter =
      std::find_if(waiters_.begin(), waiters_.end(), [&](const auto& each) { return each.request == given.request; });
  require(waiter != waiters_.end(), "use: the request waits");
  const auto first =
      std::find_if(waiters_.begin(), waiters_.end(), [&](const auto& each) { return each.wanted == waiter->wanted; });
  require(waiter == first, "use: the request has waited for longest");
  const bool is_new = event_.what == kind::dial_success && event_.connection == given.connection;
  if (waiter->wanted == freshness::fresh_only) {
    require(is_new, "use: a fresh request gets a new connection");
  } else if (is_new) {
    require(waiting(freshness::fresh_only) == 0, "use: fresh requests come first on a new connection");
  } else if (connection->streams == 0 && is_arrival()) {
    check_choice(*connection);
  }
  waiters_.erase(waiter);
  ++connection->streams;
  connection->uses_left -= connection->uses_left == UINT64_MAX ? 0U : 1U;
  counts_.reused += connection->served++ > 0 ? 1U : 0U;
  ++counts_.requests;
}

/// An idle connection is taken only when none with streams has room, in the order asked for, and before its end.
void reference_pool::check_choice(const reference_connection& chosen) const {
  require(end_of(chosen) > now_, "use: an idle connection has not expired");
  for (const reference_connection& each : connections_) {
    require(each.streams == 0 || !each.has_room(), "use: one with streams is taken before an idle one");
    if (each.is_idle() && end_of(each) > now_ && each.id != chosen.id) {
      const bool is_lifo = settings_.scheduling == scheduling::lifo;
      require((each.idle_order < chosen.idle_order) == is_lifo, "use: idle connections in the order asked for");
    }
  }
}

void reference_pool::dial(const action& given) {
  require(find(given.connection) == nullptr, "dial: a new id");
  require(!is_closing_, "dial: not while closing");
  require(connections_.size() < settings_.max_connections, "dial: within max_connections");
  require(connecting() < settings_.max_concurrent_dials, "dial: within max_concurrent_dials");
  require(connecting() * expected_streams_ < waiters_.size(), "dial: only for who has none");
  connections_.push_back({.id = given.connection, .meant_for = expected_streams_, .last_ticket = tickets_});
  ++dials_;
}

void reference_pool::close(const action& given) {
  const reference_connection* const connection = find(given.connection);
  require(connection != nullptr, "close: the connection is there");
  if (connection->must_close) {
    require(connection->must_close == given.reason, "close: for the reason that there is");
  } else {
    require(may_close(*connection, given.reason), "close: for a reason that there is");
  }
  forget(given.connection, given.reason);
}

bool reference_pool::may_close(const reference_connection& connection, close_reason reason) const {
  switch (reason) {
    case close_reason::idle_timeout:
      return connection.is_idle() && connection.idle_since + settings_.idle_timeout <= now_;
    case close_reason::keep_alive_hint:
      return connection.is_idle() && connection.reuse_within &&
             connection.idle_since + *connection.reuse_within <= now_;
    case close_reason::idle_excess:
      return connection.is_idle() && may_close_as_excess(connection);
    case close_reason::dial_excess:
      return connection.is_connecting &&
             (connections_.size() - draining() > settings_.max_connections || connecting() > dials_allowed());
    default:
      return false;
  }
}

bool reference_pool::may_close_as_excess(const reference_connection& connection) const {
  const bool is_oldest = std::none_of(connections_.begin(), connections_.end(), [&](const auto& each) {
    return each.is_idle() && each.idle_order < connection.idle_order;
  });
  const bool is_beyond_grace =
      idle() > settings_.max_idle && connection.idle_since + settings_.idle_burst_grace <= now_;
  const bool is_beyond_limit =
      event_.what == kind::reconfigure && connections_.size() - draining() > settings_.max_connections;
  const bool is_in_the_way = connections_.size() >= settings_.max_connections &&
                             waiting(freshness::fresh_only) > connecting() * expected_streams_;
  return is_oldest && (is_beyond_grace || is_beyond_limit || is_in_the_way);
}

std::size_t reference_pool::dials_allowed() const {
  const std::size_t needed = (waiters_.size() + expected_streams_ - 1) / expected_streams_;
  const bool keeps_idle = settings_.idle_timeout > duration::zero();
  return needed + (keeps_idle ? settings_.max_idle - std::min(settings_.max_idle, idle()) : 0);
}

void reference_pool::reject(const action& given) {
  const auto waiter =
      std::find_if(waiters_.begin(), waiters_.end(), [&](const auto& each) { return each.request == given.request; });
  require(waiter != waiters_.end(), "reject: the request waits");
  const bool is_newcomer = is_arrival() && event_.request == given.request;
  switch (given.why) {
    case reject_reason::overflow:
      require(is_newcomer && !is_closing_, "overflow: only on arrival");
      require(waiters_.size() > connecting() * expected_streams_ + settings_.max_pending,
              "overflow: the queue is full");
      require(!may_dial() && (waiter->wanted == freshness::any || !may_replace_idle()),
              "overflow: no dial is possible");
      ++counts_.rejected;
      break;
    case reject_reason::acquire_timeout:
      require(waiter->arrived + settings_.acquire_timeout <= now_, "acquire_timeout: it has passed");
      require(event_.what == kind::tick || event_.what == kind::reconfigure, "acquire_timeout: by time only");
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
  require(!is_closing_ || (waiters_.empty() && connecting() == 0 && idle() == 0), "closing leaves only streams");
  if (connections_.size() - draining() > settings_.max_connections) {
    require(connecting() == 0 && idle() == 0, "beyond the limit only what has streams stays");
  }
  require(settings_.idle_burst_grace > 0ms || idle() <= settings_.max_idle, "max_idle holds at once without a grace");
  require(connecting() <= dials_allowed(), "dials beyond need are those that can be kept");
  for (const reference_connection& each : connections_) {
    require(!each.must_close, "what has to be closed is closed");
    const bool is_looked_at = event_.what == kind::tick || event_.what == kind::reconfigure;
    require(!is_looked_at || !each.is_idle() || end_of(each) > now_, "tick: what has expired is closed");
  }
}

bool reference_pool::may_dial() const {
  return connections_.size() < settings_.max_connections && connecting() < settings_.max_concurrent_dials;
}

bool reference_pool::may_replace_idle() const {
  return idle() > 0 && connections_.size() - idle() < settings_.max_connections &&
         connecting() < settings_.max_concurrent_dials;
}

void reference_pool::check_waiting() const {
  for (const reference_connection& each : connections_) {
    require(waiting(freshness::any) == 0 || !each.has_room(), "nobody waits while a stream is free");
  }
  require(waiters_.size() <= connecting() * expected_streams_ || !may_dial(), "nobody waits for want of a dial");
  require(waiting(freshness::fresh_only) <= connecting() * expected_streams_ || !may_replace_idle(),
          "a fresh request is dialed in place of an idle connection");
  if (is_arrival() && !waiters_.empty() && waiters_.back().request == event_.request) {
    require(waiters_.size() <= connecting() * expected_streams_ + settings_.max_pending, "the queue has a cap");
  }
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
  require(real.idle == idle(), "counts: idle");
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
}

void reference_pool::check_wakeup(const origin_pool& pool) const {
  time_point first = time_point::max();
  for (const reference_waiter& each : waiters_) {
    first = std::min(first, each.arrived + settings_.acquire_timeout);
  }
  for (const reference_connection& each : connections_) {
    if (each.is_idle()) {
      first = std::min(first, end_of(each));
      first = idle() > settings_.max_idle ? std::min(first, each.idle_since + settings_.idle_burst_grace) : first;
    }
  }
  const auto expected = first == time_point::max() ? std::nullopt : std::optional(first);
  require(pool.next_wakeup() == expected, "next_wakeup is when something comes due");
  require(event_.what != kind::tick || !expected || *expected > now_, "tick leaves nothing that is due");
}

}  // namespace warmwire::pool
