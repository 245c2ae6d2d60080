// New settings while the pool lives, and the ways to close it.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::lifecycle_test {
namespace {

using namespace std::chrono_literals;

TEST(pool, a_smaller_limit_closes_idle_connections_and_lets_busy_ones_finish) {
  scripted_pool pool;
  pool.open(4);
  pool.ends(1);
  pool_settings settings;
  settings.max_connections = 1;
  EXPECT_EQ(pool.reconfigure(settings), "close c1 idle_excess");
  EXPECT_EQ(pool.arrive(1), "");
  EXPECT_EQ(pool.ends(2), "close c2 idle_excess") << "not handed over: the limit would never be reached";
  EXPECT_EQ(pool.ends(3), "close c3 idle_excess");
  EXPECT_EQ(pool.ends(4), "use c4 for r1");
}

TEST(pool, a_smaller_limit_closes_dials_when_closing_idle_connections_is_not_enough) {
  scripted_pool pool;
  pool.open(1);
  pool.arrive(1);
  pool.arrive(2);
  pool_settings settings;
  settings.max_connections = 2;
  EXPECT_EQ(pool.reconfigure(settings), "close c3 dial_excess");
  EXPECT_EQ(pool.dialed(2), "use c2 for r1");
  EXPECT_EQ(pool.ends(1), "use c1 for r2");
}

TEST(pool, a_draining_connection_does_not_cost_another_one_its_place) {
  scripted_pool pool;
  pool.open(2);
  pool.drains(1, close_reason::server_close);
  pool_settings settings;
  settings.max_connections = 1;
  pool.reconfigure(settings);
  EXPECT_EQ(pool.ends(2), "");
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, a_larger_limit_dials_for_those_that_wait) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  for (const std::uint64_t request : {1U, 2U, 3U}) {
    pool.arrive(request);
  }
  settings.max_connections = 3;
  EXPECT_EQ(pool.reconfigure(settings), "dial c2; dial c3");
}

TEST(pool, a_shorter_idle_timeout_holds_for_idle_connections_at_once) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1);
  pool.pass(10s);
  pool.ends(2);
  pool_settings settings;
  settings.idle_timeout = 10s;
  EXPECT_EQ(pool.reconfigure(settings), "close c1 idle_timeout");
  EXPECT_EQ(pool.wakeup(), 10s);
}

TEST(pool, a_smaller_max_idle_holds_for_those_idle_beyond_the_grace) {
  scripted_pool pool;
  pool.open(3);
  pool.ends(1);
  pool.ends(2);
  pool.pass(15s);
  pool.ends(3);
  pool_settings settings;
  settings.max_idle = 0;
  EXPECT_EQ(pool.reconfigure(settings), "close c1 idle_excess; close c2 idle_excess");
  EXPECT_EQ(pool.live(15s), "close c3 idle_excess");
}

TEST(pool, another_acquire_timeout_holds_for_those_that_wait_already) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  pool.pass(5s);
  pool.arrive(2);
  settings.acquire_timeout = 5s;
  EXPECT_EQ(pool.reconfigure(settings), "reject r1 acquire_timeout");
  EXPECT_EQ(pool.wakeup(), 5s);
}

TEST(pool, other_tls_options_retire_every_connection_made_under_the_old_ones) {
  scripted_pool pool;
  pool.open(2);
  EXPECT_EQ(pool.arrive(1), "dial c3");
  pool_settings settings;
  settings.tls.ca_file = "/etc/other.pem";
  EXPECT_EQ(pool.reconfigure(settings), "close c3 closed_by_user; dial c4");
  EXPECT_EQ(pool.ends(1), "close c1 closed_by_user");
  EXPECT_EQ(pool.ends(2), "close c2 closed_by_user");
  EXPECT_EQ(pool.dialed(4), "use c4 for r1");
  EXPECT_EQ(pool.ends(4), "");
  EXPECT_EQ(pool.reconfigure(settings), "") << "the same again";
  settings.tls.ca_file.clear();
  EXPECT_EQ(pool.reconfigure(settings), "close c4 closed_by_user");
}

TEST(pool, other_tls_options_take_a_connection_with_room_out_of_use) {
  scripted_pool pool;
  pool.arrive(1);
  pool.dialed(1, 5);
  pool_settings settings;
  settings.tls.server_name = "other.example";
  EXPECT_EQ(pool.reconfigure(settings), "");
  EXPECT_EQ(pool.arrive(2), "dial c2");
  EXPECT_EQ(pool.ends(1), "close c1 closed_by_user");
}

TEST(pool, another_way_to_the_origin_retires_every_connection_and_dials_for_those_who_wait) {
  scripted_pool pool;
  pool.open(3);
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.arrive_fresh(1), "dial c4");
  EXPECT_EQ(pool.rerouted(), "close c4 closed_by_user; close c1 closed_by_user; dial c5");
  EXPECT_EQ(pool.arrive(2), "dial c6");
  EXPECT_EQ(pool.ends(2), "close c2 closed_by_user");
  EXPECT_EQ(pool.dialed(5), "use c5 for r1");
  EXPECT_EQ(pool.ends(3), "close c3 closed_by_user");
  EXPECT_EQ(pool.dialed(6), "use c6 for r2");
}

TEST(pool, another_protocol_retires_every_connection_and_forgets_what_the_origin_spoke) {
  scripted_pool pool({}, {.may_multiplex = true});
  pool.arrive(1);
  pool.dialed(1, 10);
  pool_settings settings;
  settings.protocol = http_protocol::http1;
  EXPECT_EQ(pool.reconfigure(settings), "");
  EXPECT_EQ(pool.burst(2, 9), 8U) << "HTTP/1.1: no probe, and its limits";
  EXPECT_EQ(pool.ends(1), "close c1 closed_by_user");
  settings.protocol = http_protocol::automatic;
  EXPECT_EQ(pool.reconfigure(settings).substr(0, 23), "close c2 closed_by_user");
  EXPECT_EQ(pool.counts().connecting, 1U) << "a probe again";
}

TEST(pool, close_idle_closes_idle_connections_and_no_others) {
  scripted_pool pool;
  pool.open(3);
  pool.ends(1);
  pool.ends(2);
  EXPECT_EQ(pool.close_idle(), "close c1 closed_by_user; close c2 closed_by_user");
  EXPECT_EQ(pool.counts().active, 1U);
  EXPECT_EQ(pool.ends(3), "") << "later ones are kept again";
}

TEST(pool, behaviour_25_begin_close_rejects_what_waits_closes_what_is_dialing_and_lets_streams_end) {
  pool_settings settings;
  settings.max_connections = 3;
  settings.max_concurrent_dials = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  pool.arrive_fresh(2);
  pool.arrive(3);
  EXPECT_EQ(pool.begin_close(), "reject r2 closed; reject r1 closed; reject r3 closed; close c2 closed_by_user");
  EXPECT_EQ(pool.wakeup(), std::nullopt);
  EXPECT_EQ(pool.arrive(4), "reject r4 closed");
  EXPECT_EQ(pool.begin_close(), "") << "twice is fine";
  EXPECT_EQ(pool.dialed(2), "") << "news of a dial that was closed";
  EXPECT_EQ(pool.ends(1), "close c1 closed_by_user");
  EXPECT_EQ(pool.counts().active, 0U);
  EXPECT_EQ(pool.counts().rejected, 4U);
  EXPECT_EQ(pool.closed(close_reason::closed_by_user), 2U);
  pool.reopen();
  EXPECT_EQ(pool.arrive(5), "dial c3");
}

TEST(pool, begin_close_closes_idle_connections) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.begin_close(), "close c1 closed_by_user");
}

TEST(pool, abort_closes_what_still_has_streams) {
  scripted_pool pool;
  pool.open(2);
  pool.drains(1, close_reason::server_close);
  pool.begin_close();
  EXPECT_EQ(pool.abort(), "close c1 closed_by_user; close c2 closed_by_user");
  EXPECT_EQ(pool.counts().active, 0U);
  EXPECT_EQ(pool.counts().streams, 0U);
  EXPECT_EQ(pool.ends(2), "");
}

TEST(pool, abort_alone_closes_everything) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1);
  EXPECT_EQ(pool.abort(), "close c1 closed_by_user; close c2 closed_by_user");
  EXPECT_EQ(pool.arrive(1), "reject r1 closed");
}

}  // namespace
}  // namespace warmwire::pool::lifecycle_test
