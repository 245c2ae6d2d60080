// The answer of Anthropic's Messages, whole and as named events. Pure functions, any thread.
#pragma once

#include "emulator/api/dialogue.hpp"
#include "emulator/events/stream_event.hpp"

#include <cstdint>

namespace warmwire::emulator {

[[nodiscard]] json::object message_json(const dialogue& asked, std::uint64_t number);

/// `message_start`, the blocks, with a `ping` behind the start of the first, `message_delta` and `message_stop`.
[[nodiscard]] event_stream message_stream(const dialogue& asked, std::uint64_t number);

}  // namespace warmwire::emulator
