// How old connections may become, networks that change, and machines that sleep.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

#include <set>

namespace warmwire::pool::lifetime_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

pool_settings short_lived() {
  pool_settings settings;
  settings.max_lifetime = 100s;
  settings.idle_timeout = 1h;
  settings.acquire_timeout = 1h;
  return settings;
}

TEST(pool, behaviour_24_an_idle_connection_is_closed_when_it_is_old) {
  std::set<milliseconds> ages;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    scripted_pool pool(short_lived(), {.seed = seed});
    pool.open(1);
    ages.insert(pool.wakeup().value());
    pool.ends(1);
    EXPECT_EQ(pool.live(90s - 1ms), "") << seed;
    EXPECT_EQ(pool.live(20s + 1ms), "close c1 max_lifetime") << seed;
    EXPECT_EQ(pool.wakeup(), std::nullopt);
  }
  EXPECT_GT(ages.size(), 90U) << "each at a moment of its own";
  EXPECT_LT(*ages.begin(), 93s);
  EXPECT_GT(*ages.rbegin(), 107s);
}

TEST(pool, behaviour_24_connections_of_one_pool_do_not_grow_old_together) {
  scripted_pool pool(short_lived());
  pool.open(20);
  for (std::size_t each = 1; each <= 20; ++each) {
    pool.heard(each);
  }
  pool.live(95s);
  const std::size_t early = 20 - [&] {
    std::size_t left = 0;
    for (std::size_t each = 1; each <= 20; ++each) {
      left += pool.ends(each).empty() ? 1U : 0U;
    }
    return left;
  }();
  EXPECT_GT(early, 0U);
  EXPECT_LT(early, 20U);
}

TEST(pool, behaviour_24_a_connection_with_streams_takes_no_more_when_it_is_old_and_lets_them_end) {
  scripted_pool pool(short_lived());
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.arrive(2);
  EXPECT_EQ(pool.live(110s), "");
  EXPECT_EQ(pool.arrive(3), "dial c2");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "close c1 max_lifetime");
}

TEST(pool, behaviour_24_an_old_connection_is_not_used_even_when_tick_is_late) {
  scripted_pool pool(short_lived());
  pool.open(1);
  pool.ends(1);
  pool.pass(110s);
  EXPECT_EQ(pool.arrive(1), "close c1 max_lifetime; dial c2");
}

TEST(pool, a_lifetime_of_zero_is_any_age) {
  pool_settings settings = short_lived();
  settings.max_lifetime = 0ms;
  scripted_pool pool(settings);
  pool.open(1);
  EXPECT_EQ(pool.wakeup(), std::nullopt);
}

TEST(pool, another_lifetime_holds_for_open_connections) {
  scripted_pool pool(short_lived());
  pool.open(2);
  pool.ends(1);
  pool.pass(50s);
  pool_settings settings = short_lived();
  settings.max_lifetime = 40s;
  EXPECT_EQ(pool.reconfigure(settings), "close c1 max_lifetime");
  EXPECT_EQ(pool.ends(2), "close c2 max_lifetime");
  settings.max_lifetime = 0ms;
  pool.open(1);
  pool.reconfigure(settings);
  EXPECT_EQ(pool.wakeup(), std::nullopt);
}

TEST(pool, behaviour_24_when_the_network_changes_nothing_that_there_is_takes_another_request) {
  scripted_pool pool;
  pool.open(3);
  pool.ends(1);
  EXPECT_EQ(pool.arrive_fresh(1), "dial c4");
  EXPECT_EQ(pool.network_changed(), "close c4 network_changed; close c1 network_changed; dial c5");
  EXPECT_EQ(pool.ends(2), "close c2 network_changed");
  EXPECT_EQ(pool.arrive(2), "dial c6");
  EXPECT_EQ(pool.ends(3), "close c3 network_changed");
  EXPECT_EQ(pool.dialed(5), "use c5 for r1");
}

TEST(pool, behaviour_24_a_changed_network_keeps_streams_alive) {
  scripted_pool pool;
  pool.arrive(1);
  pool.dialed(1, 100);
  pool.arrive(2);
  EXPECT_EQ(pool.network_changed(), "");
  EXPECT_EQ(pool.counts().streams, 2U);
  EXPECT_EQ(pool.arrive(3), "dial c2");
}

TEST(pool, a_changed_network_ends_the_back_off) {
  pool_settings settings;
  settings.dial_backoff_min = settings.dial_backoff_max = 20s;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dial_fails(1);
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.network_changed(), "dial c2");
}

TEST(pool, dials_that_nobody_asked_for_are_replaced_when_the_network_changes) {
  pool_settings settings;
  settings.max_idle = 0;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.prewarm(2), "dial c1; dial c2");
  EXPECT_EQ(pool.network_changed(), "close c1 network_changed; close c2 network_changed; dial c3; dial c4");
}

TEST(pool, a_changed_network_means_nothing_to_a_closed_pool) {
  scripted_pool pool;
  pool.open(1);
  pool.begin_close();
  EXPECT_EQ(pool.network_changed(), "");
  EXPECT_EQ(pool.ends(1), "close c1 closed_by_user");
}

TEST(pool, behaviour_07_connections_are_not_reused_after_a_sleep_longer_than_they_may_be_idle) {
  scripted_pool pool;
  pool.open(3);
  pool.ends(1);
  pool.pass(10s);
  pool.ends(2);
  EXPECT_EQ(pool.sleeps(50s), "close c1 suspended");
  EXPECT_EQ(pool.wakeup(), 10s) << "c2 has been idle for 50 s";
  EXPECT_EQ(pool.sleeps(8h), "close c2 suspended");
  EXPECT_EQ(pool.ends(3), "close c3 suspended") << "too old, after eight hours";
  EXPECT_EQ(pool.arrive(1), "dial c4");
  EXPECT_EQ(pool.closed(close_reason::suspended), 3U);
}

TEST(pool, behaviour_07_time_asleep_counts_for_what_is_idle_only) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1);
  EXPECT_EQ(pool.sleeps(30s), "");
  EXPECT_EQ(pool.arrive(1), "use c1 for r1");
  EXPECT_EQ(pool.view(1).idle_for, 30s);
  EXPECT_EQ(pool.ends(2), "");
  EXPECT_EQ(pool.arrive(2), "use c2 for r2");
  EXPECT_EQ(pool.view(2).idle_for, 0s);
}

TEST(pool, behaviour_07_time_asleep_counts_for_hints_and_lifetimes) {
  scripted_pool pool(short_lived());
  pool.open(3);
  pool.ends(1, {.timeout = 11s});
  pool.ends(2, {.timeout = 31s});
  EXPECT_EQ(pool.sleeps(15s), "close c1 suspended");
  EXPECT_EQ(pool.wakeup(), 15s);
  EXPECT_EQ(pool.sleeps(95s), "close c2 suspended");
  EXPECT_EQ(pool.ends(3), "close c3 suspended");
}

TEST(pool, behaviour_07_a_sleep_spares_no_connection_that_is_kept_warm_but_it_is_replaced) {
  pool_settings settings;
  settings.min_warm = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.sleeps(59s), "");
  EXPECT_EQ(pool.sleeps(1s), "close c1 suspended; dial c2");
}

TEST(pool, a_sleep_shortens_the_burst_grace_and_the_back_off) {
  pool_settings settings;
  settings.max_idle = 1;
  settings.dial_backoff_min = settings.dial_backoff_max = 20s;
  scripted_pool pool(settings);
  pool.open(2);
  pool.ends(1);
  pool.ends(2);
  pool.arrive_fresh(1);
  pool.dial_fails(3);
  EXPECT_EQ(pool.arrive_fresh(2), "");
  EXPECT_EQ(pool.sleeps(30s), "close c1 idle_excess; dial c4");
}

TEST(pool, a_sleep_of_no_length_or_a_negative_one_changes_nothing) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.sleeps(0s), "");
  EXPECT_EQ(pool.sleeps(-1h), "");
  EXPECT_EQ(pool.wakeup(), 60s);
  EXPECT_EQ(pool.sleeps(duration::max()), "close c1 suspended");
}

TEST(pool, a_sleep_is_not_added_to_the_time_that_requests_wait) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  pool.sleeps(1h);
  EXPECT_EQ(pool.wakeup(), 30s);
}

}  // namespace
}  // namespace warmwire::pool::lifetime_test
