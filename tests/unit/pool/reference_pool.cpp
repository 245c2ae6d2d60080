// What events change in the naive pool.
#include "reference_pool.hpp"

#include <algorithm>
#include <chrono>

namespace warmwire::pool {
namespace {

using namespace std::chrono_literals;

constexpr const char* kind_names[] = {
    "arrival", "cancel", "dial_success", "dial_failure", "stream_end", "loss",        "refusal", "undone", "drain",
    "limit",   "heard",  "tick",         "reconfigure",  "close_idle", "begin_close", "abort",   "reopen", "late_news"};

}  // namespace

std::string to_string(const pool_event& event) {
  return std::string(kind_names[static_cast<std::size_t>(event.what)]) + " request " +
         std::to_string(static_cast<std::uint64_t>(event.request)) + " connection " +
         std::to_string(static_cast<std::uint64_t>(event.connection) & 0xFFFFFFFFU) + " generation " +
         std::to_string(static_cast<std::uint64_t>(event.connection) >> 32);
}

void reference_pool::happens(const pool_event& event, time_point now) {
  event_ = event;
  now_ = now;
  victims_.clear();
  reference_connection* const connection = find(event.connection);
  switch (event.what) {
    case kind::arrival:
      ++arrivals_;
      waiters_.push_back({event.request, event.wanted, now, ++tickets_});
      break;
    case kind::refusal:
      use_is_undone(*connection);
      connection_is_lost(event);
      waiters_.push_back({event.request, freshness::any, now, ++tickets_});
      break;
    case kind::undone:
      ++cancellations_;
      use_is_undone(*connection);
      stream_ends(*connection, event.hint);
      break;
    case kind::cancel:
      cancellations_ += std::erase_if(waiters_, [&](const auto& each) { return each.request == event.request; });
      break;
    case kind::dial_success:
    case kind::dial_failure:
      dial_ends(event);
      break;
    case kind::stream_end:
      stream_ends(*connection, event.hint);
      break;
    case kind::loss:
      connection_is_lost(event);
      break;
    case kind::drain:
      drains(*connection, event.reason);
      break;
    case kind::limit:
      connection->limit = expected_streams_ = event.streams;
      if (connection->is_suspect && connection->streams > 0) {
        drains(*connection, close_reason::suspect);
      }
      break;
    case kind::heard:
      connection->last_heard = now;
      connection->is_suspect = false;
      break;
    case kind::reconfigure:
      settings_change(event.settings);
      break;
    case kind::close_idle:
      for (reference_connection& each : connections_) {
        each.must_close = each.is_idle() ? std::optional(close_reason::closed_by_user) : std::nullopt;
      }
      break;
    case kind::begin_close:
    case kind::abort:
      closing_begins(event.what == kind::abort);
      break;
    case kind::reopen:
      is_closing_ = false;
      break;
    case kind::tick:
    case kind::late_news:
      break;
  }
}

void reference_pool::dial_ends(const pool_event& event) {
  reference_connection* const connection = find(event.connection);
  if (event.what == kind::dial_success) {
    ++counts_.opened;
    connection->is_connecting = false;
    connection->limit = expected_streams_ = event.streams;
    connection->last_heard = connection->idle_since = now_;
    connection->idle_order = ++idle_order_;
    return;
  }
  const reference_connection dial = *connection;
  ++counts_.dial_failures;
  forget(event.connection, close_reason::dial_failed);
  const std::size_t served = std::min(waiters_.size(), connecting() * expected_streams_);
  const std::size_t most = std::min(dial.meant_for, waiters_.size() - served);
  for (const freshness wanted : {freshness::fresh_only, freshness::any}) {
    for (const reference_waiter& each : waiters_) {
      if (each.wanted == wanted && each.ticket <= dial.last_ticket && victims_.size() < most) {
        victims_.push_back(each.request);
      }
    }
  }
}

void reference_pool::use_is_undone(reference_connection& connection) {
  --counts_.requests;
  counts_.reused -= connection.served > 1 ? 1U : 0U;
  --connection.served;
  connection.uses_left += connection.uses_left == UINT64_MAX ? 0U : 1U;
}

void reference_pool::stream_ends(reference_connection& connection, const keep_alive_hint& hint) {
  --connection.streams;
  if (connection.streams == 0) {
    connection.idle_since = now_;
    connection.idle_order = ++idle_order_;
  }
  if (connection.is_draining) {
    connection.must_close = connection.streams == 0 ? std::optional(connection.drain_reason) : std::nullopt;
    return;
  }
  connection.uses_left = hint.max_requests.value_or(connection.uses_left);
  if (hint.timeout) {
    connection.reuse_within = *hint.timeout - std::max<duration>(1s, 2 * hint.round_trip);
  }
  if (const auto reason = reason_to_end(connection)) {
    drains(connection, *reason);
  }
}

std::optional<close_reason> reference_pool::reason_to_end(const reference_connection& connection) const {
  if (connection.is_suspect) {
    return close_reason::suspect;
  }
  if (connection.uses_left == 0 || connection.reuse_within.value_or(1h) <= 0s) {
    return close_reason::keep_alive_hint;
  }
  if (connection.streams == 0 && settings_.idle_timeout == 0s) {
    return close_reason::idle_timeout;
  }
  if (connections_.size() - draining() > settings_.max_connections) {
    return close_reason::idle_excess;
  }
  return std::nullopt;
}

void reference_pool::connection_is_lost(const pool_event& event) {
  const time_point last_heard = find(event.connection)->last_heard;
  forget(event.connection, event.reason);
  if (event.reason != close_reason::dead_path) {
    return;
  }
  for (reference_connection& each : connections_) {
    if (each.is_connecting || each.last_heard > last_heard) {
      continue;
    }
    if (each.streams == 0 || each.has_room()) {
      drains(each, close_reason::suspect);
    } else {
      each.is_suspect = true;
    }
  }
}

void reference_pool::drains(reference_connection& connection, close_reason reason) {
  if (connection.is_draining) {
    return;
  }
  connection.is_draining = true;
  connection.drain_reason = reason;
  connection.must_close = connection.streams == 0 ? std::optional(reason) : std::nullopt;
}

void reference_pool::closing_begins(bool also_streams) {
  is_closing_ = true;
  for (reference_connection& each : connections_) {
    drains(each, close_reason::closed_by_user);
    if (also_streams) {
      each.must_close = close_reason::closed_by_user;
    }
  }
}

void reference_pool::settings_change(const pool_settings& settings) {
  const bool has_other_tls = settings.tls != settings_.tls;
  settings_ = settings;
  if (has_other_tls) {
    for (reference_connection& each : connections_) {
      drains(each, close_reason::closed_by_user);
    }
  }
}

reference_connection* reference_pool::find(connection_id id) {
  const auto found = std::find_if(connections_.begin(), connections_.end(), [id](auto& each) { return each.id == id; });
  return found == connections_.end() ? nullptr : &*found;
}

void reference_pool::forget(connection_id id, close_reason reason) {
  std::erase_if(connections_, [id](const auto& each) { return each.id == id; });
  ++counts_.closed[static_cast<std::size_t>(reason)];
}

std::size_t reference_pool::waiting(freshness wanted) const {
  return static_cast<std::size_t>(
      std::count_if(waiters_.begin(), waiters_.end(), [wanted](const auto& each) { return each.wanted == wanted; }));
}

std::size_t reference_pool::connecting() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](const auto& each) { return each.is_connecting; }));
}

std::size_t reference_pool::idle() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](const auto& each) { return each.is_idle(); }));
}

std::size_t reference_pool::draining() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](const auto& each) { return each.is_draining && each.streams > 0; }));
}

time_point reference_pool::end_of(const reference_connection& idle) const {
  const time_point by_timeout = idle.idle_since + settings_.idle_timeout;
  return idle.reuse_within ? std::min(by_timeout, idle.idle_since + *idle.reuse_within) : by_timeout;
}

}  // namespace warmwire::pool
