// Pooled calls against unpooled ones, over TLS to a server whose round-trip time is simulated.
#pragma once

#include "cli/statistics.hpp"

#include <warmwire/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>

namespace warmwire::cli {

struct comparison_plan {
  std::chrono::microseconds rtt{};
  std::chrono::microseconds server_time{};
  unsigned requests = 20;           ///< of each kind
  std::chrono::milliseconds gap{};  ///< pause before each pair of calls
};

struct side {
  latency_histogram latency{};
  std::uint64_t opened = 0;  ///< connections
};

struct comparison {
  side pooled{};
  side unpooled{};

  /// How much shorter a pooled call is, of the means.
  [[nodiscard]] double saving_percent() const;
};

/// What the saving is when nothing but round trips and server time counts: a call is one round trip and the server's
/// time; a new connection adds one for TCP and one for TLS 1.3.
[[nodiscard]] double theoretical_saving_percent(const comparison_plan& plan);

/// Runs the built-in emulator and calls it in turns: over a pool that one uncounted call has warmed up, and by a client
/// of its own for each call, which dials and makes a full TLS handshake as a program without a pool does.
/// `on_progress` gets the number of pairs done so far. Fails with the first error of a call.
[[nodiscard]] result<comparison> compare(const comparison_plan& plan, const std::function<void(unsigned)>& on_progress);

}  // namespace warmwire::cli
