// When connections are opened, whom they serve, and what becomes of dials that fail or that nobody needs any more.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::dials_test {
namespace {

using namespace std::chrono_literals;

TEST(pool, no_more_than_max_concurrent_dials_are_under_way) {
  pool_settings settings;
  settings.max_concurrent_dials = 2;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.arrive(2), "dial c2");
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.dialed(1), "use c1 for r1; dial c3");
}

TEST(pool, behaviour_16_a_waiter_takes_what_comes_first_and_its_dial_serves_the_next) {
  scripted_pool pool;
  pool.open(1);
  EXPECT_EQ(pool.arrive(1), "dial c2");
  EXPECT_EQ(pool.ends(1), "use c1 for r1");
  // The dial that r1 caused is still under way: the next request needs none of its own.
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.dialed(2), "use c2 for r2");
}

TEST(pool, behaviour_16_a_dial_that_lost_the_race_becomes_idle) {
  scripted_pool pool;
  pool.open(1);
  pool.arrive(1);
  pool.ends(1);
  EXPECT_EQ(pool.dialed(2), "");
  EXPECT_EQ(pool.counts().idle, 1U);
  EXPECT_EQ(pool.arrive(2), "use c2 for r2");
  EXPECT_EQ(pool.view(2).served, 1U);
  EXPECT_EQ(pool.counts().reused, 1U) << "r1 on c1 only: c2 had served nobody";
}

TEST(pool, behaviour_16_cancelling_the_request_that_started_a_dial_does_not_fail_others) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.cancel(1), "");
  EXPECT_EQ(pool.dialed(1), "use c1 for r2");
}

TEST(pool, behaviour_16_dials_of_cancelled_requests_are_kept_up_to_max_idle) {
  pool_settings settings;
  settings.max_idle = 2;
  scripted_pool pool(settings);
  for (const std::uint64_t request : {1U, 2U, 3U, 4U}) {
    pool.arrive(request);
  }
  EXPECT_EQ(pool.cancel(1), "");
  EXPECT_EQ(pool.cancel(2), "");
  EXPECT_EQ(pool.cancel(3), "close c4 dial_excess");
  EXPECT_EQ(pool.cancel(4), "close c3 dial_excess");
  EXPECT_EQ(pool.dialed(1), "");
  EXPECT_EQ(pool.dialed(2), "");
  EXPECT_EQ(pool.counts().idle, 2U);
  EXPECT_EQ(pool.closed(close_reason::dial_excess), 2U);
}

TEST(pool, a_connection_that_becomes_idle_takes_the_place_of_an_excess_dial) {
  pool_settings settings;
  settings.max_idle = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  EXPECT_EQ(pool.cancel(1), "");
  EXPECT_EQ(pool.ends(1), "close c2 dial_excess");
}

TEST(pool, without_keeping_idle_connections_an_excess_dial_is_closed) {
  pool_settings settings;
  settings.idle_timeout = 0ms;
  scripted_pool pool(settings);
  pool.arrive(1);
  EXPECT_EQ(pool.cancel(1), "close c1 dial_excess");
}

TEST(pool, a_failed_dial_rejects_the_waiter_that_it_was_for_and_the_others_get_another) {
  pool_settings settings;
  settings.max_concurrent_dials = 1;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.dial_fails(1), "reject r1 dial_failed");
  EXPECT_EQ(pool.live(1s), "dial c2");
  EXPECT_EQ(pool.dial_fails(2), "reject r2 dial_failed");
  EXPECT_EQ(pool.live(1s), "dial c3");
  EXPECT_EQ(pool.dial_fails(3), "reject r3 dial_failed");
  EXPECT_EQ(pool.counts().dial_failures, 3U);
  EXPECT_EQ(pool.closed(close_reason::dial_failed), 3U);
  EXPECT_EQ(pool.counts().rejected, 0U) << "these are for overflow and closing";
  EXPECT_EQ(pool.counts().pending, 0U);
}

TEST(pool, a_failed_dial_does_not_reject_who_came_after_it_began) {
  scripted_pool pool;
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.cancel(1), "");
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.dial_fails(1), "");
  EXPECT_EQ(pool.live(1s), "dial c2");
}

TEST(pool, a_failed_dial_does_not_reject_who_is_served_by_another) {
  scripted_pool pool;
  pool.open(1);
  EXPECT_EQ(pool.arrive(1), "dial c2");
  EXPECT_EQ(pool.arrive(2), "dial c3");
  EXPECT_EQ(pool.ends(1), "use c1 for r1");
  EXPECT_EQ(pool.dial_fails(3), "") << "c2 is under way and serves r2";
  EXPECT_EQ(pool.dialed(2), "use c2 for r2");
}

TEST(pool, dials_are_counted_with_the_streams_that_the_last_one_brought) {
  pool_settings settings;
  settings.max_concurrent_h2_dials = 8;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.drains(1, close_reason::server_close);
  pool.ends(1);
  std::string dials;
  for (std::uint64_t request = 1; request <= 35; ++request) {
    dials += pool.arrive(request);
  }
  EXPECT_EQ(dials, "dial c2dial c3dial c4dial c5");
}

TEST(pool, dials_under_way_that_turn_out_to_bring_more_are_closed) {
  pool_settings settings;
  settings.max_idle = 1;
  scripted_pool pool(settings);
  for (const std::uint64_t request : {1U, 2U, 3U}) {
    pool.arrive(request);
  }
  EXPECT_EQ(pool.dialed(1, 100), "use c1 for r1; use c1 for r2; use c1 for r3; close c3 dial_excess");
}

TEST(pool, a_failed_dial_takes_as_many_with_it_as_it_was_to_serve) {
  scripted_pool pool;
  pool.arrive(1);
  pool.dialed(1, 2);
  pool.lost(1, close_reason::transport_error);
  EXPECT_EQ(pool.arrive(2), "dial c2");
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.arrive(4), "dial c3");
  EXPECT_EQ(pool.arrive(5), "");
  EXPECT_EQ(pool.dial_fails(3), "reject r2 dial_failed; reject r3 dial_failed")
      << "the oldest were waiting when it began; c2 serves the others";
}

TEST(pool, a_failed_dial_takes_fresh_requests_with_it_first) {
  pool_settings settings;
  settings.max_concurrent_dials = 1;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.cancel(1);
  pool.dial_fails(1);
  pool.pass(1s);
  pool.arrive(2);
  pool.arrive_fresh(3);
  EXPECT_EQ(pool.dial_fails(2), "reject r2 dial_failed") << "r3 came after the dial began";
  EXPECT_EQ(pool.live(1s), "dial c3");
  pool.arrive(4);
  pool.arrive_fresh(5);
  EXPECT_EQ(pool.dial_fails(3), "reject r3 dial_failed");
  EXPECT_EQ(pool.live(1s), "dial c4");
  EXPECT_EQ(pool.dial_fails(4), "reject r5 dial_failed") << "r4 is older, but not first in the queue";
}

TEST(pool, dials_are_in_excess_when_fewer_of_them_carry_all_streams) {
  pool_settings settings;
  settings.max_idle = 0;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dialed(1, 2);
  pool.drains(1, close_reason::server_close);
  for (const std::uint64_t request : {2U, 3U, 4U}) {
    pool.arrive(request);
  }
  EXPECT_EQ(pool.counts().connecting, 2U);
  EXPECT_EQ(pool.cancel(2), "close c3 dial_excess");
  EXPECT_EQ(pool.dialed(2, 2), "use c2 for r3; use c2 for r4");
}

TEST(pool, a_stream_limit_that_changes_is_expected_of_later_dials) {
  scripted_pool pool;
  pool.open(1);
  pool.carries(1, 3);
  pool.drains(1, close_reason::server_close);
  EXPECT_EQ(pool.arrive(2), "dial c2");
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.arrive(4), "");
  EXPECT_EQ(pool.arrive(5), "dial c3");
}

TEST(pool, a_fresh_request_never_takes_a_pooled_connection) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.arrive_fresh(1), "dial c2");
  EXPECT_EQ(pool.dialed(2), "use c2 for r1");
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, a_finished_dial_serves_fresh_requests_before_all_others) {
  pool_settings settings;
  settings.max_concurrent_dials = 1;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.arrive_fresh(2), "");
  EXPECT_EQ(pool.arrive_fresh(3), "");
  EXPECT_EQ(pool.dialed(1), "use c1 for r2; dial c2");
  EXPECT_EQ(pool.dialed(2), "use c2 for r3; dial c3");
  EXPECT_EQ(pool.dialed(3), "use c3 for r1");
}

TEST(pool, a_finished_dial_with_many_streams_serves_fresh_requests_and_then_the_others) {
  pool_settings settings;
  settings.max_concurrent_dials = 1;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.arrive_fresh(2);
  pool.arrive(3);
  EXPECT_EQ(pool.dialed(1, 2), "use c1 for r2; use c1 for r1; dial c2");
}

TEST(pool, a_fresh_request_does_not_hold_up_those_who_take_a_pooled_connection) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  EXPECT_EQ(pool.arrive_fresh(1), "");
  EXPECT_EQ(pool.arrive(2), "");
  EXPECT_EQ(pool.ends(1), "use c1 for r2");
  // Nobody else waits now: the connection makes room for a new one.
  EXPECT_EQ(pool.ends(1), "close c1 idle_excess; dial c2");
  EXPECT_EQ(pool.dialed(2), "use c2 for r1");
}

TEST(pool, at_the_limit_a_fresh_request_is_dialed_in_place_of_the_longest_idle_connection) {
  pool_settings settings;
  settings.max_connections = 2;
  scripted_pool pool(settings);
  pool.open(2);
  pool.ends(1);
  pool.ends(2);
  EXPECT_EQ(pool.arrive_fresh(1), "close c1 idle_excess; dial c3");
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, a_fresh_request_waits_for_a_dial_when_too_many_are_under_way) {
  pool_settings settings;
  settings.max_connections = 3;
  settings.max_concurrent_dials = 1;
  scripted_pool pool(settings);
  pool.open(2);
  pool.ends(1);
  EXPECT_EQ(pool.arrive_fresh(1), "dial c3");
  EXPECT_EQ(pool.arrive_fresh(2), "");
  EXPECT_EQ(pool.dialed(3), "use c3 for r1; close c1 idle_excess; dial c4");
}

}  // namespace
}  // namespace warmwire::pool::dials_test
