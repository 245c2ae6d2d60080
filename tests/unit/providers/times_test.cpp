#include "providers/times.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace warmwire::providers::times_test {
namespace {

using namespace std::chrono_literals;

TEST(go_duration, reads_what_go_and_protobuf_write) {
  EXPECT_EQ(go_duration("12ms"), 12ms);
  EXPECT_EQ(go_duration("1s"), 1s);
  EXPECT_EQ(go_duration("6m0s"), 6min);
  EXPECT_EQ(go_duration("1h2m3.5s"), 1h + 2min + 3500ms);
  EXPECT_EQ(go_duration("2m59.56s"), 2min + 59560ms);
  EXPECT_EQ(go_duration("34s"), 34s);
  EXPECT_EQ(go_duration("0.250s"), 250ms);
  EXPECT_EQ(go_duration("1500µs"), 1ms);
  EXPECT_EQ(go_duration("2000us"), 2ms);
  EXPECT_EQ(go_duration("3000000ns"), 3ms);
  EXPECT_EQ(go_duration("0"), 0ms);
  EXPECT_EQ(go_duration("0s"), 0ms);
  EXPECT_EQ(go_duration("99999999999999h"), longest_wait);
}

TEST(go_duration, refuses_everything_else) {
  for (const auto* text : {"", "5", "s", "1x", "-1s", "1s ", " 1s", "1.2.3s", "1e3s", "ms1"})
    EXPECT_EQ(go_duration(text), std::nullopt) << text;
}

TEST(http_date, reads_the_three_forms) {
  const auto time = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min + 37s;
  EXPECT_EQ(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), time);
  EXPECT_EQ(http_date("Sunday, 06-Nov-94 08:49:37 GMT"), time);
  EXPECT_EQ(http_date("Sun Nov  6 08:49:37 1994"), time);
  const auto later = std::chrono::sys_days(std::chrono::year(2028) / 2 / 29) + 23h;
  EXPECT_EQ(http_date("Tuesday, 29-Feb-28 23:00:00 GMT"), later);
  EXPECT_EQ(http_date("Tue Feb 29 23:00:00 2028"), later);
}

TEST(http_date, refuses_everything_else) {
  for (const auto* text :
       {"", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sonntag, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 6-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37 94", "Sunday, -6-Nov-94 08:49:37 GMT",
        "Sun Nov  0 08:49:37 1994", "784111777", "Sunday"})
    EXPECT_EQ(http_date(text), std::nullopt) << text;
}

TEST(rfc3339, reads_times_with_fractions_and_offsets) {
  const auto noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 6) + 12h;
  EXPECT_EQ(rfc3339("2026-11-06T12:00:00Z"), noon);
  EXPECT_EQ(rfc3339("2026-11-06t12:00:00z"), noon);
  EXPECT_EQ(rfc3339("2026-11-06T12:00:00.25Z"), noon + 250ms);
  EXPECT_EQ(rfc3339("2026-11-06T14:00:00+02:00"), noon);
  EXPECT_EQ(rfc3339("2026-11-06T11:30:00-00:30"), noon);
}

TEST(rfc3339, refuses_everything_else) {
  for (const auto* text : {"", "2026-11-06", "2026-11-06T12:00:00", "2026-13-06T12:00:00Z", "2026-02-30T12:00:00Z",
                           "2026-11-06T25:00:00Z", "2026-11-06T12:60:00Z", "2026-11-06T12:00:00+2:00",
                           "2026-11-06T12:00:00.Z", "2026-11-06T12:00:00ZZ", "-026-11-06T12:00:00Z"})
    EXPECT_EQ(rfc3339(text), std::nullopt) << text;
}

}  // namespace
}  // namespace warmwire::providers::times_test
