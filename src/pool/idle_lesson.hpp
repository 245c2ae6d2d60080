// How long an origin's connections may be idle, as it taught itself. A small value; persisted nowhere.
#pragma once

#include "pool/types.hpp"

#include <cstdint>
#include <optional>

namespace warmwire::pool {

/// A connection that was closed by its peer, or found dead, after it had been idle for some time lowers the limit to
/// 0.8 of that time. Connections that survive raise it again: by half after each run of them, until it no longer
/// limits. A limit that was raised too far, so that the next connection died, needs a run twice as long the next time:
/// what is the rule of a middlebox is tried seldom in the end, what was one server's restart is soon forgotten.
struct idle_lesson {
  std::optional<duration> limit{};  ///< none: nothing was learned, or it has been forgotten
  std::uint32_t survivals = 0;      ///< of the present run
  std::uint32_t run = 4;            ///< how many survivals raise the limit
  bool is_raised = false;           ///< since the last end that lowered it

  /// The peer ended a connection that had been idle for `idle`. Less than a second says nothing about idling.
  void ended_after(duration idle);
  /// A connection was still there after `idle`. Counts from half the limit on: less would prove too little. The limit
  /// is forgotten when it reaches `idle_timeout`.
  void survived(duration idle, duration idle_timeout);

  friend bool operator==(const idle_lesson&, const idle_lesson&) = default;
};

}  // namespace warmwire::pool
