// The forms in which providers write times and durations. Pure: what they count from is an argument.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace warmwire::providers {

/// Longer waits mean the same to every caller, and must not overflow when they are added to a time.
inline constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(24 * 365);

/// A number as providers write them: digits, perhaps with a fraction. Signs, exponents, hexadecimal digits, "inf" and
/// "nan" are none.
[[nodiscard]] std::optional<double> plain_number(std::string_view text);

/// At most `longest_wait`.
[[nodiscard]] std::chrono::milliseconds to_wait(double milliseconds);

/// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that may be sent, and the two obsolete ones that are to be read
/// (RFC 9110 §5.6.7): "Sunday, 06-Nov-94 08:49:37 GMT", whose year lies from 1970 to 2069, and
/// "Sun Nov  6 08:49:37 1994".
[[nodiscard]] std::optional<std::chrono::sys_seconds> http_date(std::string_view text);

/// "2026-11-06T08:49:37Z", also with a fraction of a second or another offset (RFC 3339 §5.6).
[[nodiscard]] std::optional<std::chrono::sys_time<std::chrono::milliseconds>> rfc3339(std::string_view text);

/// "12ms", "1s", "6m0s", "1h2m3.5s": as Go writes durations, of which the JSON form of a protobuf duration is a part.
/// At most `longest_wait`.
[[nodiscard]] std::optional<std::chrono::milliseconds> go_duration(std::string_view text);

}  // namespace warmwire::providers
