// The emulator's answer to a chat completion request, whole and as a stream. Pure functions, any thread.
#pragma once

#include "emulator/api/openai_chat_input.hpp"
#include "emulator/events/stream_event.hpp"

#include <cstdint>

namespace warmwire::emulator {

/// The chat.completion object, with the additions of the server that it comes from.
[[nodiscard]] json::object completion_json(const chat_input& input, const server_kind& as, std::uint64_t number);

/// The chat.completion.chunk objects: the role, the text word by word, each call of a tool and pieces of its
/// arguments, the finish reasons, the usage, `[DONE]`.
[[nodiscard]] event_stream completion_stream(const chat_input& input, const server_kind& as, std::uint64_t number);

/// A chunk that tells an error, for those that put it there.
[[nodiscard]] json::object error_chunk(const json::value& error, std::uint64_t number);

}  // namespace warmwire::emulator
