#include "connection/h2_flood_guard.hpp"

#include <gtest/gtest.h>

#include <set>

namespace warmwire::connection::h2_flood_guard_test {
namespace {

using namespace std::chrono_literals;

constexpr pool::time_point start{1h};

/// How many are allowed at `now`.
int count_allowed(h2_flood_guard& guard, h2_nuisance what, pool::time_point now) {
  int allowed = 0;
  while (allowed < 10'000'000 && guard.allow(what, now))
    ++allowed;
  return allowed;
}

struct numbers {
  h2_nuisance what;
  int burst;
  int per_second;
};

class h2_flood_guard_test : public testing::TestWithParam<numbers> {};

TEST_P(h2_flood_guard_test, allows_a_burst_and_then_a_rate) {
  const auto [what, burst, per_second] = GetParam();
  h2_flood_guard guard;
  EXPECT_EQ(count_allowed(guard, what, start), burst);
  EXPECT_EQ(count_allowed(guard, what, start), 0);
  EXPECT_EQ(count_allowed(guard, what, start + 2s), 2 * per_second);
  EXPECT_EQ(count_allowed(guard, what, start + 1s), 0) << "time does not run backwards";
  EXPECT_EQ(count_allowed(guard, what, start + 10h), burst);
  const auto words = std::string(h2_flood_guard::describe(what));
  EXPECT_NE(words.find(" " + std::to_string(burst) + " "), std::string::npos) << words;
  EXPECT_NE(words.find(" " + std::to_string(per_second) + " a second"), std::string::npos) << words;
}

INSTANTIATE_TEST_SUITE_P(each, h2_flood_guard_test,
                         testing::Values(numbers{h2_nuisance::settings, 20, 1}, numbers{h2_nuisance::ping, 200, 50},
                                         numbers{h2_nuisance::empty_data, 200, 50},
                                         numbers{h2_nuisance::window_update, 1000, 100},
                                         numbers{h2_nuisance::of_no_use, 1000, 100}));

TEST(h2_flood_guard, kinds_are_counted_apart) {
  h2_flood_guard guard;
  (void)count_allowed(guard, h2_nuisance::ping, start);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::settings, start), 20);
}

TEST(h2_flood_guard, each_byte_that_is_sent_may_be_given_back_to_its_stream_and_to_the_connection) {
  h2_flood_guard guard;
  guard.sent_data(16'384);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::window_update, start), 1'000 + 2 * 16'384);
  guard.sent_data(1);
  guard.sent_data(2);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::window_update, start), 2 + 4);
}

TEST(h2_flood_guard, each_frame_of_data_that_is_sent_allows_for_a_ping_and_each_that_comes_for_an_empty_one) {
  h2_flood_guard guard;
  for (const auto what : {h2_nuisance::ping, h2_nuisance::empty_data})
    (void)count_allowed(guard, what, start);
  for (int frame = 0; frame < 3; ++frame)
    guard.sent_data(16'384);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::ping, start), 3);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::empty_data, start), 0);
  for (int frame = 0; frame < 3; ++frame)
    guard.got_data();
  EXPECT_EQ(count_allowed(guard, h2_nuisance::empty_data, start), 3);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::ping, start), 0);
}

TEST(h2_flood_guard, each_request_allows_for_window_updates_and_each_reset_for_late_frames) {
  h2_flood_guard guard;
  (void)count_allowed(guard, h2_nuisance::window_update, start);
  (void)count_allowed(guard, h2_nuisance::of_no_use, start);
  guard.sent_request();
  EXPECT_EQ(count_allowed(guard, h2_nuisance::window_update, start), 4);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::of_no_use, start), 2);
  guard.reset_stream();
  EXPECT_EQ(count_allowed(guard, h2_nuisance::of_no_use, start), 4);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::window_update, start), 0);
}

TEST(h2_flood_guard, what_was_earned_stays_but_not_without_end) {
  h2_flood_guard guard;
  guard.sent_data(std::size_t{1} << 30);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::window_update, start + 1h), 4 * 1'048'576);
  for (int frame = 0; frame < 100'000; ++frame) {
    guard.sent_data(1);
    guard.got_data();
  }
  EXPECT_EQ(count_allowed(guard, h2_nuisance::ping, start), 65'536);
  EXPECT_EQ(count_allowed(guard, h2_nuisance::empty_data, start), 65'536);
}

}  // namespace
}  // namespace warmwire::connection::h2_flood_guard_test
