// What response headers say of rate limits. Pure: the response's own Date is the clock.
#pragma once

#include <warmwire/headers.hpp>
#include <warmwire/rate_limits.hpp>

namespace warmwire::providers {

/// From OpenAI's x-ratelimit-…, of which the resets are durations, or Anthropic's anthropic-ratelimit-…, of which they
/// are times. What cannot be read is not set; nor are limits of 0 and negative counts, by which Azure says nothing.
[[nodiscard]] rate_limits rate_limits_in(const headers& fields);

}  // namespace warmwire::providers
