#include "http/keep_alive.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace warmwire::http::keep_alive_test {
namespace {

using std::chrono::seconds;

TEST(keep_alive, http_1_1_persists_unless_told_to_close) {
  EXPECT_TRUE(parse_keep_alive(version::http_1_1, {}).is_persistent);
  EXPECT_TRUE(parse_keep_alive(version::http_1_1, {{"Connection", "keep-alive"}}).is_persistent);
  EXPECT_TRUE(parse_keep_alive(version::http_1_1, {{"Connection", "closed, upgrade"}}).is_persistent);
  EXPECT_FALSE(parse_keep_alive(version::http_1_1, {{"connection", "close"}}).is_persistent);
}

TEST(keep_alive, http_1_0_closes_unless_told_to_persist) {
  EXPECT_FALSE(parse_keep_alive(version::http_1_0, {}).is_persistent);
  EXPECT_TRUE(parse_keep_alive(version::http_1_0, {{"Connection", "Keep-Alive"}}).is_persistent);
}

TEST(keep_alive, options_are_found_in_lists_and_in_repeated_fields) {
  EXPECT_FALSE(parse_keep_alive(version::http_1_1, {{"Connection", " foo ,\tCLOSE ,bar"}}).is_persistent);
  EXPECT_FALSE(parse_keep_alive(version::http_1_1, {{"Connection", "foo"}, {"CONNECTION", "close"}}).is_persistent);
  EXPECT_FALSE(parse_keep_alive(version::http_1_1, {{"Connection", "keep-alive, close"}}).is_persistent);
  EXPECT_TRUE(parse_keep_alive(version::http_1_0, {{"Connection", ",,keep-alive,"}}).is_persistent);
}

TEST(keep_alive, timeout_and_max_are_read) {
  const auto said = parse_keep_alive(version::http_1_1, {{"Keep-Alive", "timeout=5, max=100"}});
  EXPECT_EQ(said.timeout, seconds(5));
  EXPECT_EQ(said.max_requests, 100U);
}

TEST(keep_alive, parameters_may_be_spaced_quoted_and_in_any_case) {
  const auto said = parse_keep_alive(version::http_1_1, {{"keep-alive", " MAX = \"7\" ,Timeout= 15 "}});
  EXPECT_EQ(said.timeout, seconds(15));
  EXPECT_EQ(said.max_requests, 7U);
}

TEST(keep_alive, a_comma_in_a_quoted_string_does_not_separate) {
  const auto said =
      parse_keep_alive(version::http_1_1, {{"Keep-Alive", R"(note="a,timeout=1\",timeout=2", timeout=30)"}});
  EXPECT_EQ(said.timeout, seconds(30));
}

TEST(keep_alive, junk_is_ignored) {
  for (const auto* junk : {"timeout", "timeout=", "timeout=-1", "timeout=5s", "timeout=5.5", "=5", "300", "timeout=\"5",
                           "timeout=\"", "x-timeout=5", ",,,", "\"", "\\", "timeout=+5"}) {
    const auto said = parse_keep_alive(version::http_1_1, {{"Keep-Alive", junk}});
    EXPECT_FALSE(said.timeout.has_value()) << junk;
    EXPECT_FALSE(said.max_requests.has_value()) << junk;
    EXPECT_TRUE(said.is_persistent) << junk;
  }
}

TEST(keep_alive, semicolons_separate_parameters_as_commas_do) {
  EXPECT_EQ(parse_keep_alive(version::http_1_1, {{"Keep-Alive", "timeout=5; max=100"}}).timeout, seconds(5));
  EXPECT_EQ(parse_keep_alive(version::http_1_1, {{"Keep-Alive", "timeout=5;max=100"}}).max_requests, 100U);
  const auto said = parse_keep_alive(version::http_1_1, {{"Connection", "keep-alive; timeout=7;max=9"}});
  EXPECT_TRUE(said.is_persistent);
  EXPECT_EQ(said.timeout, seconds(7));
  EXPECT_EQ(said.max_requests, 9U);
}

TEST(keep_alive, options_that_are_written_oddly_mean_what_they_say) {
  for (const auto* odd : {"keep-alive; timeout=5", "\"keep-alive\"", "Keep-Alive=5", "x, keep-alive ;y", "keep-alive;"})
    EXPECT_TRUE(parse_keep_alive(version::http_1_0, {{"Connection", odd}}).is_persistent) << odd;
  for (const auto* odd : {"close; x=1", "\"close\"", "close=now", "keep-alive; timeout=5, close"})
    EXPECT_FALSE(parse_keep_alive(version::http_1_1, {{"Connection", odd}}).is_persistent) << odd;
  for (const auto* odd : {"closed", "x=close", "keep-alive; close", "\"keep-alive, close\"", ";close", "cl\xFFose"})
    EXPECT_TRUE(parse_keep_alive(version::http_1_1, {{"Connection", odd}}).is_persistent) << odd;
}

TEST(keep_alive, a_proxys_field_may_close_but_not_keep) {
  EXPECT_FALSE(parse_keep_alive(version::http_1_1, {{"Proxy-Connection", "close; x"}}).is_persistent);
  EXPECT_TRUE(parse_keep_alive(version::http_1_1, {{"Proxy-Connection", "whatever; close"}}).is_persistent);
  EXPECT_FALSE(parse_keep_alive(version::http_1_0, {{"Proxy-Connection", "keep-alive"}}).is_persistent);
}

TEST(keep_alive, of_several_values_the_smallest_counts) {
  const auto said = parse_keep_alive(
      version::http_1_1, {{"Keep-Alive", "timeout=9, timeout=4, max=3"}, {"Keep-Alive", "timeout=7, max=2"}});
  EXPECT_EQ(said.timeout, seconds(4));
  EXPECT_EQ(said.max_requests, 2U);
}

TEST(keep_alive, overflowing_numbers_become_the_greatest) {
  const auto said = parse_keep_alive(version::http_1_1,
                                     {{"Keep-Alive", "timeout=18446744073709551616, max=99999999999999999999999"}});
  EXPECT_EQ(said.timeout, max_timeout);
  EXPECT_EQ(said.max_requests, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_keep_alive(version::http_1_1, {{"Keep-Alive", "max=18446744073709551615"}}).max_requests,
            std::numeric_limits<std::uint64_t>::max());
}

TEST(keep_alive, zero_is_a_value) {
  EXPECT_EQ(parse_keep_alive(version::http_1_1, {{"Keep-Alive", "timeout=0"}}).timeout, seconds(0));
}

TEST(keep_alive, random_bytes_are_survived_and_bounded) {
  std::mt19937 random(20261102);
  const std::string alphabet = "timeout=max,\"\\ 0123456789\tcloskp-v;";
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    const auto size = random() % 40;
    for (std::size_t i = 0; i < size; ++i) {
      text += random() % 8 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    }
    const auto said = parse_keep_alive(version::http_1_1, {{"Keep-Alive", text}, {"Connection", text}});
    ASSERT_LE(said.timeout.value_or(seconds(0)), max_timeout);
    ASSERT_GE(said.timeout.value_or(seconds(0)), seconds(0));
  }
}

}  // namespace
}  // namespace warmwire::http::keep_alive_test
