// Connections that are opened before anyone asks: prewarm and min_warm.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::warm_test {
namespace {

using namespace std::chrono_literals;

pool_settings warm(std::size_t connections) {
  pool_settings settings;
  settings.min_warm = connections;
  settings.max_lifetime = 0ms;
  return settings;
}

TEST(pool, prewarm_dials_once) {
  scripted_pool pool;
  EXPECT_EQ(pool.prewarm(3), "dial c1; dial c2; dial c3");
  EXPECT_EQ(pool.dialed(1), "");
  EXPECT_EQ(pool.dialed(2), "");
  EXPECT_EQ(pool.dialed(3), "");
  EXPECT_EQ(pool.counts().idle, 3U);
  EXPECT_EQ(pool.prewarm(3), "") << "they are there";
  EXPECT_EQ(pool.arrive(1), "use c3 for r1");
  EXPECT_EQ(pool.view(3).served, 1U) << "it had served nobody";
  EXPECT_EQ(pool.counts().reused, 0U);
  EXPECT_EQ(pool.lost(1, close_reason::peer_closed_idle), "") << "what is lost later is not replaced";
}

TEST(pool, prewarm_counts_what_is_open_or_connecting) {
  scripted_pool pool;
  pool.open(1);
  pool.arrive(1);
  EXPECT_EQ(pool.prewarm(3), "dial c3");
}

TEST(pool, prewarm_goes_on_as_dials_may) {
  pool_settings settings;
  settings.max_concurrent_dials = 2;
  settings.max_connections = 4;
  settings.max_idle = 0;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.prewarm(9), "dial c1; dial c2") << "not in excess, though nobody waits";
  EXPECT_EQ(pool.dialed(1), "dial c3");
  EXPECT_EQ(pool.dialed(2), "dial c4");
  EXPECT_EQ(pool.dialed(3), "");
  EXPECT_EQ(pool.dialed(4), "") << "max_connections";
}

TEST(pool, prewarm_probes_first_and_opens_what_the_protocol_allows) {
  scripted_pool pool({}, {.may_multiplex = true});
  EXPECT_EQ(pool.prewarm(9), "dial c1");
  EXPECT_EQ(pool.dialed_without_settings(1), "dial c2; dial c3");
  for (std::size_t each = 2; each <= 8; ++each) {
    pool.dialed_without_settings(each);
  }
  EXPECT_EQ(pool.dials(), 8U) << "max_h2_connections";
}

TEST(pool, what_could_not_be_prewarmed_is_not_dialed_again) {
  scripted_pool pool;
  EXPECT_EQ(pool.prewarm(2), "dial c1; dial c2");
  EXPECT_EQ(pool.dial_fails(1), "");
  EXPECT_EQ(pool.dial_fails(2), "");
  EXPECT_EQ(pool.wakeup(), std::nullopt);
}

TEST(pool, what_is_left_to_prewarm_waits_for_the_back_off) {
  pool_settings settings;
  settings.max_concurrent_dials = 1;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.prewarm(3), "dial c1");
  EXPECT_EQ(pool.dial_fails(1), "");
  EXPECT_EQ(pool.live(1s), "dial c2");
  EXPECT_EQ(pool.dialed(2), "dial c3");
  EXPECT_EQ(pool.dial_fails(3), "");
  EXPECT_EQ(pool.live(1s), "") << "three dials for three connections";
}

TEST(pool, a_request_takes_a_connection_that_is_being_prewarmed) {
  scripted_pool pool;
  pool.prewarm(1);
  EXPECT_EQ(pool.arrive(1), "");
  EXPECT_EQ(pool.dialed(1), "use c1 for r1");
}

TEST(pool, dials_in_excess_are_those_that_waiters_called_for) {
  pool_settings settings;
  settings.max_idle = 0;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.arrive(2), "dial c2");
  EXPECT_EQ(pool.prewarm(4), "dial c3; dial c4");
  EXPECT_EQ(pool.cancel(1), "close c2 dial_excess");
  EXPECT_EQ(pool.cancel(2), "close c1 dial_excess");
  EXPECT_EQ(pool.counts().connecting, 2U);
}

TEST(pool, a_closed_pool_prewarms_nothing) {
  scripted_pool pool;
  pool.begin_close();
  EXPECT_EQ(pool.prewarm(2), "");
  pool.reopen();
  EXPECT_EQ(pool.tick(), "");
  EXPECT_EQ(pool.prewarm(1), "dial c1");
  EXPECT_EQ(pool.begin_close(), "close c1 closed_by_user");
}

TEST(pool, min_warm_connections_are_opened_with_the_first_request_and_kept) {
  scripted_pool pool(warm(2));
  EXPECT_EQ(pool.tick(), "") << "not in use yet";
  EXPECT_EQ(pool.arrive(1), "dial c1; dial c2");
  pool.dialed(1);
  pool.dialed(2);
  pool.ends(1);
  EXPECT_EQ(pool.wakeup(), std::nullopt);
  EXPECT_EQ(pool.live(10h), "");
  EXPECT_EQ(pool.arrive(2), "use c1 for r2");
}

TEST(pool, min_warm_is_kept_after_prewarm_too) {
  scripted_pool pool(warm(2));
  EXPECT_EQ(pool.prewarm(1), "dial c1; dial c2");
}

TEST(pool, beyond_min_warm_idle_connections_age) {
  scripted_pool pool(warm(2));
  pool.open(3);
  for (const std::size_t each : {1U, 2U, 3U}) {
    pool.ends(each);
  }
  EXPECT_EQ(pool.live(60s), "close c1 idle_timeout");
  EXPECT_EQ(pool.live(60s), "");
  EXPECT_EQ(pool.arrive(1), "use c3 for r1") << "fit for use as long as it is kept";
}

TEST(pool, min_warm_connections_are_no_excess) {
  pool_settings settings = warm(2);
  settings.max_idle = 0;
  settings.idle_burst_grace = 0ms;
  scripted_pool pool(settings);
  pool.open(3);
  EXPECT_EQ(pool.ends(1), "close c1 idle_excess");
  EXPECT_EQ(pool.ends(2), "");
  EXPECT_EQ(pool.ends(3), "");
  EXPECT_EQ(pool.live(1h), "");
}

TEST(pool, min_warm_connections_outlive_an_idle_timeout_of_zero) {
  pool_settings settings = warm(1);
  settings.idle_timeout = 0ms;
  scripted_pool pool(settings);
  pool.open(2);
  EXPECT_EQ(pool.ends(1), "close c1 idle_timeout");
  EXPECT_EQ(pool.ends(2), "");
  EXPECT_EQ(pool.arrive(1), "use c2 for r1");
}

TEST(pool, a_lost_warm_connection_is_dialed_again) {
  scripted_pool pool(warm(1));
  pool.open(1);
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.lost(1, close_reason::peer_closed_idle), "dial c2");
  EXPECT_EQ(pool.dial_fails(2), "");
  EXPECT_EQ(pool.live(1s), "dial c3") << "after the back-off, again and again";
  EXPECT_EQ(pool.close_idle(), "");
  pool.dialed(3);
  EXPECT_EQ(pool.close_idle(), "close c3 closed_by_user; dial c4");
}

TEST(pool, a_connection_in_use_counts_as_warm_and_a_draining_one_does_not) {
  scripted_pool pool(warm(1));
  pool.open(1);
  EXPECT_EQ(pool.drains(1, close_reason::goaway), "dial c2");
}

TEST(pool, min_warm_stops_when_the_pool_is_closed_and_begins_with_the_next_use) {
  scripted_pool pool(warm(2));
  pool.open(1);
  EXPECT_EQ(pool.begin_close(), "close c2 closed_by_user");
  EXPECT_EQ(pool.ends(1), "close c1 closed_by_user");
  pool.reopen();
  EXPECT_EQ(pool.tick(), "");
  EXPECT_EQ(pool.arrive(1), "dial c3; dial c4");
}

TEST(pool, min_warm_stays_within_the_limits) {
  pool_settings settings = warm(1'000);
  settings.max_h2_connections = 3;
  scripted_pool pool(settings, {.may_multiplex = true});
  EXPECT_EQ(pool.arrive(1), "dial c1");
  pool.dialed(1, 10);
  pool.dialed(2, 10);
  pool.dialed(3, 10);
  EXPECT_EQ(pool.dials(), 3U);
  EXPECT_EQ(pool.wakeup(), std::nullopt);
}

TEST(pool, another_min_warm_holds_at_once) {
  scripted_pool pool(warm(0));
  pool.open(1);
  EXPECT_EQ(pool.reconfigure(warm(2)), "dial c2");
  pool.dialed(2);
  pool.ends(1);
  pool.pass(1h);
  EXPECT_EQ(pool.reconfigure(warm(0)), "close c2 idle_timeout; close c1 idle_timeout");
}

// A server that accepts connections and ends them at once must not be dialed in a loop.
TEST(pool, warm_connections_that_end_unused_are_dialed_again_ever_more_slowly) {
  scripted_pool pool(warm(1));
  pool.open(1);
  pool.ends(1);
  pool.lost(1, close_reason::peer_closed_idle);
  std::size_t ended = 1;
  const auto dials_within = [&](std::chrono::milliseconds time) {
    const std::size_t before = pool.dials();
    for (std::chrono::milliseconds each = 0ms; each < time; each += 1ms) {
      if (ended < pool.dials()) {
        pool.dialed(++ended);
        pool.lost(ended, close_reason::peer_closed_idle);
      }
      pool.live(1ms);
    }
    return pool.dials() - before;
  };
  EXPECT_LE(dials_within(1s), 9U);
  dials_within(10s);
  EXPECT_LE(dials_within(60s), 15U);
  EXPECT_EQ(pool.burst(1, 1), 1U) << "a request does not wait for that";
}

TEST(pool, a_warm_connection_that_lived_for_a_while_is_replaced_at_once) {
  scripted_pool pool(warm(1));
  pool.open(1);
  pool.ends(1);
  pool.lost(1, close_reason::peer_closed_idle);
  for (std::size_t each = 2; each < 10; ++each) {
    pool.dialed(each);
    pool.pass(5s);
    EXPECT_EQ(pool.lost(each, close_reason::peer_closed_idle), "");
    EXPECT_EQ(pool.live(12ms), "dial c" + std::to_string(each + 1));
  }
}

}  // namespace
}  // namespace warmwire::pool::warm_test
