// The rate-limit fields of Anthropic's answers. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>

namespace warmwire::emulator {

/// Appends the anthropic-ratelimit-* fields: 4,000 requests, 400,000 tokens in and 80,000 out per minute, of which
/// nothing was used before. What remains of tokens is rounded to thousands. The times count from 2023-11-14T22:13:20Z.
void append_anthropic_limits(std::string& fields, std::uint64_t input_tokens, std::uint64_t output_tokens);

}  // namespace warmwire::emulator
