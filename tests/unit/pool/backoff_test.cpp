// Failing origins: how long nothing is dialed, and who waits meanwhile.
#include "pool/dial_backoff.hpp"
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::backoff_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

dial_backoff seeded(std::uint64_t seed) {
  return dial_backoff(jitter(seed, spread_of::dial_backoff));
}

constexpr dial_backoff::bounds limits{10ms, 5s};

TEST(dial_backoff, doubles_up_to_its_limit_give_or_take_a_fifth) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    dial_backoff backoff = seeded(seed);
    time_point now{1h};
    duration expected = 10ms;
    for (int round = 0; round < 15; ++round) {
      backoff.failed(backoff.round(), limits, now);
      EXPECT_GE(backoff.until() - now, expected * 8 / 10);
      EXPECT_LE(backoff.until() - now, expected * 12 / 10);
      now = backoff.until();
      backoff.pass(now);
      EXPECT_FALSE(backoff.is_waiting());
      expected = std::min<duration>(2 * expected, 5s);
    }
  }
}

TEST(dial_backoff, is_spread_evenly_and_by_its_seed) {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    dial_backoff backoff = seeded(seed);
    backoff.failed(0, {1s, 1s}, time_point{});
    sum += static_cast<double>(std::chrono::duration_cast<milliseconds>(backoff.until().time_since_epoch()).count());
  }
  EXPECT_NEAR(sum / 1'000, 1'000, 20);
  dial_backoff one = seeded(7);
  dial_backoff same = seeded(7);
  dial_backoff other = seeded(8);
  for (dial_backoff* each : {&one, &same, &other}) {
    each->failed(0, limits, time_point{});
  }
  EXPECT_EQ(one.until(), same.until());
  EXPECT_NE(one.until(), other.until());
}

TEST(dial_backoff, dials_that_fail_together_are_one_round) {
  dial_backoff backoff = seeded(1);
  const time_point now{1h};
  for (int each = 0; each < 8; ++each) {
    backoff.failed(0, limits, now);
  }
  EXPECT_LE(backoff.until() - now, 12ms);
  backoff.failed(1, limits, now);
  EXPECT_GE(backoff.until() - now, 16ms);
}

TEST(dial_backoff, a_success_begins_anew) {
  dial_backoff backoff = seeded(1);
  for (int each = 0; each < 8; ++each) {
    backoff.failed(backoff.round(), limits, time_point{1h});
  }
  backoff.succeeded();
  EXPECT_FALSE(backoff.is_waiting());
  backoff.failed(backoff.round(), limits, time_point{2h});
  EXPECT_LE(backoff.until() - time_point{2h}, 12ms);
}

pool_settings patient() {
  pool_settings settings;
  settings.dial_backoff_min = 100ms;
  settings.dial_backoff_max = 400ms;
  settings.acquire_timeout = 30s;
  return settings;
}

TEST(pool, behaviour_17_a_failed_dial_makes_all_others_wait) {
  scripted_pool pool(patient());
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.dial_fails(1), "reject r1 dial_failed");
  EXPECT_EQ(pool.wakeup(), std::nullopt) << "nobody waits for a dial";
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_GE(pool.wakeup(), 80ms);
  EXPECT_LE(pool.wakeup(), 120ms);
  EXPECT_EQ(pool.live(79ms), "");
  EXPECT_EQ(pool.live(41ms), "dial c2; dial c3");
}

TEST(pool, behaviour_17_the_rate_of_dials_to_a_dead_origin_follows_the_back_off) {
  scripted_pool pool;
  std::uint64_t requests = 0;
  std::size_t failed = 0;
  const auto dials_within = [&](milliseconds time) {
    const std::size_t before = pool.dials();
    for (milliseconds each = 0ms; each < time; each += 10ms) {
      ++requests;
      pool.burst(requests, requests);
      pool.live(10ms);
      while (failed < pool.dials()) {
        pool.dial_fails(++failed);
      }
    }
    return pool.dials() - before;
  };
  EXPECT_LE(dials_within(1s), 8U * 8U) << "ten milliseconds, doubled each time";
  dials_within(19s);
  EXPECT_LE(dials_within(60s), 8U * 15U) << "rounds of eight dials, four seconds apart at least";
}

TEST(pool, behaviour_17_a_success_ends_the_back_off) {
  scripted_pool pool(patient());
  pool.arrive(1);
  pool.arrive(2);
  pool.dial_fails(1);
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.dialed(2), "use c2 for r2; dial c3");
}

TEST(pool, a_request_that_arrives_during_the_back_off_waits_no_longer_than_its_acquire_timeout) {
  pool_settings settings = patient();
  settings.dial_backoff_min = settings.dial_backoff_max = 1min;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dial_fails(1);
  pool.arrive(2);
  EXPECT_EQ(pool.live(30s), "reject r2 acquire_timeout");
  EXPECT_EQ(pool.wakeup(), std::nullopt);
}

TEST(pool, during_the_back_off_the_queue_has_its_cap_beside_what_can_be_dialed_then) {
  pool_settings settings = patient();
  settings.max_connections = 2;
  settings.max_pending = 1;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dial_fails(1);
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.arrive_fresh(3), "");
  EXPECT_EQ(pool.arrive(4), "");
  EXPECT_EQ(pool.arrive(5), "reject r5 overflow");
  EXPECT_EQ(pool.arrive_fresh(6), "reject r6 overflow");
  EXPECT_EQ(pool.live(1s), "dial c2; dial c3");
}

TEST(pool, at_the_limit_a_fresh_request_takes_an_idle_connections_place_after_the_back_off) {
  pool_settings settings = patient();
  scripted_pool pool(settings);
  pool.open(1);
  pool.ends(1);
  pool.arrive_fresh(1);
  pool.dial_fails(2);
  settings.max_connections = 1;
  pool.reconfigure(settings);
  EXPECT_EQ(pool.arrive_fresh(2), "");
  EXPECT_EQ(pool.live(79ms), "");
  EXPECT_EQ(pool.live(41ms), "close c1 idle_excess; dial c3");
}

TEST(pool, a_connection_is_not_dialed_beside_during_the_back_off) {
  pool_settings settings = patient();
  settings.target_streams = 1;
  scripted_pool pool(settings, {.may_multiplex = true, .memory = {.is_multiplexed = true, .stream_limit = 9}});
  pool.arrive(1);
  pool.dialed(1, 9);
  EXPECT_EQ(pool.arrive(2), "use c1 for r2; dial c2");
  EXPECT_EQ(pool.dial_fails(2), "");
  EXPECT_EQ(pool.arrive(3), "use c1 for r3");
  EXPECT_EQ(pool.live(1s), "") << "nobody waits for it";
  EXPECT_EQ(pool.arrive(4), "use c1 for r4; dial c3");
}

}  // namespace
}  // namespace warmwire::pool::backoff_test
