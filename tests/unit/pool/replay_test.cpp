// The replay table, row by row.
#include "pool/replay.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::pool::replay_test {
namespace {

constexpr replay_decision no{};
constexpr replay_decision unsent_anywhere{replay_on::any_connection, replay_reason::unsent};
constexpr replay_decision unsent_fresh{replay_on::fresh_connection, replay_reason::unsent};
constexpr replay_decision refused_anywhere{replay_on::any_connection, replay_reason::refused};
constexpr replay_decision refused_fresh{replay_on::fresh_connection, replay_reason::refused};
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

failed_exchange refused_exchange() {
  failed_exchange exchange = stale_exchange();
  exchange.end = exchange_end::refused;
  exchange.is_multiplexed = true;
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

TEST(replay, behaviour_12_a_request_that_the_peer_has_not_processed_goes_again_up_to_six_times) {
  for (std::uint32_t replays = 0; replays < 8; ++replays) {
    const auto expected = replays < 3 ? refused_anywhere : replays < 6 ? refused_fresh : no;
    check({"refused " + std::to_string(replays + 1) + " times",
           with(refused_exchange(), [replays](auto& e) { e.refused_replays = replays; }), expected});
  }
  check({"on a new connection", with(refused_exchange(), [](auto& e) { e.is_reused = false; }), refused_anywhere});
  check({"other frames came", with(refused_exchange(), [](auto& e) { e.has_heard_since_sent = true; }),
         refused_anywhere});
  check({"answered all the same", with(refused_exchange(), [](auto& e) { e.has_response = true; }), no});
  check({"after unsent replays", with(refused_exchange(), [](auto& e) { e.unsent_replays = 4; }), refused_anywhere});
  check({"after a stale replay", with(refused_exchange(), [](auto& e) { e.stale_replays = 1; }), refused_fresh});
}

TEST(replay, behaviour_12_a_refused_one_shot_body_goes_again_while_nothing_was_taken_from_it) {
  check({"unread", with(refused_exchange(), [](auto& e) { e.body = body_state::one_shot_unread; }), refused_anywhere});
  check({"read", with(refused_exchange(), [](auto& e) { e.body = body_state::one_shot_read; }), no});
}

TEST(replay, behaviour_12_a_refused_request_is_replayed_under_every_policy_but_never) {
  check({"never", with(refused_exchange(), [](auto& e) { e.policy = replay_policy::never; }), no});
  check({"unsent_only", with(refused_exchange(), [](auto& e) { e.policy = replay_policy::unsent_only; }),
         refused_anywhere});
}

TEST(replay, a_refused_request_that_was_not_written_yet_is_an_unsent_one_first_and_a_refused_one_then) {
  const auto unwritten = [](std::uint32_t unsent, std::uint32_t refused) {
    return with(refused_exchange(), [=](auto& e) {
      e.was_written = false;
      e.unsent_replays = unsent;
      e.refused_replays = refused;
    });
  };
  check({"unsent", unwritten(0, 0), unsent_anywhere});
  check({"once refused", unwritten(0, 1), unsent_anywhere});
  check({"the last unsent one", unwritten(3, 1), unsent_fresh});
  check({"unsent ones are used up", unwritten(4, 1), refused_anywhere});
  check({"half of the others, too", unwritten(4, 3), refused_fresh});
  check({"all", unwritten(4, 6), no});
  check({"read one-shot body", with(unwritten(0, 0), [](auto& e) { e.body = body_state::one_shot_read; }), no});
}

TEST(replay, a_stale_or_unsent_replay_is_not_used_up_by_a_refused_one) {
  check({"stale", with(stale_exchange(), [](auto& e) { e.refused_replays = 1; }), stale});
  check({"unsent", with(unsent_exchange(), [](auto& e) { e.refused_replays = 1; }), unsent_anywhere});
}

TEST(replay, behaviour_03_a_multiplexed_connection_is_stale_only_if_nothing_was_read_since_the_request) {
  check({"nothing read", with(stale_exchange(), [](auto& e) { e.is_multiplexed = true; }), stale});
  check({"a frame of another stream was read",
         with(stale_exchange(),
              [](auto& e) {
                e.is_multiplexed = true;
                e.has_heard_since_sent = true;
              }),
         no});
  check({"of one stream only", with(stale_exchange(), [](auto& e) { e.has_heard_since_sent = true; }), stale});
  check({"not reused",
         with(stale_exchange(),
              [](auto& e) {
                e.is_multiplexed = true;
                e.is_reused = false;
              }),
         no});
}

}  // namespace
}  // namespace warmwire::pool::replay_test
