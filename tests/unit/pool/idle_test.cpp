// How long idle connections are kept: time-outs, bursts, the server's hints, and suspicion.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace warmwire::pool::idle_test {
namespace {

using namespace std::chrono_literals;

TEST(pool, an_idle_connection_is_closed_at_idle_timeout) {
  pool_settings settings;
  settings.max_lifetime = 0ms;
  scripted_pool pool(settings);
  pool.open(1);
  EXPECT_EQ(pool.wakeup(), std::nullopt);
  pool.ends(1);
  EXPECT_EQ(pool.wakeup(), 60s);
  EXPECT_EQ(pool.live(60s - 1ms), "");
  EXPECT_EQ(pool.live(1ms), "close c1 idle_timeout");
  EXPECT_EQ(pool.wakeup(), std::nullopt);
  EXPECT_EQ(pool.closed(close_reason::idle_timeout), 1U);
}

TEST(pool, an_expired_connection_is_not_used_even_when_tick_is_late) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1);
  pool.ends(2);
  pool.pass(60s);
  EXPECT_EQ(pool.arrive(1), "close c2 idle_timeout; close c1 idle_timeout; dial c3");
}

TEST(pool, an_idle_timeout_of_zero_closes_a_connection_after_each_use) {
  pool_settings settings;
  settings.idle_timeout = 0ms;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  EXPECT_EQ(pool.ends(1), "close c1 idle_timeout; dial c2");
  EXPECT_EQ(pool.dialed(2), "use c2 for r1");
  EXPECT_EQ(pool.ends(2), "close c2 idle_timeout");
  EXPECT_EQ(pool.counts().reused, 0U);
}

TEST(pool, an_idle_timeout_of_zero_lets_other_streams_end_first) {
  pool_settings settings;
  settings.idle_timeout = 0ms;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dialed(1, 2);
  pool.arrive(2);
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.arrive(3), "use c1 for r3");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "close c1 idle_timeout");
}

TEST(pool, behaviour_19_burst_connections_are_kept_for_the_next_burst) {
  scripted_pool pool;
  for (std::size_t each = 1; each <= 50; ++each) {
    pool.open(1);
  }
  for (std::size_t each = 1; each <= 50; ++each) {
    EXPECT_EQ(pool.ends(each), "");
  }
  EXPECT_EQ(pool.live(10s), "");
  for (std::uint64_t request = 1; request <= 50; ++request) {
    EXPECT_EQ(pool.arrive(request).substr(0, 5), "use c");
  }
  EXPECT_EQ(pool.counts().reused, 50U);
  EXPECT_EQ(pool.counts().opened, 50U);

  for (std::size_t each = 1; each <= 50; ++each) {
    pool.ends(each);
  }
  pool.live(15s - 1ms);
  EXPECT_EQ(pool.counts().idle, 50U);
  pool.live(1ms);
  EXPECT_EQ(pool.counts().idle, 10U) << "in the long run only max_idle are kept";
  EXPECT_EQ(pool.closed(close_reason::idle_excess), 40U);
}

TEST(pool, behaviour_19_the_longest_idle_are_closed_first_after_the_grace) {
  pool_settings settings;
  settings.max_idle = 1;
  settings.idle_burst_grace = 10s;
  scripted_pool pool(settings);
  pool.open(3);
  pool.ends(2);
  pool.pass(2s);
  pool.ends(1);
  EXPECT_EQ(pool.wakeup(), 8s);
  pool.pass(2s);
  pool.ends(3);
  EXPECT_EQ(pool.live(6s), "close c2 idle_excess");
  EXPECT_EQ(pool.live(2s), "close c1 idle_excess");
  EXPECT_EQ(pool.wakeup(), 52s) << "c3 may stay until idle_timeout";
}

TEST(pool, without_a_grace_max_idle_holds_at_once) {
  pool_settings settings;
  settings.max_idle = 1;
  settings.idle_burst_grace = 0ms;
  scripted_pool pool(settings);
  pool.open(2);
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(2), "close c1 idle_excess");
}

struct hint_case {
  keep_alive_hint hint;
  duration reusable_for;  ///< zero: not pooled at all
};

std::ostream& operator<<(std::ostream& out, const hint_case& value) {
  return out << "timeout=" << value.hint.timeout.value_or(0s).count()
             << " rtt=" << std::chrono::duration_cast<std::chrono::milliseconds>(value.hint.round_trip).count() << "ms";
}

TEST(pool, behaviour_06_a_keep_alive_timeout_is_obeyed_with_margin) {
  const hint_case cases[] = {
      {{.timeout = 5s, .round_trip = 0ms}, 4s},       {{.timeout = 5s, .round_trip = 500ms}, 4s},
      {{.timeout = 5s, .round_trip = 700ms}, 3600ms}, {{.timeout = 2s, .round_trip = 20ms}, 1s},
      {{.timeout = 1s, .round_trip = 20ms}, 0s},      {{.timeout = 0s, .round_trip = 20ms}, 0s},
      {{.timeout = 2s, .round_trip = 1s}, 0s},        {{.timeout = std::chrono::seconds::min(), .round_trip = 0ms}, 0s},
      {{.timeout = 61s, .round_trip = 0ms}, 60s},
  };
  for (const hint_case& each : cases) {
    scripted_pool pool;
    pool.open(1);
    if (each.reusable_for == 0s) {
      EXPECT_EQ(pool.ends(1, each.hint), "close c1 keep_alive_hint") << each;
      continue;
    }
    EXPECT_EQ(pool.ends(1, each.hint), "") << each;
    pool.pass(each.reusable_for - 1ms);
    EXPECT_EQ(pool.arrive(1), "use c1 for r1") << each;
    pool.ends(1, each.hint);
    pool.pass(each.reusable_for);
    EXPECT_EQ(pool.arrive(2).substr(0, 8), "close c1") << each;
  }
}

TEST(pool, behaviour_06_a_hinted_connection_is_closed_in_time_and_says_why) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1, {.timeout = 20s});
  pool.ends(2, {.timeout = 5s});
  EXPECT_EQ(pool.wakeup(), 4s);
  EXPECT_EQ(pool.live(4s), "close c2 keep_alive_hint");
  EXPECT_EQ(pool.live(15s), "close c1 keep_alive_hint");
}

TEST(pool, behaviour_06_a_hint_longer_than_idle_timeout_does_not_prolong_it) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1, {.timeout = std::chrono::seconds::max()});
  pool.ends(2, {.timeout = 75s});
  EXPECT_EQ(pool.live(60s), "close c1 idle_timeout; close c2 idle_timeout");
}

TEST(pool, behaviour_06_a_response_without_hint_keeps_the_earlier_one) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1, {.timeout = 5s});
  pool.arrive(1);
  pool.pass(60s);
  EXPECT_EQ(pool.ends(1), "") << "the hint bounds idleness, never a request";
  EXPECT_EQ(pool.wakeup(), 4s);
  pool.arrive(2);
  pool.ends(1, {.timeout = 30s});
  EXPECT_EQ(pool.wakeup(), 29s) << "the latest hint holds";
}

TEST(pool, behaviour_06_a_hint_is_of_one_connection) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1, {.timeout = 5s});
  pool.ends(2);
  EXPECT_EQ(pool.live(59s), "close c1 keep_alive_hint");
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, behaviour_06_a_connection_not_worth_pooling_is_not_handed_over_either) {
  pool_settings settings;
  settings.max_connections = 1;
  scripted_pool pool(settings);
  pool.open(1);
  pool.arrive(1);
  EXPECT_EQ(pool.ends(1, {.timeout = 1s}), "close c1 keep_alive_hint; dial c2");
}

TEST(pool, behaviour_06_max_requests_is_honoured) {
  scripted_pool pool;
  pool.open(1);
  EXPECT_EQ(pool.ends(1, {.max_requests = 2}), "");
  pool.arrive(1);
  EXPECT_EQ(pool.ends(1), "");
  pool.arrive(2);
  EXPECT_EQ(pool.ends(1), "close c1 keep_alive_hint");

  pool.open(1);
  EXPECT_EQ(pool.ends(2, {.max_requests = 0}), "close c2 keep_alive_hint");
}

TEST(pool, behaviour_06_max_requests_bounds_streams_too) {
  pool_settings settings;
  settings.max_connections = 2;
  scripted_pool pool(settings);
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.arrive(2);
  EXPECT_EQ(pool.ends(1, {.max_requests = 1}), "");
  EXPECT_EQ(pool.arrive(3), "use c1 for r3");
  EXPECT_EQ(pool.arrive(4), "dial c2");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "close c1 keep_alive_hint");
}

TEST(pool, behaviour_04_a_dead_path_closes_all_idle_siblings_that_were_silent_for_as_long) {
  scripted_pool pool;
  pool.open(20);
  for (std::size_t each = 1; each <= 20; ++each) {
    pool.heard(each);
    pool.ends(each);
  }
  pool.pass(30s);
  EXPECT_EQ(pool.arrive(1), "use c20 for r1");
  pool.pass(2s);
  pool.lost(20, close_reason::dead_path);
  EXPECT_EQ(pool.counts().idle, 0U);
  EXPECT_EQ(pool.closed(close_reason::suspect), 19U);
  EXPECT_EQ(pool.closed(close_reason::dead_path), 1U);
  EXPECT_EQ(pool.arrive_fresh(2), "dial c21") << "one time-out, then a fresh connection";
}

TEST(pool, behaviour_04_a_dead_path_found_when_a_connection_is_taken_spares_the_request_its_siblings) {
  scripted_pool pool;
  pool.open(3);
  for (const std::size_t connection : {1U, 2U, 3U}) {
    pool.ends(connection);
  }
  EXPECT_EQ(pool.arrive(1), "use c3 for r1");
  EXPECT_EQ(pool.refused(3, 1, close_reason::dead_path), "close c1 suspect; close c2 suspect; dial c4");
}

TEST(pool, behaviour_04_siblings_heard_from_later_are_not_suspect) {
  scripted_pool pool;
  pool.open(3);
  pool.ends(1);
  pool.ends(2);
  pool.pass(1s);
  pool.heard(2);
  EXPECT_EQ(pool.lost(3, close_reason::dead_path), "close c1 suspect");
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, behaviour_04_a_connection_opened_later_is_not_suspect) {
  scripted_pool pool;
  pool.open(1);
  pool.pass(1s);
  pool.open(1);
  pool.ends(2);
  EXPECT_EQ(pool.lost(1, close_reason::dead_path), "");
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, behaviour_04_a_suspect_with_a_stream_is_closed_after_it) {
  scripted_pool pool;
  pool.open(3);
  EXPECT_EQ(pool.lost(1, close_reason::dead_path), "");
  EXPECT_EQ(pool.ends(2), "close c2 suspect");
  pool.heard(3);
  EXPECT_EQ(pool.ends(3), "") << "heard from since";
  EXPECT_EQ(pool.counts().idle, 1U);
}

TEST(pool, behaviour_04_a_suspect_takes_no_new_stream) {
  scripted_pool pool;
  pool.arrive(1);
  pool.arrive(2);
  pool.dialed(1);
  pool.dialed(2);
  pool.carries(2, 10);
  pool.lost(1, close_reason::dead_path);
  EXPECT_EQ(pool.arrive(3), "dial c3");
  EXPECT_EQ(pool.ends(2), "close c2 suspect");
}

TEST(pool, behaviour_04_a_suspect_whose_limit_is_raised_takes_no_new_stream) {
  pool_settings settings;
  settings.max_connections = 2;
  scripted_pool pool(settings);
  pool.open(2);
  pool.lost(1, close_reason::dead_path);
  EXPECT_EQ(pool.arrive(3), "dial c3");
  EXPECT_EQ(pool.carries(2, 10), "");
  EXPECT_EQ(pool.ends(2), "close c2 suspect");
}

TEST(pool, behaviour_04_an_announced_end_says_nothing_about_siblings) {
  for (const close_reason reason : {close_reason::stale, close_reason::peer_closed_idle, close_reason::timeout}) {
    scripted_pool pool;
    pool.open(2);
    pool.ends(1);
    EXPECT_EQ(pool.lost(2, reason), "");
    EXPECT_EQ(pool.counts().idle, 1U);
  }
}

}  // namespace
}  // namespace warmwire::pool::idle_test
