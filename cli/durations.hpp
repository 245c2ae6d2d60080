// Options that take a duration: "200ms", "1.5s", "60s", "2m".
#pragma once

#include "emulator/duration.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace warmwire::cli {

[[nodiscard]] inline double in_ms(std::chrono::microseconds value) {
  return static_cast<double>(value.count()) / 1000;
}

struct duration_option {
  std::string flag;  ///< "--latency"
  std::string help;
  std::chrono::microseconds at_least{};
  std::chrono::microseconds at_most = std::chrono::hours(24);
  std::chrono::microseconds step = std::chrono::microseconds(1);  ///< what the value must be a multiple of
};

/// Adds the option to `command`; `store` gets the value when it is given and in range. A wrong one ends the
/// parsing with an error that names the flag, the value and what is allowed.
CLI::Option* add_duration(CLI::App& command, const duration_option& option,
                          std::function<void(std::chrono::microseconds)> store);

/// The same into a variable of any chrono duration; the value must be a multiple of its unit.
template <class Rep, class Period>
CLI::Option* add_duration(CLI::App& command, duration_option option, std::chrono::duration<Rep, Period>& target) {
  using unit = std::chrono::duration<Rep, Period>;
  option.step = std::max<std::chrono::microseconds>(option.step, unit(1));
  return add_duration(command, option,
                      [&target](std::chrono::microseconds value) { target = std::chrono::duration_cast<unit>(value); });
}

template <class Rep, class Period>
CLI::Option* add_duration(CLI::App& command, duration_option option,
                          std::optional<std::chrono::duration<Rep, Period>>& target) {
  using unit = std::chrono::duration<Rep, Period>;
  option.step = std::max<std::chrono::microseconds>(option.step, unit(1));
  return add_duration(command, option,
                      [&target](std::chrono::microseconds value) { target = std::chrono::duration_cast<unit>(value); });
}

}  // namespace warmwire::cli
