// What is to happen on a connection while it waits for a request.
#include "emulator/idle_plan.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::emulator {

void idle_plan::begin(steady_time now, const behaviour& asked) {
  since_ = now;
  steps_.clear();
  for (const fault::stray& each : asked.strays) {
    if (each.where == fault::stray::placement::idle) steps_.push_back({now + each.after, each});
  }
  if (asked.ends_at(fault::moment::idle)) steps_.push_back({now + asked.end->after, *asked.end});
  if (asked.says_goaway_at(fault::goaway::moment::idle)) steps_.push_back({now + asked.goaway->after, *asked.goaway});
  std::stable_sort(steps_.begin(), steps_.end(),
                   [](const timed_step& left, const timed_step& right) { return left.at < right.at; });
  std::reverse(steps_.begin(), steps_.end());
}

steady_time idle_plan::deadline() const {
  return steps_.empty() ? keep_alive_deadline() : std::min(steps_.back().at, keep_alive_deadline());
}

idle_plan::step idle_plan::take() {
  if (steps_.empty() || keep_alive_deadline() < steps_.back().at) return keep_alive_over{};
  step next = std::move(steps_.back().what);
  steps_.pop_back();
  return next;
}

}  // namespace warmwire::emulator
