#include "providers/retry_after.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace warmwire::providers::retry_after_test {
namespace {

using namespace std::chrono_literals;

TEST(retry_after, is_nothing_when_the_provider_says_nothing) {
  EXPECT_EQ(retry_after({}), std::nullopt);
}

TEST(retry_after, reads_milliseconds_first) {
  EXPECT_EQ(retry_after({{"retry-after", "7"}, {"retry-after-ms", "1500"}}), 1500ms);
  EXPECT_EQ(retry_after({{"retry-after-ms", "12.5"}}), 12ms);
}

TEST(retry_after, reads_seconds_and_fractions_of_them) {
  EXPECT_EQ(retry_after({{"Retry-After", "7"}}), 7s);
  EXPECT_EQ(retry_after({{"retry-after", "0.25"}}), 250ms);
  EXPECT_EQ(retry_after({{"retry-after", "0"}}), 0ms);
}

TEST(retry_after, falls_back_to_seconds_when_the_milliseconds_cannot_be_read) {
  EXPECT_EQ(retry_after({{"retry-after-ms", "soon"}, {"retry-after", "2"}}), 2s);
}

TEST(retry_after, counts_a_date_from_the_date_of_the_response) {
  EXPECT_EQ(retry_after({{"date", "Tue, 29 Feb 2028 23:59:30 GMT"}, {"retry-after", "Wed, 01 Mar 2028 00:00:15 GMT"}}),
            45s);
  EXPECT_EQ(retry_after({{"date", "Tue, 29 Feb 2028 23:59:30 GMT"}, {"retry-after", "Tue, 29 Feb 2028 00:00:00 GMT"}}),
            0s);
  EXPECT_EQ(retry_after({{"retry-after", "Wed, 01 Mar 2028 00:00:15 GMT"}}), std::nullopt);
}

TEST(retry_after, counts_a_date_from_the_callers_clock_where_the_response_has_none) {
  const auto now = std::chrono::sys_days(std::chrono::year(2028) / 2 / 29) + 23h + 59min + 30s;
  EXPECT_EQ(retry_after({{"retry-after", "Wed, 01 Mar 2028 00:00:15 GMT"}}, now), 45s);
  EXPECT_EQ(retry_after({{"date", "soon"}, {"retry-after", "Wed, 01 Mar 2028 00:00:15 GMT"}}, now), 45s);
  EXPECT_EQ(retry_after({{"retry-after", "Tue, 29 Feb 2028 00:00:00 GMT"}}, now), 0s);
  EXPECT_EQ(retry_after({{"retry-after", "Fri, 01 Mar 2999 00:00:15 GMT"}}, now), 24h * 365);
  EXPECT_EQ(
      retry_after({{"date", "Wed, 01 Mar 2028 00:00:00 GMT"}, {"retry-after", "Wed, 01 Mar 2028 00:00:15 GMT"}}, now),
      15s);
  EXPECT_EQ(retry_after({{"retry-after", "7"}}, now), 7s);
  EXPECT_EQ(retry_after({}, now), std::nullopt);
}

TEST(retry_after, ignores_what_makes_no_sense) {
  for (const auto* text :
       {"-1", "+1", "nan", "inf", "Infinity", "1e3", "1E3", "", ".", "1.2.3", "1,5", "1 s", "0x10", "ff",
        "Xxx, 99 Zzz 2028 00:00:15 GMT", "Wed, 31 Feb 2028 00:00:15 GMT", "Wed, 01 Mar 2028 aa:00:15 GMT"}) {
    EXPECT_EQ(retry_after({{"date", "Tue, 29 Feb 2028 23:59:30 GMT"}, {"retry-after", text}}), std::nullopt) << text;
    EXPECT_EQ(retry_after({{"retry-after-ms", text}}), std::nullopt) << text;
  }
}

TEST(retry_after, counts_a_date_in_each_of_its_three_forms) {
  for (const auto* date :
       {"Wed, 01 Mar 2028 00:00:15 GMT", "Wednesday, 01-Mar-28 00:00:15 GMT", "Wed Mar  1 00:00:15 2028"}) {
    EXPECT_EQ(retry_after({{"date", "Tuesday, 29-Feb-28 23:59:30 GMT"}, {"retry-after", date}}), 45s) << date;
    EXPECT_EQ(retry_after({{"date", "Tue Feb 29 23:59:30 2028"}, {"retry-after", date}}), 45s) << date;
  }
}

TEST(retry_after, bounds_waits_that_would_overflow) {
  EXPECT_EQ(retry_after({{"retry-after", "1" + std::string(300, '0')}}), 24h * 365);
  EXPECT_EQ(retry_after({{"retry-after-ms", std::string(400, '9')}}), 24h * 365);
  EXPECT_EQ(retry_after({{"retry-after", "0." + std::string(400, '0') + "1"}}), 0s);
}

}  // namespace
}  // namespace warmwire::providers::retry_after_test
