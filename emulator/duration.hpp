// Durations as people write them, in fault scripts and on the command line. Pure functions, any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// The longest duration that `parse_duration` reads.
inline constexpr std::chrono::microseconds longest_duration = std::chrono::hours(24 * 365);

/// Reads a decimal number with a unit: "250us", "200ms", "1.5s", "2m", "1h"; "0" needs none. Rounds to
/// microseconds. Nothing when the text is anything else, or longer than `longest_duration`.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

/// The duration in the largest unit that needs no fraction: "1500ms", "2m", "0s".
[[nodiscard]] std::string duration_text(std::chrono::microseconds value);

}  // namespace warmwire::emulator
