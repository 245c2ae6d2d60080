// The emulator's answer to a chat: what it says, and how that is written. Pure functions, any thread.
#pragma once

#include "emulator/chat_input.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// What every choice of an answer says.
struct completion {
  std::string text{};
  std::uint64_t tokens = 0;  ///< of all choices
  std::string_view finish_reason = "stop";
};

/// Repeats the last user text after its number of words: "You wrote 2 words: Hello there". Longer texts are repeated
/// up to 4,096 bytes. Cut at the first stop sequence, then at `max_tokens`.
[[nodiscard]] completion complete(const chat_input& input);

/// The JSON of a chat.completion object.
[[nodiscard]] std::string completion_body(const chat_input& input, const completion& made, std::uint64_t number);

/// "req_" and 32 digits.
[[nodiscard]] std::string request_id(std::uint64_t number);

/// Appends the x-ratelimit-* fields: 10,000 requests and 2,000,000 tokens per minute, of which nothing was used before.
void append_rate_limits(std::string& fields, std::uint64_t tokens);

/// As Go writes durations: "12ms", "1s", "6m0s", "1m0.5s".
[[nodiscard]] std::string go_duration(std::chrono::milliseconds value);

}  // namespace warmwire::emulator
