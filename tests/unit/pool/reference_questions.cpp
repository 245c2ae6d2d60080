// What the naive pool can be asked; each answer by walking over everything.
#include "reference_pool.hpp"

#include <algorithm>

namespace warmwire::pool {
namespace {

std::size_t less(std::size_t from, std::size_t taken) {
  return from > taken ? from - taken : 0;
}

template <class Is>
std::size_t count(const std::vector<reference_connection>& all, Is is) {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is));
}

}  // namespace

reference_connection* reference_pool::find(connection_id id) {
  const auto found = std::find_if(connections_.begin(), connections_.end(), [id](auto& each) { return each.id == id; });
  return found == connections_.end() ? nullptr : &*found;
}

void reference_pool::forget(connection_id id, close_reason reason) {
  std::erase_if(connections_, [id](const auto& each) { return each.id == id; });
  ++counts_.closed[static_cast<std::size_t>(reason)];
}

bool reference_pool::may_carry_more(const reference_connection& connection) const {
  return connection.streams < std::min(connection.peer_limit, settings_.max_streams) && connection.uses_left > 0 &&
         !is_spent(connection);
}

bool reference_pool::is_spent(const reference_connection& connection) const {
  return connection.is_multiplexed && connection.served >= memory_.request_limit.value_or(UINT64_MAX);
}

bool reference_pool::any_has_outlived(std::uint64_t requests) const {
  return std::any_of(connections_.begin(), connections_.end(), [requests](const auto& each) {
    return each.is_usable() && each.is_multiplexed && each.served >= requests + each.streams;
  });
}

bool reference_pool::has_room(const reference_connection& connection) const {
  return connection.is_usable() && !connection.is_suspect && may_carry_more(connection);
}

bool reference_pool::is_idle(const reference_connection& connection) const {
  return connection.is_unused() && may_carry_more(connection);
}

bool reference_pool::is_beyond_limit() const {
  return connections_.size() - draining() > connection_limit();
}

bool reference_pool::may_dial() const {
  return !is_closing_ && !backoff_.is_waiting() && possible_dials(freshness::any) > 0;
}

bool reference_pool::may_replace_idle() const {
  return idle() > 0 && !backoff_.is_waiting() && possible_dials(freshness::fresh_only) > 0;
}

bool reference_pool::is_short_of(std::size_t goal) const {
  return open() + connecting() < std::min(goal, connection_limit());
}

std::size_t reference_pool::possible_dials(freshness wanted) const {
  const std::size_t in_the_way = connections_.size() - (wanted == freshness::fresh_only ? idle() : 0);
  return std::min(less(connection_limit(), in_the_way), less(dial_limit(), connecting()));
}

std::size_t reference_pool::dials_allowed() const {
  const std::size_t needed = (waiters_.size() + expected() - 1) / expected();
  const bool keeps_idle = settings_.idle_timeout > duration::zero();
  return needed + unasked() + (keeps_idle ? less(settings_.max_idle, idle()) : 0);
}

std::size_t reference_pool::coming() const {
  std::size_t taken = 0;
  for (const reference_connection& each : connections_) {
    taken += each.is_provisional ? each.streams : 0;
  }
  return connecting() * expected() + less(provisional() * expected(), taken);
}

bool reference_pool::is_probing() const {
  return may_multiplex_ && settings_.protocol != http_protocol::http1 && !memory_.is_multiplexed;
}

std::size_t reference_pool::connection_limit() const {
  return is_multiplexed() ? std::min(settings_.max_connections, settings_.max_h2_connections)
                          : settings_.max_connections;
}

std::size_t reference_pool::dial_limit() const {
  return is_probing() ? 1 : is_multiplexed() ? settings_.max_concurrent_h2_dials : settings_.max_concurrent_dials;
}

std::size_t reference_pool::expected() const {
  const std::size_t most = std::min({memory_.stream_limit.value_or(settings_.max_streams), settings_.max_streams,
                                     static_cast<std::size_t>(memory_.request_limit.value_or(SIZE_MAX))});
  return is_probing() || is_multiplexed() ? most : 1;
}

std::size_t reference_pool::warm_goal() const {
  return is_in_use_ ? std::min(settings_.min_warm, connection_limit()) : 0;
}

std::size_t reference_pool::waiting(freshness wanted) const {
  return static_cast<std::size_t>(
      std::count_if(waiters_.begin(), waiters_.end(), [wanted](const auto& each) { return each.wanted == wanted; }));
}

std::size_t reference_pool::connecting() const {
  return count(connections_, [](const auto& each) { return each.is_connecting; });
}

std::size_t reference_pool::unasked() const {
  return count(connections_, [](const auto& each) { return each.is_unasked; });
}

std::size_t reference_pool::idle() const {
  return count(connections_, [this](const auto& each) { return is_idle(each); });
}

std::size_t reference_pool::unused() const {
  return count(connections_, [](const auto& each) { return each.is_unused(); });
}

std::size_t reference_pool::draining() const {
  return count(connections_, [](const auto& each) { return each.is_draining && each.streams > 0; });
}

std::size_t reference_pool::provisional() const {
  return count(connections_, [](const auto& each) { return each.is_provisional && each.streams > 0; });
}

std::size_t reference_pool::open() const {
  return connections_.size() - connecting() - draining();
}

duration reference_pool::learned_limit() const {
  return settings_.learn_idle_timeout ? memory_.idle.limit.value_or(duration::max()) : duration::max();
}

time_point reference_pool::idle_end_of(const reference_connection& unused, std::size_t open) const {
  const bool is_kept_warm = open <= warm_goal();
  const duration longest = std::min<duration>(is_kept_warm ? duration::max() : settings_.idle_timeout, learned_limit());
  return longest == duration::max() ? time_point::max() : unused.idle_since + longest;
}

time_point reference_pool::hint_end_of(const reference_connection& unused) const {
  return unused.reuse_within ? unused.idle_since + *unused.reuse_within : time_point::max();
}

time_point reference_pool::age_end_of(const reference_connection& connection) const {
  return settings_.max_lifetime == duration::zero()
             ? time_point::max()
             : connection.opened + spread(settings_.max_lifetime, 0.1, connection.lifetime_spread);
}

time_point reference_pool::end_of(const reference_connection& unused) const {
  return std::min({idle_end_of(unused, open()), hint_end_of(unused), age_end_of(unused)});
}

}  // namespace warmwire::pool
