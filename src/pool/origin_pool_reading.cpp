// What can be asked of one origin's pool.
#include "pool/origin_pool.hpp"

#include <numeric>
#include <stdexcept>
#include <string>

namespace warmwire::pool {
namespace {

void require(bool holds, const char* invariant) {
  if (!holds) {
    throw std::logic_error(std::string("broken invariant of the pool: ") + invariant);
  }
}

}  // namespace

connection_view origin_pool::view(connection_id connection) const {
  const slot at = connections_.find(connection);
  if (at == no_slot) {
    return {};
  }
  const connection_record& record = connections_[at];
  return {.served = record.served, .idle_for = record.idle_for, .last_heard = record.last_heard};
}

std::optional<oldest_stream> origin_pool::oldest() const {
  const slot at = connections_.oldest_with_streams();
  if (at == no_slot) {
    return std::nullopt;
  }
  return oldest_stream{.connection = connections_.id_of(at), .since = connections_[at].since};
}

void origin_pool::check_invariants_for_test() const {
  const auto size = [this](connection_state state) { return connections_.size(state); };
  require(counts_.connecting == size(connection_state::connecting), "connecting is counted");
  require(counts_.idle == size(connection_state::idle) + size(connection_state::barred), "idle is counted");
  require(counts_.active == size(connection_state::ready) + size(connection_state::loaded) +
                                size(connection_state::busy) + size(connection_state::draining),
          "active is counted");
  require(counts_.pending == waiters_.size(), "pending is counted");
  require(counts_.peak_pending >= counts_.pending, "the peak is not below the present");

  const std::uint64_t closed = std::accumulate(counts_.closed.begin(), counts_.closed.end(), std::uint64_t{0});
  require(counts_.opened + counts_.dial_failures <= closed + counts_.idle + counts_.active,
          "an opened or failed connection is there or was closed");
  require(waiters_.empty(freshness::any) || (size(connection_state::idle) == 0 && size(connection_state::ready) == 0 &&
                                             size(connection_state::loaded) == 0),
          "nobody waits while a stream is free");
  require(!is_closing_ || (waiters_.empty() && counts_.connecting == 0 && counts_.idle == 0),
          "a closing pool only lets streams end");
  check_dials_for_test();
  check_streams_for_test();
}

void origin_pool::check_dials_for_test() const {
  require(coming_streams() >= waiters_.size() || !may_dial(), "nobody waits for want of a dial");
  require(coming_streams() >= waiters_.size(freshness::fresh_only) || !may_dial_in_place_of_idle(),
          "a fresh connection is dialed in place of an idle one");
  require(counts_.connecting <= dials_to_keep(), "no dial is in excess");
  require(!is_short_of(warm_goal()) || warm_backoff_.is_waiting() || !may_dial(), "min_warm connections are open");
  require(!is_short_of(prewarm_goal_) || !may_dial(), "what is to be prewarmed is dialed");

  std::size_t unasked = 0;
  std::size_t provisional = 0;
  std::size_t provisional_streams = 0;
  for (slot at = 0; at < connections_.slots(); ++at) {
    const connection_record& record = connections_[at];
    if (record.state == connection_state::gone) {
      continue;
    }
    require(!record.is_unasked || record.state == connection_state::connecting, "only dials are unasked");
    require(!record.is_provisional || is_usable(record.state), "only what may be used waits for its SETTINGS");
    require((record.lifetime_position != not_in_heap) ==
                (is_usable(record.state) && settings_.max_lifetime > duration::zero()),
            "what may be used has a lifetime");
    unasked += record.is_unasked ? 1U : 0U;
    provisional += record.is_provisional && record.streams > 0 ? 1U : 0U;
    provisional_streams += record.is_provisional ? record.streams : 0U;
  }
  require(unasked == unasked_dials_, "unasked dials are counted");
  require(provisional == provisional_ && provisional_streams == provisional_streams_,
          "connections without SETTINGS are counted");
}

void origin_pool::check_streams_for_test() const {
  std::size_t streams = 0;
  std::size_t connections = 0;
  time_point since = time_point::min();
  for (slot at = connections_.oldest_with_streams(); at != no_slot; at = connections_.next_by_age(at)) {
    const connection_record& record = connections_[at];
    require(record.streams > 0, "a connection with an age has streams");
    require(record.since >= since, "ages are in order");
    since = record.since;
    streams += record.streams;
    ++connections;
  }
  require(streams == counts_.streams, "streams are counted");
  require(connections == counts_.active, "a connection with streams has an age");
  for (slot at = 0; at < connections_.slots(); ++at) {
    const connection_record& record = connections_[at];
    require(!is_usable(record.state) || record.state == state_of(record), "a connection is filed by what it can do");
    require(!record.is_suspect || record.state != connection_state::ready, "a suspect takes no stream");
    require(connections_.is_resting(at) == (is_usable(record.state) && is_spent(record)),
            "a connection rests when it has had its requests");
    require(!is_usable(record.state) || !memory_.request_limit || !outlived(record, *memory_.request_limit),
            "no connection has outlived the limit of requests");
  }
}

}  // namespace warmwire::pool
