#include "cli/statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace warmwire::cli {
namespace {

// Values below 2^(steps_bits + 1) have a bucket each; above, every doubling is cut into 2^steps_bits steps.
constexpr unsigned steps_bits = 7;
constexpr std::uint64_t steps = std::uint64_t{1} << steps_bits;
constexpr unsigned value_bits = 40;
constexpr std::uint64_t largest = (std::uint64_t{1} << value_bits) - 1;

std::size_t bucket_of(std::uint64_t value) {
  if (value < 2 * steps) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - steps_bits - 1;
  return shift * steps + (value >> shift);
}

// The middle of a bucket: no value in it is further away than half of its width.
double middle_of(std::size_t bucket) {
  if (bucket < 2 * steps) return static_cast<double>(bucket);
  const auto shift = static_cast<unsigned>(bucket / steps) - 1;
  const auto low = (bucket - shift * steps) << shift;
  return static_cast<double>(low) + static_cast<double>((std::uint64_t{1} << shift) - 1) / 2;
}

}  // namespace

latency_histogram::latency_histogram() : buckets_(bucket_of(largest) + 1) {}

void latency_histogram::add(std::chrono::microseconds value) {
  const auto us = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0)), largest);
  ++buckets_[bucket_of(us)];
  ++count_;
  sum_us_ += us;
  max_us_ = std::max(max_us_, us);
}

double latency_histogram::mean_ms() const noexcept {
  return count_ == 0 ? 0 : static_cast<double>(sum_us_) / static_cast<double>(count_) / 1000;
}

double latency_histogram::max_ms() const noexcept {
  return static_cast<double>(max_us_) / 1000;
}

double latency_histogram::percentile_ms(double percent) const {
  if (count_ == 0) return 0;
  const auto rank = std::max(std::ceil(percent / 100 * static_cast<double>(count_)), 1.0);
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  while (bucket + 1 < buckets_.size() && static_cast<double>(seen += buckets_[bucket]) < rank)
    ++bucket;
  return std::min(middle_of(bucket) / 1000, max_ms());
}

}  // namespace warmwire::cli
