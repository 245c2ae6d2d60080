// How long requests wait and how many may: acquire time-outs and the queue's cap.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::queue_test {
namespace {

using namespace std::chrono_literals;

pool_settings one_connection() {
  pool_settings settings;
  settings.max_connections = 1;
  settings.max_lifetime = 0ms;
  return settings;
}

TEST(pool, behaviour_18_a_request_beyond_the_cap_is_rejected_at_once) {
  pool_settings settings = one_connection();
  settings.max_pending = 2;
  scripted_pool pool(settings);
  pool.open(1);
  EXPECT_EQ(pool.arrive(1), "");
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.arrive(3), "reject r3 overflow");
  EXPECT_EQ(pool.arrive_fresh(4), "reject r4 overflow");
  EXPECT_EQ(pool.counts().rejected, 2U);
  EXPECT_EQ(pool.counts().peak_pending, 2U);
  EXPECT_EQ(pool.ends(1), "use c1 for r1");
  EXPECT_EQ(pool.arrive(5), "");
}

TEST(pool, behaviour_18_a_waiter_is_rejected_at_its_acquire_timeout) {
  pool_settings settings = one_connection();
  settings.acquire_timeout = 30s;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  pool.pass(10s);
  pool.arrive(2);
  EXPECT_EQ(pool.wakeup(), 20s);
  pool.pass(20s - 1ms);
  EXPECT_EQ(pool.tick(), "");
  pool.pass(1ms);
  EXPECT_EQ(pool.tick(), "reject r1 acquire_timeout");
  EXPECT_EQ(pool.wakeup(), 10s);
  EXPECT_EQ(pool.live(10s), "reject r2 acquire_timeout");
  EXPECT_EQ(pool.wakeup(), std::nullopt);
  EXPECT_EQ(pool.counts().timed_out, 2U);
  EXPECT_EQ(pool.counts().rejected, 0U);
}

TEST(pool, an_acquire_timeout_also_ends_the_wait_for_a_dial_and_for_a_fresh_connection) {
  scripted_pool pool;
  pool.arrive(1);
  pool.pass(1s);
  pool.arrive_fresh(2);
  EXPECT_EQ(pool.wakeup(), 29s);
  EXPECT_EQ(pool.live(30s), "reject r1 acquire_timeout; reject r2 acquire_timeout");
}

TEST(pool, a_cap_of_zero_lets_requests_wait_only_for_connections_that_are_being_opened) {
  pool_settings settings;
  settings.max_connections = 2;
  settings.max_pending = 0;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.arrive(2), "dial c2");
  EXPECT_EQ(pool.arrive(3), "reject r3 overflow");
  pool.dialed(1);
  pool.dialed(2);
  EXPECT_EQ(pool.arrive(4), "reject r4 overflow");
  pool.ends(1);
  EXPECT_EQ(pool.arrive(5), "use c1 for r5");
}

TEST(pool, a_dial_under_way_that_lost_its_waiter_covers_the_next) {
  pool_settings settings = one_connection();
  settings.max_pending = 0;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.cancel(1);
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.arrive(3), "reject r3 overflow");
  EXPECT_EQ(pool.dialed(1), "use c1 for r2");
}

TEST(pool, with_a_cap_of_zero_a_fresh_request_may_take_the_place_of_an_idle_connection) {
  pool_settings settings = one_connection();
  settings.max_pending = 0;
  scripted_pool pool(settings);
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.arrive_fresh(1), "close c1 idle_excess; dial c2");
}

TEST(pool, a_late_tick_does_not_take_a_free_stream_from_a_waiter) {
  scripted_pool pool(one_connection());
  pool.open(1);
  pool.arrive(1);
  pool.pass(31s);
  EXPECT_EQ(pool.ends(1), "use c1 for r1");
}

}  // namespace
}  // namespace warmwire::pool::queue_test
