// Whether a call that failed is tried again, and when. Pure: the time and the dice are arguments.
#pragma once

#include <warmwire/error.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace warmwire::providers {

/// Lets retries be no more than a fifth of a provider's recent calls, so that an outage does not become a storm. A few
/// are always allowed: one call in an hour may be retried too. One for each provider of a transport; not thread-safe.
class retry_budget {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds window{60};
  static constexpr std::uint64_t calls_for_a_retry = 5;
  static constexpr std::uint64_t always_allowed = 10;  ///< within a window

  /// A call begins; its retries are no calls of their own.
  void note_call(time_point now);
  /// Takes one retry where there is one to take.
  [[nodiscard]] bool take(time_point now);
  /// Within the last window there was neither a call nor a retry.
  [[nodiscard]] bool is_as_new(time_point now) const;

 private:
  struct slice {
    std::int64_t number = -1;  // of the slice since the clock's beginning; another's counts are old
    std::uint64_t calls = 0;
    std::uint64_t retries = 0;
  };

  static constexpr std::size_t slices = 12;

  [[nodiscard]] static std::int64_t number_at(time_point now);
  slice& slice_at(time_point now);

  std::array<slice, slices> recent_{};
};

/// Longer waits are the caller's to decide: the error is returned.
inline constexpr std::chrono::milliseconds longest_honoured_wait{60'000};

/// Before the retry after `failures` failures, the first of which is 1: min(0.5 s × 2^(failures − 1), 8 s), less up to
/// a quarter by `dice`, which lies within 0–1.
[[nodiscard]] std::chrono::milliseconds backoff(std::uint32_t failures, double dice);

/// When a call that begins `now` must have ended. Time-outs beyond 0–24 h count as the nearest of them, so that no sum
/// overflows; the transport refuses them.
[[nodiscard]] retry_budget::time_point deadline_after(retry_budget::time_point now, std::chrono::milliseconds timeout);

/// Whether trying the same again may help: the connection failed, a time-out passed before the first byte, or the
/// status is 408, 409, 429 or at least 500; `x-should-retry` overrides. Never after a quota was used up, for a prompt
/// that is too long or forbidden, once an event of a stream has come, or when the call itself was ended: cancelled, out
/// of time, its pool closed.
[[nodiscard]] bool is_retryable(const error& reason);

/// What the provider asks to wait, or what is left until an exhausted limit is full again; nothing when it says
/// nothing.
[[nodiscard]] std::optional<std::chrono::milliseconds> asked_wait(const error& reason);

struct retry_question {
  std::uint32_t failures = 1;  ///< of this call so far, this one included
  std::uint32_t max_retries = 2;
  std::optional<std::chrono::milliseconds> time_left{};  ///< until the call's deadline
  double dice = 0;                                       ///< within 0–1
};

/// How long to wait before the next try; nothing when the error is the answer: it is not retryable, there were enough
/// tries, the wait would be too long or outlast the deadline, or the budget is spent.
[[nodiscard]] std::optional<std::chrono::milliseconds> next_try(const error& reason, const retry_question& about,
                                                                retry_budget& budget, retry_budget::time_point now);

}  // namespace warmwire::providers
