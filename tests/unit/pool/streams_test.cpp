// Who gets a stream: reuse, order of waiting, hand-off, several streams on one connection.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::streams_test {
namespace {

using namespace std::chrono_literals;

TEST(pool, a_connection_is_dialed_used_kept_and_reused) {
  scripted_pool pool;
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.counts().pending, 1U);
  EXPECT_EQ(pool.dialed(1), "use c1 for r1");
  EXPECT_EQ(pool.view(1).served, 1U);
  EXPECT_EQ(pool.view(1).idle_for, 0s);
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.counts().idle, 1U);
  pool.pass(7s);
  EXPECT_EQ(pool.arrive(2), "use c1 for r2");
  EXPECT_EQ(pool.view(1).served, 2U);
  EXPECT_EQ(pool.view(1).idle_for, 7s);
  EXPECT_EQ(pool.counts().opened, 1U);
  EXPECT_EQ(pool.counts().requests, 2U);
  EXPECT_EQ(pool.counts().reused, 1U);
  EXPECT_EQ(pool.counts().active, 1U);
  EXPECT_EQ(pool.counts().pending, 0U);
}

TEST(pool, lifo_takes_the_connection_used_last_and_fifo_the_one_idle_for_longest) {
  for (const auto& [order, expected] :
       {std::pair{scheduling::lifo, "use c3 for r4"}, {scheduling::fifo, "use c1 for r4"}}) {
    pool_settings settings;
    settings.scheduling = order;
    scripted_pool pool(settings);
    pool.open(3);
    for (const std::size_t connection : {1U, 2U, 3U}) {
      pool.ends(connection);
    }
    EXPECT_EQ(pool.arrive(4), expected);
  }
}

TEST(pool, never_opens_more_than_max_connections) {
  pool_settings settings;
  settings.max_connections = 2;
  scripted_pool pool(settings);
  EXPECT_EQ(pool.arrive(1), "dial c1");
  EXPECT_EQ(pool.arrive(2), "dial c2");
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.dialed(1), "use c1 for r1");
  EXPECT_EQ(pool.dialed(2), "use c2 for r2");
  EXPECT_EQ(pool.arrive(4), "");
  EXPECT_EQ(pool.counts().pending, 2U);
}

TEST(pool, behaviour_15_waiters_are_served_in_order) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  for (std::uint64_t request = 1; request <= 1000; ++request) {
    EXPECT_EQ(pool.arrive(request), "");
  }
  // Every stream that ends goes to the oldest waiter, and a newcomer at that moment stands last.
  for (std::uint64_t request = 1; request <= 1000; ++request) {
    EXPECT_EQ(pool.ends(1), "use c1 for r" + std::to_string(request));
    EXPECT_EQ(pool.arrive(1000 + request), "");
  }
  EXPECT_EQ(pool.ends(1), "use c1 for r1001");
  EXPECT_EQ(pool.counts().peak_pending, 1000U);
  EXPECT_EQ(pool.counts().opened, 1U);
}

TEST(pool, behaviour_15_cancelled_waiters_never_take_a_connection) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  for (std::uint64_t request = 1; request <= 100; ++request) {
    pool.arrive(request);
  }
  for (std::uint64_t request = 1; request <= 100; ++request) {
    if (request % 10 != 0) {
      EXPECT_EQ(pool.cancel(request), "");
    }
  }
  EXPECT_EQ(pool.counts().pending, 10U);
  for (std::uint64_t request = 10; request <= 100; request += 10) {
    EXPECT_EQ(pool.ends(1), "use c1 for r" + std::to_string(request));
  }
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, cancelling_a_request_that_does_not_wait_does_nothing) {
  scripted_pool pool;
  EXPECT_EQ(pool.cancel(1), "");
  pool.open(1, 1);
  EXPECT_EQ(pool.cancel(1), "");
  EXPECT_EQ(pool.counts().active, 1U);
  EXPECT_EQ(pool.counts().streams, 1U);
}

TEST(pool, a_connection_with_streams_and_room_is_taken_before_an_idle_one) {
  scripted_pool pool;
  pool.arrive(1);
  pool.dialed(1, 3);
  pool.arrive(2);
  EXPECT_EQ(pool.arrive(3), "use c1 for r3");
  EXPECT_EQ(pool.arrive(4), "dial c2");
  EXPECT_EQ(pool.dialed(2, 3), "use c2 for r4");
  EXPECT_EQ(pool.ends(2), "");
  EXPECT_EQ(pool.counts().idle, 1U);
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.arrive(5), "use c1 for r5");
  EXPECT_EQ(pool.arrive(6), "use c2 for r6");
}

TEST(pool, a_lowered_stream_limit_lets_streams_end_and_takes_no_new_ones_until_below) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dialed(1, 3);
  pool.arrive(2);
  pool.arrive(3);
  EXPECT_EQ(pool.carries(1, 1), "");
  EXPECT_EQ(pool.arrive(4), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "use c1 for r4");
}

TEST(pool, a_raised_stream_limit_serves_those_that_wait) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  for (const std::uint64_t request : {1U, 2U, 3U}) {
    pool.arrive(request);
  }
  EXPECT_EQ(pool.carries(1, 3), "use c1 for r1; use c1 for r2");
  EXPECT_EQ(pool.counts().streams, 3U);
}

TEST(pool, a_draining_connection_takes_no_stream_and_counts_until_its_last_one_ends) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dialed(1, 2);
  pool.arrive(2);
  EXPECT_EQ(pool.drains(1, close_reason::server_close), "");
  EXPECT_EQ(pool.drains(1, close_reason::protocol_error), "");
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.counts().active, 1U);
  EXPECT_EQ(pool.ends(1), "close c1 server_close; dial c2");
}

TEST(pool, draining_an_idle_connection_closes_it) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.drains(1, close_reason::server_close), "close c1 server_close");
}

TEST(pool, draining_a_dial_closes_it_and_those_that_wait_get_another) {
  scripted_pool pool;
  pool.arrive(1);
  EXPECT_EQ(pool.drains(1, close_reason::closed_by_user), "close c1 closed_by_user; dial c2");
}

TEST(pool, a_lost_connection_is_forgotten_with_its_streams_and_makes_room) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dialed(1, 2);
  pool.arrive(2);
  pool.arrive(3);
  EXPECT_EQ(pool.lost(1, close_reason::transport_error), "dial c2");
  EXPECT_EQ(pool.counts().streams, 0U);
  EXPECT_EQ(pool.counts().active, 0U);
  EXPECT_EQ(pool.closed(close_reason::transport_error), 1U);
}

TEST(pool, events_for_a_connection_that_is_gone_do_nothing) {
  scripted_pool pool;
  pool.open(1);
  pool.lost(1, close_reason::stale);
  pool.open(1);  // takes the slot of the first
  EXPECT_EQ(pool.lost(1, close_reason::stale), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.drains(1, close_reason::server_close), "");
  EXPECT_EQ(pool.carries(1, 5), "");
  EXPECT_EQ(pool.dialed(1), "");
  EXPECT_EQ(pool.dial_fails(1), "");
  pool.heard(1);
  EXPECT_EQ(pool.view(1).served, 0U);
  EXPECT_EQ(pool.counts().active, 1U);
  EXPECT_EQ(pool.closed(close_reason::stale), 1U);
  EXPECT_EQ(pool.counts().dial_failures, 0U);
}

TEST(pool, a_connection_found_dead_when_taken_gives_way_to_the_next) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1);
  pool.ends(2);
  EXPECT_EQ(pool.arrive(1), "use c2 for r1");
  EXPECT_EQ(pool.refused(2, 1, close_reason::peer_closed_idle), "use c1 for r1");
  EXPECT_EQ(pool.refused(1, 1, close_reason::peer_closed_idle), "dial c3");
  EXPECT_EQ(pool.dialed(3), "use c3 for r1");
  EXPECT_EQ(pool.counts().requests, 3U) << "two to begin with, and r1 once";
  EXPECT_EQ(pool.counts().reused, 0U);
  EXPECT_EQ(pool.counts().active, 1U);
  EXPECT_EQ(pool.closed(close_reason::peer_closed_idle), 2U);
}

TEST(pool, a_use_that_was_undone_counts_for_nothing) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1, {.max_requests = 1});
  EXPECT_EQ(pool.arrive(1), "use c1 for r1");
  pool.undone(1);
  EXPECT_EQ(pool.ends(1), "") << "the one request that the server still allows was not used";
  EXPECT_EQ(pool.counts().requests, 1U);
  EXPECT_EQ(pool.counts().reused, 0U);
  EXPECT_EQ(pool.view(1).served, 1U);
  EXPECT_EQ(pool.arrive(2), "use c1 for r2");
  EXPECT_EQ(pool.counts().reused, 1U);
}

TEST(pool, a_new_connection_whose_use_was_undone_is_still_new) {
  scripted_pool pool;
  pool.open(1);
  pool.undone(1);
  pool.ends(1);
  EXPECT_EQ(pool.arrive(1), "use c1 for r1");
  EXPECT_EQ(pool.view(1).served, 1U);
  EXPECT_EQ(pool.counts().reused, 0U);
}

TEST(pool, the_oldest_stream_is_that_of_the_connection_busy_for_longest) {
  scripted_pool pool;
  EXPECT_EQ(pool.oldest(), "");
  pool.open(1);
  pool.pass(5s);
  pool.open(1);
  pool.pass(5s);
  EXPECT_EQ(pool.oldest(), "c1 for 10 s");
  pool.ends(1);
  EXPECT_EQ(pool.oldest(), "c2 for 5 s");
  pool.arrive(1);
  EXPECT_EQ(pool.oldest(), "c2 for 5 s");
}

TEST(pool, a_stream_handed_over_starts_anew) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  pool.pass(9s);
  pool.ends(1);
  EXPECT_EQ(pool.view(1).idle_for, 0s);
  EXPECT_EQ(pool.oldest(), "c1 for 0 s");
}

TEST(pool, a_stream_handed_over_is_younger_than_all_others) {
  pool_settings settings;
  settings.max_connections = 2;
  scripted_pool pool(settings);
  pool.open(2);
  pool.arrive(1);
  pool.pass(9s);
  pool.ends(1);
  EXPECT_EQ(pool.oldest(), "c2 for 9 s");
}

}  // namespace
}  // namespace warmwire::pool::streams_test
