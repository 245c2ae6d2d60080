// The messages of a chat completion request. Pure functions, any thread.
#pragma once

#include "emulator/api/dialogue.hpp"

namespace warmwire::emulator {

/// Reads `messages`; throws `rejection` (openai_reading.hpp). A call of a tool must be answered by the messages that
/// follow it, and each tool message must answer one.
void read_chat_messages(const json::object& chat, dialogue& into);

}  // namespace warmwire::emulator
