// How long nothing is dialed after a dial failed. Owned by an `origin_pool` and shared by all that wait there.
#pragma once

#include "pool/jitter.hpp"
#include "pool/types.hpp"

#include <cstdint>

namespace warmwire::pool {

/// Doubles with every round of failures. Dials that were under way together and fail together are one round: eight of
/// them say no more about the origin than one.
class dial_backoff {
 public:
  /// `dial_backoff_min` and `dial_backoff_max`.
  struct bounds {
    duration min;
    duration max;
  };

  explicit dial_backoff(const jitter& random) noexcept : jitter_(random) {}

  /// For a dial to note when it begins.
  [[nodiscard]] std::uint64_t round() const noexcept { return round_; }
  /// A dial that began in `round` failed: nothing is dialed until `min` * 2^(rounds - 1), at most `max`, give or take a
  /// fifth, has passed.
  void failed(std::uint64_t round, const bounds& limits, time_point now);
  void succeeded() noexcept;
  /// Ends the wait when it is over.
  void pass(time_point now) noexcept;
  /// The machine slept: the wait went on meanwhile.
  void advance(duration asleep) noexcept;

  [[nodiscard]] bool is_waiting() const noexcept { return is_waiting_; }
  /// Of meaning only while waiting.
  [[nodiscard]] time_point until() const noexcept { return until_; }

 private:
  jitter jitter_;
  std::uint64_t round_ = 0;
  std::uint32_t failures_ = 0;  ///< rounds of them since the last success
  bool is_waiting_ = false;
  time_point until_{};
};

}  // namespace warmwire::pool
