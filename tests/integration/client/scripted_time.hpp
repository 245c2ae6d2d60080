// The clock, the dice and the waits of a client's retries, in a test's hands.
#pragma once

#include <warmwire/client_options.hpp>

#include <chrono>
#include <functional>
#include <vector>

namespace warmwire::test {

/// Time that passes only while a call waits to be tried again, and all at once.
struct scripted_time {
  std::chrono::steady_clock::time_point now{std::chrono::hours(1000)};
  double dice = 0;
  std::vector<std::chrono::milliseconds> waits{};

  [[nodiscard]] retry_timing timing() {
    return {.now = [this] { return now; },
            .dice = [this] { return dice; },
            .wait =
                [this](std::chrono::milliseconds wait, const std::function<void()>& done) {
                  waits.push_back(wait);
                  now += wait;
                  done();
                }};
  }
};

}  // namespace warmwire::test
