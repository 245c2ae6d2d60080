// Durations as people write them, in fault scripts and on the command line.
#include "emulator/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace warmwire::emulator {
namespace {

using std::chrono::microseconds;

struct unit {
  std::string_view name;
  microseconds length;
};

// From the largest on: `duration_text` takes the first that divides evenly.
constexpr std::array<unit, 5> units{{{"h", std::chrono::hours(1)},
                                     {"m", std::chrono::minutes(1)},
                                     {"s", std::chrono::seconds(1)},
                                     {"ms", std::chrono::milliseconds(1)},
                                     {"us", microseconds(1)}}};

}  // namespace

std::optional<microseconds> parse_duration(std::string_view text) {
  const auto end_of_number = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = text.substr(0, end_of_number);
  const auto name = text.substr(end_of_number);
  // from_chars alone would take ".5", "5." and a number followed by another dot.
  if (number.empty() || number.front() == '.' || number.back() == '.') return std::nullopt;
  double count = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), count);
  if (failure != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  if (name.empty()) return count == 0 ? std::optional(microseconds(0)) : std::nullopt;
  for (const unit& candidate : units) {
    if (candidate.name != name) continue;
    const double length = count * static_cast<double>(candidate.length.count());
    if (length > static_cast<double>(longest_duration.count())) return std::nullopt;
    return microseconds(std::llround(length));
  }
  return std::nullopt;
}

std::string duration_text(microseconds value) {
  if (value == microseconds(0)) return "0s";
  const auto fits = [value](const unit& candidate) { return value % candidate.length == microseconds(0); };
  const unit& chosen = *std::find_if(units.begin(), units.end(), fits);  // the last one always fits
  return std::to_string(value / chosen.length).append(chosen.name);
}

}  // namespace warmwire::emulator
