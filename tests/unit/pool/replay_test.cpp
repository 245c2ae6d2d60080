// The replay table, row by row.
#include "pool/replay.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::pool {
namespace {

constexpr replay_decision no{};
constexpr replay_decision unsent_anywhere{replay_on::any_connection, replay_reason::unsent};
constexpr replay_decision unsent_fresh{replay_on::fresh_connection, replay_reason::unsent};
constexpr replay_decision stale{replay_on::fresh_connection, replay_reason::stale_connection};

struct row {
  std::string name;
  failed_exchange exchange;
  replay_decision expected;
};

/// A written request with a buffered body whose reused connection died unanswered: what `stale_once` is about.
failed_exchange stale_exchange() {
  return {.policy = replay_policy::stale_once,
          .end = exchange_end::connection_died,
          .is_reused = true,
          .was_written = true,
          .body = body_state::repeatable};
}

failed_exchange unsent_exchange() {
  failed_exchange exchange = stale_exchange();
  exchange.was_written = false;
  return exchange;
}

template <class Change>
failed_exchange with(failed_exchange exchange, Change change) {
  change(exchange);
  return exchange;
}

void check(const row& each) {
  EXPECT_EQ(decide_replay(each.exchange), each.expected) << each.name;
}

TEST(replay, behaviour_03_a_stale_connection_is_replayed_once_on_a_fresh_one) {
  check({"reused, written, unanswered", stale_exchange(), stale});
  check({"a second time", with(stale_exchange(), [](auto& e) { e.stale_replays = 1; }), no});
  check({"never used before", with(stale_exchange(), [](auto& e) { e.is_reused = false; }), no});
  check({"answered", with(stale_exchange(), [](auto& e) { e.has_response = true; }), no});
  check({"after unsent replays", with(stale_exchange(), [](auto& e) { e.unsent_replays = 4; }), stale});
}

TEST(replay, behaviour_03_a_one_shot_body_is_not_replayed_once_written) {
  for (const body_state body : {body_state::one_shot_unread, body_state::one_shot_read}) {
    check({"one-shot", with(stale_exchange(), [body](auto& e) { e.body = body; }), no});
  }
}

TEST(replay, behaviour_03_the_policy_is_obeyed) {
  check({"never, stale", with(stale_exchange(), [](auto& e) { e.policy = replay_policy::never; }), no});
  check({"never, unsent", with(unsent_exchange(), [](auto& e) { e.policy = replay_policy::never; }), no});
  check({"unsent_only, stale", with(stale_exchange(), [](auto& e) { e.policy = replay_policy::unsent_only; }), no});
  check({"unsent_only, unsent", with(unsent_exchange(), [](auto& e) { e.policy = replay_policy::unsent_only; }),
         unsent_anywhere});
}

TEST(replay, timeouts_and_cancellation_are_never_replayed) {
  for (const exchange_end end : {exchange_end::timeout, exchange_end::cancelled}) {
    check({"written", with(stale_exchange(), [end](auto& e) { e.end = end; }), no});
    check({"unsent", with(unsent_exchange(), [end](auto& e) { e.end = end; }), no});
  }
}

TEST(replay, an_unsent_request_goes_to_any_connection_three_times_and_then_to_a_fresh_one) {
  for (std::uint32_t replays = 0; replays < 3; ++replays) {
    check({"unsent", with(unsent_exchange(), [replays](auto& e) { e.unsent_replays = replays; }), unsent_anywhere});
  }
  check({"the fourth", with(unsent_exchange(), [](auto& e) { e.unsent_replays = 3; }), unsent_fresh});
  check({"the fifth", with(unsent_exchange(), [](auto& e) { e.unsent_replays = 4; }), no});
}

TEST(replay, an_unsent_request_is_replayed_from_a_new_connection_too) {
  check({"not reused", with(unsent_exchange(), [](auto& e) { e.is_reused = false; }), unsent_anywhere});
}

TEST(replay, an_unsent_one_shot_body_is_replayed_while_nothing_was_taken_from_it) {
  check({"unread", with(unsent_exchange(), [](auto& e) { e.body = body_state::one_shot_unread; }), unsent_anywhere});
  check({"read", with(unsent_exchange(), [](auto& e) { e.body = body_state::one_shot_read; }), no});
}

TEST(replay, after_a_stale_replay_an_unsent_one_is_fresh_too) {
  check({"fresh", with(unsent_exchange(), [](auto& e) { e.stale_replays = 1; }), unsent_fresh});
}

}  // namespace
}  // namespace warmwire::pool
