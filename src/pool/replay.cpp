// The replay rule.
#include "pool/replay.hpp"

namespace warmwire::pool {
namespace {

replay_decision replay_unsent(const failed_exchange& exchange) noexcept {
  if (exchange.body == body_state::one_shot_read || exchange.unsent_replays > max_unsent_replays) {
    return {};
  }
  // After a stale replay the request may have reached the server once: no pooled connection may make that three times.
  const bool needs_fresh = exchange.unsent_replays == max_unsent_replays || exchange.stale_replays > 0;
  return {needs_fresh ? replay_on::fresh_connection : replay_on::any_connection, replay_reason::unsent};
}

}  // namespace

replay_decision decide_replay(const failed_exchange& exchange) noexcept {
  if (exchange.policy == replay_policy::never || exchange.end != exchange_end::connection_died ||
      exchange.has_response) {
    return {};
  }
  if (!exchange.was_written) {
    return replay_unsent(exchange);
  }
  const bool is_stale = exchange.is_reused && exchange.stale_replays == 0;
  if (exchange.policy == replay_policy::stale_once && is_stale && exchange.body == body_state::repeatable) {
    return {replay_on::fresh_connection, replay_reason::stale_connection};
  }
  return {};
}

}  // namespace warmwire::pool
