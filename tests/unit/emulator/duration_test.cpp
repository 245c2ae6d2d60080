// Durations as people write them.
#include "emulator/duration.hpp"

#include <gtest/gtest.h>

namespace warmwire::emulator::duration_test {
namespace {

using namespace std::chrono_literals;

TEST(parse_duration, reads_every_unit) {
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("200ms"), 200ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("0.5h"), 30min);
}

TEST(parse_duration, takes_a_number_without_unit_only_when_it_is_zero) {
  EXPECT_EQ(parse_duration("0"), 0us);
  EXPECT_EQ(parse_duration("0.0"), 0us);
  EXPECT_EQ(parse_duration("5"), std::nullopt);
}

TEST(parse_duration, rounds_to_the_microsecond) {
  EXPECT_EQ(parse_duration("0.0015ms"), 2us);
  EXPECT_EQ(parse_duration("0.3s"), 300'000us);
}

TEST(parse_duration, refuses_everything_else) {
  for (const char* text : {"", "s", ".5s", "5.s", "1.2.3s", "-1s", "+1s", "1e3s", "1 s", " 1s", "1s ", "1S", "1d",
                           "inf", "nan", "0x1s", "99999999999999999999h", "8761h"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(duration_text, takes_the_largest_unit_without_a_fraction) {
  EXPECT_EQ(duration_text(0us), "0s");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(duration_text(2min), "2m");
  EXPECT_EQ(duration_text(24h), "24h");
  EXPECT_EQ(duration_text(7us), "7us");
}

}  // namespace
}  // namespace warmwire::emulator::duration_test
