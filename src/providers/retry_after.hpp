// How long a provider asks to wait. Pure: the response's own Date is the clock, or else the caller's.
#pragma once

#include <warmwire/headers.hpp>

#include <chrono>
#include <optional>

namespace warmwire::providers {

/// From `retry-after-ms`, then `retry-after` in seconds (a fraction is allowed) or as an HTTP date (RFC 9110
/// §10.2.3), which counts from the response's `date`, or from `now` where it has none. Nothing when there is none or it
/// cannot be read; never negative.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(
    const headers& fields, std::optional<std::chrono::sys_seconds> now = std::nullopt);

}  // namespace warmwire::providers
