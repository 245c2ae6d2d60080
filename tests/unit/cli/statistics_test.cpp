#include "cli/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace warmwire::cli::statistics_test {
namespace {

using std::chrono::microseconds;

TEST(latency_histogram, is_all_zero_when_empty) {
  const latency_histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.mean_ms(), 0);
  EXPECT_EQ(empty.max_ms(), 0);
  EXPECT_EQ(empty.percentile_ms(50), 0);
}

TEST(latency_histogram, takes_the_nearest_rank) {
  latency_histogram ten;
  for (int i = 1; i <= 10; ++i)
    ten.add(microseconds(i * 10));
  EXPECT_DOUBLE_EQ(ten.percentile_ms(0), 0.01);
  EXPECT_DOUBLE_EQ(ten.percentile_ms(10), 0.01);
  EXPECT_DOUBLE_EQ(ten.percentile_ms(50), 0.05);
  EXPECT_DOUBLE_EQ(ten.percentile_ms(51), 0.06);
  EXPECT_DOUBLE_EQ(ten.percentile_ms(99), 0.1);
  EXPECT_DOUBLE_EQ(ten.percentile_ms(100), 0.1);
  EXPECT_DOUBLE_EQ(ten.mean_ms(), 0.055);
  EXPECT_DOUBLE_EQ(ten.max_ms(), 0.1);
}

TEST(latency_histogram, is_within_half_a_percent_of_the_sorted_values) {
  std::mt19937_64 dice(20261123);
  std::uniform_real_distribution<double> exponent(0, 39);
  std::vector<std::int64_t> values(20'000);
  latency_histogram histogram;
  for (auto& value : values) {
    value = static_cast<std::int64_t>(std::exp2(exponent(dice)));
    histogram.add(microseconds(value));
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {0.1, 1.0, 25.0, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
    const double exact = static_cast<double>(values[rank - 1]) / 1000;
    EXPECT_NEAR(histogram.percentile_ms(percent), exact, exact * 0.004) << percent;
  }
  EXPECT_DOUBLE_EQ(histogram.max_ms(), static_cast<double>(values.back()) / 1000);
}

TEST(latency_histogram, never_reports_more_than_the_maximum) {
  latency_histogram one;
  one.add(microseconds(1'000'001));
  EXPECT_DOUBLE_EQ(one.percentile_ms(50), 1000.001);
}

TEST(latency_histogram, bounds_what_lies_outside) {
  latency_histogram odd;
  odd.add(microseconds(-5));
  EXPECT_EQ(odd.max_ms(), 0);
  odd.add(std::chrono::hours(24 * 365));
  EXPECT_NEAR(odd.max_ms(), 1'099'511'627.775, 1);
  EXPECT_EQ(odd.count(), 2U);
}

}  // namespace
}  // namespace warmwire::cli::statistics_test
