// What events change in the naive pool.
#include "reference_pool.hpp"

#include <algorithm>
#include <chrono>

namespace warmwire::pool {
namespace {

using namespace std::chrono_literals;

constexpr const char* kind_names[] = {
    "arrival", "cancel",      "dial_success", "dial_failure", "stream_end", "stream_refusal", "loss",     "refusal",
    "undone",  "drain",       "turned_away",  "limit",        "heard",      "tick",           "prewarm",  "network",
    "sleep",   "reconfigure", "close_idle",   "begin_close",  "abort",      "reopen",         "late_news"};

}  // namespace

std::string to_string(const pool_event& event) {
  return std::string(kind_names[static_cast<std::size_t>(event.what)]) + " request " +
         std::to_string(static_cast<std::uint64_t>(event.request)) + " connection " +
         std::to_string(static_cast<std::uint64_t>(event.connection) & 0xFFFFFFFFU) + " generation " +
         std::to_string(static_cast<std::uint64_t>(event.connection) >> 32);
}

reference_pool::reference_pool(const pool_settings& settings, const origin_traits& traits)
    : settings_(settings),
      may_multiplex_(traits.may_multiplex),
      memory_(traits.memory),
      lifetimes_(traits.seed, spread_of::lifetimes),
      backoff_(jitter(traits.seed, spread_of::dial_backoff)),
      warm_backoff_(jitter(traits.seed, spread_of::warm_backoff)) {
  if (!may_multiplex_) {
    memory_.is_multiplexed = std::nullopt;
  }
}

void reference_pool::happens(const pool_event& event, time_point now) {
  begin_event(event, now);
  request_happens(event);
  stream_happens(event);
  connection_happens(event);
  pool_happens(event);
}

void reference_pool::begin_event(const pool_event& event, time_point now) {
  event_ = event;
  now_ = now;
  victims_.clear();
  is_new_ = false;
  wants_more_ = false;
  to_replace_ = 0;
  retired_by_age_ = 0;
  leads_to_dials_ = leads_to_dials(event);
}

/// Whether the pool looks after its dials at this event; at the others it may find them wanting later.
bool reference_pool::leads_to_dials(const pool_event& event) {
  switch (event.what) {
    case kind::heard:
    case kind::reopen:
    case kind::late_news:
    case kind::begin_close:
    case kind::abort:
      return false;
    case kind::arrival:
    case kind::prewarm:
      return !is_closing_;
    case kind::cancel:
      return std::any_of(waiters_.begin(), waiters_.end(), [&](auto& each) { return each.request == event.request; });
    case kind::drain:
      return !find(event.connection)->is_draining;
    default:
      return true;
  }
}

void reference_pool::request_happens(const pool_event& event) {
  switch (event.what) {
    case kind::arrival:
      ++arrivals_;
      is_in_use_ = is_in_use_ || !is_closing_;
      waiters_.push_back({event.request, event.wanted, now_, ++tickets_});
      break;
    case kind::refusal:
      use_is_undone(*find(event.connection));
      connection_is_lost(event);
      waiters_.push_back({event.request, freshness::any, now_, ++tickets_});
      break;
    case kind::cancel:
      cancellations_ += std::erase_if(waiters_, [&](const auto& each) { return each.request == event.request; });
      break;
    default:
      break;
  }
}

void reference_pool::stream_happens(const pool_event& event) {
  reference_connection* const connection = find(event.connection);
  switch (event.what) {
    case kind::undone:
      ++cancellations_;
      use_is_undone(*connection);
      stream_ends(*connection, event.hint);
      break;
    case kind::stream_end:
      stream_ends(*connection, event.hint);
      break;
    case kind::stream_refusal:
      stream_is_refused(*connection);
      break;
    default:
      break;
  }
}

void reference_pool::connection_happens(const pool_event& event) {
  reference_connection* const connection = find(event.connection);
  switch (event.what) {
    case kind::dial_success:
      dial_succeeds(*connection, event.brought);
      break;
    case kind::dial_failure:
      dial_fails(*connection);
      break;
    case kind::loss:
      connection_is_lost(event);
      break;
    case kind::drain:
      drains(*connection, event.reason);
      break;
    case kind::turned_away:
      turns_away(*connection, event.streams);
      break;
    case kind::limit:
      limit_changes(*connection, event.streams);
      break;
    case kind::heard:
      connection->last_heard = now_;
      connection->is_suspect = false;
      break;
    default:
      break;
  }
}

void reference_pool::pool_happens(const pool_event& event) {
  switch (event.what) {
    case kind::tick:
      old_ones_drain(close_reason::max_lifetime);
      notices_no_request_limit();
      break;
    case kind::prewarm:
      is_in_use_ = is_in_use_ || !is_closing_;
      prewarm_goal_ = is_closing_ ? 0 : std::max(prewarm_goal_, event.streams);
      break;
    case kind::network:
      backoff_.succeeded();
      warm_backoff_.succeeded();
      all_drain(close_reason::network_changed);
      break;
    case kind::sleep:
      machine_slept(event.asleep);
      break;
    case kind::reconfigure:
      settings_change(event.settings);
      break;
    case kind::close_idle:
      for (reference_connection& each : connections_) {
        each.must_close = each.is_unused() ? std::optional(close_reason::closed_by_user) : std::nullopt;
      }
      break;
    case kind::begin_close:
    case kind::abort:
      closing_begins(event.what == kind::abort);
      break;
    case kind::reopen:
      is_closing_ = false;
      break;
    default:
      break;
  }
  if (leads_to_dials_) {
    backoff_.pass(now_);
    warm_backoff_.pass(now_);
  }
}

void reference_pool::dial_succeeds(reference_connection& connection, const capacity& brought) {
  ++counts_.opened;
  backoff_.succeeded();
  is_new_ = true;
  connection.is_connecting = connection.is_unasked = false;
  connection.is_provisional = brought.is_provisional;
  connection.is_multiplexed = brought.is_multiplexed;
  connection.peer_limit = brought.streams;
  connection.opened = connection.last_heard = connection.idle_since = now_;
  connection.lifetime_spread = lifetimes_.next();
  connection.idle_order = ++idle_order_;
  memory_.is_multiplexed = brought.is_multiplexed;
  if (brought.is_multiplexed && !brought.is_provisional && brought.streams > 0) {
    memory_.stream_limit = brought.streams;
  }
}

void reference_pool::dial_fails(const reference_connection& connection) {
  const reference_connection dial = connection;
  ++counts_.dial_failures;
  forget(dial.id, close_reason::dial_failed);
  backoff_.failed(dial.round, {settings_.dial_backoff_min, settings_.dial_backoff_max}, now_);
  prewarm_goal_ -= prewarm_goal_ > 0 ? 1U : 0U;
  const std::size_t served = std::min(waiters_.size(), coming());
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

void reference_pool::stream_leaves(reference_connection& connection) {
  --connection.streams;
  if (connection.streams == 0) {
    connection.idle_since = now_;
    connection.idle_order = ++idle_order_;
  }
}

void reference_pool::stream_ends(reference_connection& connection, const keep_alive_hint& hint) {
  stream_leaves(connection);
  warm_backoff_.succeeded();
  if (!connection.is_draining) {
    connection.uses_left = hint.max_requests.value_or(connection.uses_left);
    if (hint.timeout) {
      connection.reuse_within = *hint.timeout - std::max<duration>(1s, 2 * hint.round_trip);
    }
  }
  is_reused_or_ends(connection);
}

void reference_pool::stream_is_refused(reference_connection& connection) {
  connection.refusals += connection.streams <= std::min(connection.peer_limit, settings_.max_streams) ? 1U : 0U;
  stream_leaves(connection);
  if (connection.refusals == 2 && !connection.is_draining) {
    drains(connection, close_reason::refused);
  } else {
    is_reused_or_ends(connection);
  }
}

void reference_pool::is_reused_or_ends(reference_connection& connection) {
  if (connection.is_draining) {
    connection.must_close = connection.streams == 0 ? std::optional(connection.drain_reason) : std::nullopt;
  } else if (const auto reason = reason_to_end(connection)) {
    drains(connection, *reason);
  } else {
    notices_no_request_limit();
  }
}

std::optional<close_reason> reference_pool::reason_to_end(const reference_connection& connection) const {
  if (connection.is_suspect) {
    return close_reason::suspect;
  }
  if (connection.uses_left == 0 || connection.reuse_within.value_or(1h) <= 0s) {
    return close_reason::keep_alive_hint;
  }
  if (connection.streams == 0 && settings_.idle_timeout == 0s && open() > warm_goal()) {
    return close_reason::idle_timeout;
  }
  return is_beyond_limit() ? std::optional(close_reason::idle_excess) : std::nullopt;
}

void reference_pool::connection_is_lost(const pool_event& event) {
  const time_point last_heard = find(event.connection)->last_heard;
  learns_from_end(*find(event.connection), event.reason);
  forget(event.connection, event.reason);
  if (event.reason != close_reason::dead_path) {
    return;
  }
  for (reference_connection& each : connections_) {
    if (each.is_connecting || each.last_heard > last_heard) {
      continue;
    }
    if (each.streams == 0 || has_room(each)) {
      drains(each, close_reason::suspect);
    } else {
      each.is_suspect = true;
    }
  }
}

void reference_pool::learns_from_end(const reference_connection& connection, close_reason reason) {
  if (connection.is_unused() && connection.served == 0) {
    if (connection.opened + settings_.dial_backoff_max <= now_) {
      warm_backoff_.succeeded();
    }
    warm_backoff_.failed(warm_backoff_.round(), {settings_.dial_backoff_min, settings_.dial_backoff_max}, now_);
  }
  const bool is_of_idleness =
      reason == close_reason::stale || reason == close_reason::dead_path || reason == close_reason::peer_closed_idle;
  const bool has_lived_since = connection.streams > 0 && connection.last_heard > connection.busy_since;
  if (settings_.learn_idle_timeout && is_of_idleness && !has_lived_since) {
    memory_.idle.ended_after(connection.streams > 0 ? connection.idle_before : now_ - connection.idle_since);
    lesson_at_ = now_;
  }
}

void reference_pool::limit_changes(reference_connection& connection, std::size_t streams) {
  const bool was_idle = is_idle(connection);
  connection.peer_limit = streams;
  memory_.is_multiplexed = true;
  memory_.stream_limit = streams > 0 ? streams : memory_.stream_limit;
  is_new_ = connection.is_provisional && connection.served == 0;
  idle_since_ = connection.idle_since;
  connection.is_provisional = false;
  if (connection.is_unused() && was_idle != is_idle(connection)) {
    connection.idle_since = now_;
    connection.idle_order = ++idle_order_;
  }
  connection.is_multiplexed = true;
  if (connection.is_suspect && may_carry_more(connection)) {
    drains(connection, close_reason::suspect);
  }
  notices_no_request_limit();
}

void reference_pool::turns_away(reference_connection& connection, std::uint64_t processed) {
  drains(connection, close_reason::goaway);
  if (processed > 0 && !any_has_outlived(processed)) {
    memory_.request_limit = processed;
    suspects_with_room_drain();
  }
}

void reference_pool::suspects_with_room_drain() {
  for (reference_connection& each : connections_) {
    if (each.is_suspect && each.streams > 0 && may_carry_more(each)) {
      drains(each, close_reason::suspect);
    }
  }
}

/// By a connection that goes on, or by one of which the end was awaited for too long.
void reference_pool::notices_no_request_limit() {
  const bool is_awaited_in_vain =
      looks_at_time() && std::any_of(connections_.begin(), connections_.end(), [this](const auto& each) {
        return each.is_usable() && each.spent_since && *each.spent_since + origin_pool::rest_patience <= now_;
      });
  if (is_awaited_in_vain || (memory_.request_limit && any_has_outlived(*memory_.request_limit))) {
    memory_.request_limit = std::nullopt;
    suspects_with_room_drain();
  }
}

/// After the answer to an event.
void reference_pool::notices_who_is_spent() {
  for (reference_connection& each : connections_) {
    if (!each.is_usable() || !is_spent(each)) {
      each.spent_since = std::nullopt;
    } else if (!each.spent_since) {
      each.spent_since = now_;
    }
  }
}

void reference_pool::drains(reference_connection& connection, close_reason reason) {
  if (connection.is_draining) {
    return;
  }
  connection.is_draining = true;
  connection.is_provisional = false;
  connection.drain_reason = reason;
  connection.must_close = connection.streams == 0 ? std::optional(reason) : std::nullopt;
}

void reference_pool::all_drain(close_reason reason) {
  to_replace_ = unasked();
  for (reference_connection& each : connections_) {
    drains(each, reason);
  }
}

void reference_pool::closing_begins(bool also_streams) {
  is_closing_ = true;
  is_in_use_ = false;
  prewarm_goal_ = 0;
  for (reference_connection& each : connections_) {
    drains(each, close_reason::closed_by_user);
    if (also_streams) {
      each.must_close = close_reason::closed_by_user;
    }
  }
}

void reference_pool::settings_change(const pool_settings& settings) {
  const bool has_other_protocol = settings.protocol != settings_.protocol;
  const bool has_other_route = settings.tls != settings_.tls || settings.proxy != settings_.proxy;
  settings_ = settings;
  if (has_other_protocol) {
    memory_.is_multiplexed = std::nullopt;
  }
  if (has_other_protocol || has_other_route) {
    all_drain(close_reason::closed_by_user);
  }
  old_ones_drain(close_reason::max_lifetime);
  suspects_with_room_drain();
  notices_no_request_limit();
}

void reference_pool::machine_slept(duration asleep) {
  backoff_.advance(asleep);
  warm_backoff_.advance(asleep);
  for (reference_connection& each : connections_) {
    each.opened -= asleep;
    each.idle_since -= each.is_unused() ? asleep : duration::zero();
  }
  for (reference_connection& each : connections_) {
    const duration longest = std::min<duration>(settings_.idle_timeout, learned_limit());
    if (each.is_unused() &&
        (each.idle_since + longest <= now_ || hint_end_of(each) <= now_ || age_end_of(each) <= now_)) {
      drains(each, close_reason::suspended);
    }
  }
  old_ones_drain(close_reason::suspended);
}

void reference_pool::old_ones_drain(close_reason reason) {
  for (reference_connection& each : connections_) {
    if (each.is_usable() && each.streams > 0 && age_end_of(each) <= now_) {
      drains(each, reason);
      ++retired_by_age_;
    }
  }
}

}  // namespace warmwire::pool
