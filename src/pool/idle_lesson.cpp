// Learning from the ends and the survivals of idle connections.
#include "pool/idle_lesson.hpp"

#include <algorithm>
#include <chrono>

namespace warmwire::pool {
namespace {

constexpr duration shortest = std::chrono::seconds(1);
constexpr std::uint32_t longest_run = 256;

}  // namespace

void idle_lesson::ended_after(duration idle) {
  if (idle < shortest) {
    return;
  }
  survivals = 0;
  if (is_raised) {
    is_raised = false;
    run = std::min(2 * run, longest_run);
  }
  const duration safe = std::max(shortest, idle / 5 * 4);
  limit = limit ? std::min(*limit, safe) : safe;
}

void idle_lesson::survived(duration idle, duration idle_timeout) {
  if (!limit || idle < *limit / 2 || ++survivals < run) {
    return;
  }
  survivals = 0;
  is_raised = true;
  *limit += *limit / 2;
  if (*limit >= idle_timeout) {
    limit.reset();
  }
}

}  // namespace warmwire::pool
