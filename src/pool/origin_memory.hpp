// What an origin has taught and what is known of it beforehand. Values that outlive the origin's pool.
#pragma once

#include "pool/idle_lesson.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace warmwire::pool {

/// To be handed to the origin's next pool, so that it need not learn everything again.
struct origin_memory {
  std::optional<bool> is_multiplexed{};       ///< what the last connection spoke
  std::optional<std::size_t> stream_limit{};  ///< what the peer said last, zero apart
  /// How many requests a connection had when the peer's GOAWAY turned away those that came after them.
  std::optional<std::uint64_t> request_limit{};
  idle_lesson idle{};

  friend bool operator==(const origin_memory&, const origin_memory&) = default;
};

struct origin_traits {
  /// Whether a connection may turn out to be HTTP/2: by ALPN, or by prior knowledge.
  bool may_multiplex = false;
  std::uint64_t seed = 0;  ///< of all that is spread at random
  origin_memory memory{};
};

}  // namespace warmwire::pool
