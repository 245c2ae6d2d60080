// What is to happen on a connection while it waits for a request. Pure decisions, the time is an argument; owned by a
// session.
#pragma once

#include "emulator/behaviour.hpp"
#include "emulator/delay_line.hpp"
#include "emulator/script.hpp"

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

namespace warmwire::emulator {

class idle_plan {
 public:
  /// The announced idle time is over.
  struct keep_alive_over {};
  using step = std::variant<fault::stray, fault::end, fault::goaway, keep_alive_over>;

  explicit idle_plan(std::optional<std::chrono::seconds> keep_alive) : keep_alive_(keep_alive) {}

  /// The connection is idle from `now` on, after a request that `asked` was for.
  void begin(steady_time now, const behaviour& asked);

  /// A step is to follow at once, even if the next request has come already.
  [[nodiscard]] bool is_due_at_once() const { return !steps_.empty() && steps_.back().at <= since_; }
  /// When the next step is due; `never` without one.
  [[nodiscard]] steady_time deadline() const;
  /// Takes the step that `deadline` is for.
  step take();

 private:
  struct timed_step {
    steady_time at;
    step what;
  };

  [[nodiscard]] steady_time keep_alive_deadline() const { return keep_alive_ ? since_ + *keep_alive_ : never; }

  const std::optional<std::chrono::seconds> keep_alive_;
  steady_time since_{};
  std::vector<timed_step> steps_;  ///< the next one last
};

}  // namespace warmwire::emulator
