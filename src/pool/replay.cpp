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

replay_decision replay_refused(const failed_exchange& exchange) noexcept {
  if (exchange.body == body_state::one_shot_read || exchange.refused_replays >= max_refused_replays) {
    return {};
  }
  const bool needs_fresh = exchange.refused_replays >= max_refused_replays / 2 || exchange.stale_replays > 0;
  return {needs_fresh ? replay_on::fresh_connection : replay_on::any_connection, replay_reason::refused};
}

replay_decision replay_stale(const failed_exchange& exchange) noexcept {
  const bool was_alive = exchange.is_multiplexed && exchange.has_heard_since_sent;
  if (exchange.policy != replay_policy::stale_once || exchange.body != body_state::repeatable || !exchange.is_reused ||
      was_alive || exchange.stale_replays > 0) {
    return {};
  }
  return {replay_on::fresh_connection, replay_reason::stale_connection};
}

}  // namespace

replay_decision decide_replay(const failed_exchange& exchange) noexcept {
  if (exchange.policy == replay_policy::never || exchange.has_response) {
    return {};
  }
  switch (exchange.end) {
    case exchange_end::connection_died:
      return exchange.was_written ? replay_stale(exchange) : replay_unsent(exchange);
    case exchange_end::refused: {
      const replay_decision unsent = exchange.was_written ? replay_decision{} : replay_unsent(exchange);
      return unsent == replay_decision{} ? replay_refused(exchange) : unsent;
    }
    case exchange_end::timeout:
    case exchange_end::cancelled:
      return {};
  }
  return {};
}

}  // namespace warmwire::pool
