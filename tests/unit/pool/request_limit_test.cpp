// Peers that let a connection have so many requests and turn away what comes after them: what is learned, how requests
// are spread by it, and how a lesson that was none is unlearned.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::request_limit_test {
namespace {

using namespace std::chrono_literals;

pool_settings roomy() {
  pool_settings settings;
  settings.max_h2_connections = 20;
  settings.max_concurrent_h2_dials = 20;
  return settings;
}

origin_traits known(std::size_t stream_limit) {
  return {.may_multiplex = true, .memory = {.is_multiplexed = true, .stream_limit = stream_limit}};
}

origin_traits limited(std::uint64_t request_limit) {
  auto traits = known(100);
  traits.memory.request_limit = request_limit;
  return traits;
}

TEST(pool, behaviour_12_how_many_requests_a_connection_gets_is_learned_from_those_that_are_turned_away) {
  scripted_pool pool(roomy(), known(100));
  pool.burst(1, 5);
  pool.dialed(1, 100);
  EXPECT_EQ(pool.memory().request_limit, std::nullopt);
  EXPECT_EQ(pool.turns_away(1, 3), "");
  EXPECT_EQ(pool.memory().request_limit, 3U);
  pool.ends(1);
  pool.ends(1);
  EXPECT_EQ(pool.arrive(4), "dial c2") << "one of those that were turned away comes again";
  EXPECT_EQ(pool.arrive(5), "");
  EXPECT_EQ(pool.arrive(6), "");
  EXPECT_EQ(pool.arrive(7), "dial c3") << "the dial brings no more than three";
  EXPECT_EQ(pool.dialed(2, 100), "use c2 for r4; use c2 for r5; use c2 for r6");
  EXPECT_EQ(pool.ends(2), "") << "the place of a request that has ended is no place for another";
  EXPECT_EQ(pool.dialed(3, 100), "use c3 for r7");
  EXPECT_EQ(pool.arrive(8), "use c3 for r8");
}

TEST(pool, behaviour_12_requests_are_spread_over_as_many_connections_as_the_limit_calls_for) {
  for (const std::uint64_t limit : {1U, 7U, 10U, 50U, 100U, 1'000U}) {
    scripted_pool pool(roomy(), limited(limit));
    const auto each = std::min<std::size_t>(limit, 100);
    EXPECT_EQ(pool.burst(1, 100), std::min<std::size_t>((100 + each - 1) / each, 20)) << limit;
  }
}

TEST(pool, behaviour_12_a_connection_without_its_settings_gets_no_more_than_the_limit) {
  scripted_pool pool(roomy(), limited(2));
  pool.burst(1, 4);
  EXPECT_EQ(pool.dialed_without_settings(1), "use c1 for r1; use c1 for r2");
  EXPECT_EQ(pool.carries(1, 100), "");
  EXPECT_EQ(pool.dialed_without_settings(2), "use c2 for r3; use c2 for r4");
}

TEST(pool, behaviour_12_a_limit_that_a_connection_outlives_is_forgotten) {
  scripted_pool pool(roomy(), limited(2));
  pool.burst(1, 2);
  pool.dialed(1, 100);
  EXPECT_EQ(pool.arrive(3), "dial c2");
  EXPECT_EQ(pool.ends(1), "") << "it may have been answered before the other one was read";
  EXPECT_EQ(pool.memory().request_limit, 2U);
  EXPECT_EQ(pool.ends(1), "use c1 for r3") << "both were answered, and the connection goes on";
  EXPECT_EQ(pool.memory().request_limit, std::nullopt);
}

TEST(pool, behaviour_12_a_limit_that_is_not_enforced_for_a_second_is_forgotten) {
  auto settings = roomy();
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, limited(1));
  pool.arrive(1);
  pool.dialed(1, 100);
  EXPECT_EQ(pool.arrive(2), "") << "it waits for the end that the peer is expected to announce";
  EXPECT_EQ(pool.wakeup(), 1s);
  EXPECT_EQ(pool.live(999ms), "");
  EXPECT_EQ(pool.live(1ms), "use c1 for r2") << "r1 may be answered for minutes";
  EXPECT_EQ(pool.memory().request_limit, std::nullopt);
}

TEST(pool, behaviour_12_a_limit_that_is_enforced_stays_known) {
  scripted_pool pool(roomy(), limited(2));
  for (std::size_t connection = 1; connection < 10; ++connection) {
    pool.burst(2 * connection, 2 * connection + 1);
    pool.dialed(connection, 100);
    pool.drains(connection, close_reason::goaway);
    pool.ends(connection);
    EXPECT_EQ(pool.ends(connection), "close c" + std::to_string(connection) + " goaway");
    pool.live(2s);
    EXPECT_EQ(pool.memory().request_limit, 2U);
  }
}

TEST(pool, behaviour_12_a_peer_that_ends_one_connection_of_many_sets_no_limit) {
  scripted_pool pool(roomy(), known(4));
  pool.burst(1, 8);
  pool.dialed(1, 4);
  pool.dialed(2, 4);
  for (int each = 0; each < 3; ++each)
    pool.ends(2);
  EXPECT_EQ(pool.turns_away(1, 3), "");
  EXPECT_EQ(pool.memory().request_limit, std::nullopt) << "the other one has answered as many, and goes on";
  EXPECT_EQ(pool.arrive(9), "use c2 for r9");
}

TEST(pool, behaviour_12_the_last_lesson_counts) {
  scripted_pool pool(roomy(), known(100));
  pool.burst(1, 20);
  pool.dialed(1, 100);
  pool.turns_away(1, 5);
  pool.arrive(21);
  pool.dialed(2, 100);
  EXPECT_EQ(pool.turns_away(2, 0), "");
  EXPECT_EQ(pool.memory().request_limit, 5U) << "a peer that takes nothing has other reasons";
  pool.arrive(22);
  pool.dialed(3, 100);
  pool.turns_away(3, 1);
  EXPECT_EQ(pool.memory().request_limit, 1U);
}

TEST(pool, a_limit_of_requests_is_none_of_http1) {
  auto traits = limited(1);
  traits.memory.is_multiplexed = false;
  scripted_pool pool({}, traits);
  pool.arrive(1);
  pool.dialed(1);
  pool.ends(1);
  EXPECT_EQ(pool.arrive(2), "use c1 for r2");
  EXPECT_EQ(pool.burst(3, 6), 4U);
}

}  // namespace
}  // namespace warmwire::pool::request_limit_test
