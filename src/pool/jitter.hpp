// Numbers that spread in time what would otherwise happen to many at once. No secrets may depend on them.
#pragma once

#include "pool/types.hpp"

#include <cstdint>

namespace warmwire::pool {

/// What is spread by numbers of its own.
enum class spread_of : std::uint8_t { lifetimes, dial_backoff, warm_backoff };

/// The same seed gives the same numbers (splitmix64).
class jitter {
 public:
  jitter(std::uint64_t seed, spread_of what) noexcept
      : state_(seed + static_cast<std::uint64_t>(what) * 0xD1B54A32D192ED03U) {}

  /// From -1 to 1, evenly.
  [[nodiscard]] double next() noexcept {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    mixed ^= mixed >> 31;
    constexpr double steps = 1U << 31;
    return static_cast<double>(mixed >> 32) / steps - 1.0;
  }

 private:
  std::uint64_t state_;
};

/// `span`, longer or shorter by `part` of it at most, as `drawn` (from -1 to 1) says.
[[nodiscard]] inline duration spread(duration span, double part, double drawn) noexcept {
  return span + duration(static_cast<duration::rep>(static_cast<double>(span.count()) * part * drawn));
}

}  // namespace warmwire::pool
