// The answer of Gemini's generateContent, whole and as a stream. Pure functions, any thread.
#pragma once

#include "emulator/api/gemini_input.hpp"
#include "emulator/events/stream_event.hpp"

#include <cstdint>

namespace warmwire::emulator {

/// A GenerateContentResponse. One that is refused has no candidates, but a `promptFeedback`.
[[nodiscard]] json::object content_json(const gemini_input& input, std::uint64_t number);

/// The same word by word, calls of tools whole; the last event has the finish reason. Each has a usage.
[[nodiscard]] event_stream content_stream(const gemini_input& input, std::uint64_t number);

}  // namespace warmwire::emulator
