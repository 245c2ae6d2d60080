#include "connection/h2_liveness.hpp"

#include <gtest/gtest.h>

#include <set>

namespace warmwire::connection::h2_liveness_test {
namespace {

using namespace std::chrono_literals;

class h2_liveness_test : public testing::Test {
 protected:
  /// `after` the connection was born.
  static pool::time_point at(pool::duration after) { return born + after; }

  void expect_ping_at(pool::duration after) {
    EXPECT_FALSE(life.wants_ping(at(after) - 1ns));
    EXPECT_TRUE(life.wants_ping(at(after)));
  }
  void expect_death_at(pool::duration after) {
    EXPECT_FALSE(life.is_dead(at(after) - 1ns));
    EXPECT_TRUE(life.is_dead(at(after)));
    EXPECT_EQ(life.next_wakeup(), at(after));
  }
  /// With its jitter.
  pool::duration silence() const { return *life.next_wakeup() - born; }

  static constexpr pool::time_point born{1h};
  h2_liveness life{{}, born};
};

TEST_F(h2_liveness_test, without_streams_nothing_is_due) {
  EXPECT_FALSE(life.wants_ping(at(24h)));
  EXPECT_FALSE(life.is_dead(at(24h)));
  EXPECT_EQ(life.next_wakeup(), std::nullopt);
}

TEST_F(h2_liveness_test, pings_after_a_silence_with_streams_open) {
  life.streams_open(true);
  const auto after = silence();
  EXPECT_GE(after, 18s);
  EXPECT_LE(after, 22s);
  expect_ping_at(after);
  life.heard(at(10s));
  expect_ping_at(10s + after);
  life.heard(at(1s));
  expect_ping_at(10s + after);
  life.streams_open(false);
  EXPECT_EQ(life.next_wakeup(), std::nullopt);
}

TEST_F(h2_liveness_test, the_silence_is_spread_by_a_tenth) {
  pool::duration shortest = 24h;
  pool::duration longest = 0s;
  std::set<pool::duration> seen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    h2_liveness one({.seed = seed}, born);
    one.streams_open(true);
    const auto after = *one.next_wakeup() - born;
    shortest = std::min(shortest, after);
    longest = std::max(longest, after);
    seen.insert(after);
  }
  EXPECT_GE(shortest, 18s);
  EXPECT_LT(shortest, 18'200ms);
  EXPECT_LE(longest, 22s);
  EXPECT_GT(longest, 21'800ms);
  EXPECT_GT(seen.size(), 500U);
  h2_liveness again({.seed = 7}, born);
  h2_liveness same({.seed = 7}, born);
  again.streams_open(true);
  same.streams_open(true);
  EXPECT_EQ(again.next_wakeup(), same.next_wakeup());
}

TEST_F(h2_liveness_test, each_silence_is_drawn_anew) {
  life.streams_open(true);
  const auto first = silence();
  life.pinged(at(20s));
  life.pong(at(20s), 1ms);
  EXPECT_NE(*life.next_wakeup() - at(20s), first);
}

TEST_F(h2_liveness_test, an_unanswered_ping_is_death) {
  life.pinged(at(30s));
  EXPECT_FALSE(life.wants_ping(at(24h))) << "one is under way";
  expect_death_at(31s);
}

TEST_F(h2_liveness_test, an_answer_is_life) {
  life.pinged(at(30s));
  life.pong(at(30'900ms), 900ms);
  EXPECT_FALSE(life.is_dead(at(24h)));
  EXPECT_EQ(life.next_wakeup(), std::nullopt);
}

TEST_F(h2_liveness_test, whoever_sends_is_alive_though_it_has_not_answered) {
  life.pinged(at(30s));
  life.heard(at(30'500ms));
  expect_death_at(31'500ms);
}

TEST_F(h2_liveness_test, a_long_round_trip_is_given_four_times_its_time) {
  life.pinged(at(0s));
  life.pong(at(800ms), 800ms);
  EXPECT_EQ(life.smoothed_round_trip(), 800ms);
  life.pinged(at(10s));
  expect_death_at(13'200ms);
  life.pong(at(11'600ms), 1'600ms);
  EXPECT_EQ(life.smoothed_round_trip(), 900ms) << "an eighth of the new one";
}

TEST_F(h2_liveness_test, a_short_round_trip_is_given_the_least_time) {
  life.pinged(at(0s));
  life.pong(at(1ms), 1ms);
  life.pinged(at(10s));
  expect_death_at(11s);
}

TEST_F(h2_liveness_test, pings_at_checkout_after_a_silence) {
  life.check_out(at(14'999ms));
  EXPECT_FALSE(life.wants_ping(at(14'999ms)));
  life.check_out(at(15s));
  EXPECT_TRUE(life.wants_ping(at(15s)));
  EXPECT_LE(*life.next_wakeup(), at(15s));
  life.pinged(at(15s));
  EXPECT_FALSE(life.wants_ping(at(15s)));
  expect_death_at(16s);
}

TEST_F(h2_liveness_test, a_suspect_is_pinged_at_once) {
  life.heard(at(5s));
  life.suspect();
  EXPECT_TRUE(life.wants_ping(at(5s)));
  life.pinged(at(5s));
  expect_death_at(6s);
  life.pong(at(5'100ms), 100ms);
  EXPECT_FALSE(life.wants_ping(at(24h))) << "once";
}

TEST_F(h2_liveness_test, suspicions_while_a_ping_is_under_way_wait_for_its_answer) {
  life.pinged(at(5s));
  life.suspect();
  life.check_out(at(60s));
  EXPECT_FALSE(life.wants_ping(at(5s)));
  life.pong(at(5'100ms), 100ms);
  EXPECT_FALSE(life.wants_ping(at(5'100ms)));
}

TEST_F(h2_liveness_test, of_several_pings_the_first_is_timed_and_any_answer_counts) {
  life.pinged(at(5s));
  life.pinged(at(5'500ms));
  expect_death_at(6s);
  life.pong(at(5'900ms), 900ms);
  EXPECT_FALSE(life.is_dead(at(24h)));
  life.pong(at(6s), 500ms);
  EXPECT_FALSE(life.is_dead(at(24h)));
}

TEST_F(h2_liveness_test, the_settings_are_obeyed) {
  h2_liveness other({.ping_after = 100s, .ping_at_checkout_after = 3s, .ping_timeout = 7s, .seed = 1}, born);
  other.streams_open(true);
  EXPECT_GE(*other.next_wakeup(), at(90s));
  EXPECT_LE(*other.next_wakeup(), at(110s));
  other.check_out(at(3s));
  EXPECT_TRUE(other.wants_ping(at(3s)));
  other.pinged(at(3s));
  EXPECT_EQ(other.next_wakeup(), at(10s));
}

}  // namespace
}  // namespace warmwire::connection::h2_liveness_test
