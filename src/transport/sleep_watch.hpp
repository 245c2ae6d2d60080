// Notices that the machine slept: the clock that timers run on stood still, the clock of the world did not. One
// executor.
#pragma once

#include "pool/types.hpp"

#include <chrono>

namespace warmwire::detail {

/// Pure: both clocks' times are arguments. CLOCK_BOOTTIME counts suspensions, CLOCK_MONOTONIC does not
/// (clock_gettime(2)).
class sleep_watch {
 public:
  sleep_watch(pool::time_point now, std::chrono::nanoseconds since_boot) : offset_(gap(now, since_boot)) {}

  /// How long the machine slept since the last call; zero when it did not.
  pool::duration slept_since(pool::time_point now, std::chrono::nanoseconds since_boot) {
    const auto grown = gap(now, since_boot) - offset_;
    // The two clocks are read one after the other: whoever was interrupted between them has not slept.
    if (grown < shortest_sleep) return {};
    offset_ += grown;
    return grown;
  }

 private:
  static constexpr std::chrono::seconds shortest_sleep{1};

  static std::chrono::nanoseconds gap(pool::time_point now, std::chrono::nanoseconds since_boot) {
    return since_boot - now.time_since_epoch();
  }

  std::chrono::nanoseconds offset_;
};

}  // namespace warmwire::detail
