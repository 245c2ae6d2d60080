// How much a provider still lets its caller do. Plain values.
#pragma once

#include <warmwire/detail/visibility.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace WARMWIRE_PUBLIC warmwire {

/// One limit; what the provider did not say is not set.
struct rate_limit {
  std::optional<std::int64_t> limit{};
  std::optional<std::int64_t> remaining{};
  /// From the answer until the limit is full again, which is later than when one more call fits.
  std::optional<std::chrono::milliseconds> reset{};

  friend bool operator==(const rate_limit&, const rate_limit&) = default;
};

struct rate_limits {
  rate_limit requests{};
  rate_limit tokens{};
  rate_limit input_tokens{};   ///< Anthropic's
  rate_limit output_tokens{};  ///< Anthropic's

  friend bool operator==(const rate_limits&, const rate_limits&) = default;
};

}  // namespace warmwire
