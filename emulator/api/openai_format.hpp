// What the answers of OpenAI's endpoints have in common: ids, times, usage, header fields. Pure functions, any thread.
#pragma once

#include "emulator/api/dialogue.hpp"
#include "emulator/api/server_kind.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// Not the clock: the same chat gets the same answer, to the byte. It is 2023-11-14T22:13:20Z.
inline constexpr std::uint64_t created_at = 1'700'000'000;

/// "call_00000007000": a prefix, the request's number and the place within its answer.
[[nodiscard]] std::string item_id(std::string_view prefix, std::uint64_t number, std::uint64_t index);

/// The finish reason of a chat completion.
[[nodiscard]] std::string_view chat_finish(const reply& said);

/// The `usage` of a chat completion.
[[nodiscard]] json::object chat_usage(const dialogue& asked, const reply& said, const server_kind& as);

/// What is asked for with a JSON schema or as a tool's arguments, without white space.
[[nodiscard]] std::string arguments_text(const reply::call& call);

/// Appends the x-ratelimit-* fields: 10,000 requests and 2,000,000 tokens per minute, of which nothing was used before.
/// Azure knows no limits of its own at times: 0, and -1 remaining.
void append_rate_limits(std::string& fields, const server_kind& as, std::uint64_t tokens);

/// As Go writes durations: "12ms", "1s", "6m0s", "1m0.5s".
[[nodiscard]] std::string go_duration(std::chrono::milliseconds value);

}  // namespace warmwire::emulator
