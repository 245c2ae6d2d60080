// The messages of a request of Anthropic's Messages. Pure functions, any thread.
#pragma once

#include "emulator/api/dialogue.hpp"

namespace warmwire::emulator {

/// Reads `system` and `messages`; throws `rejection`. A tool_use must be answered by the message that follows it, and
/// each tool_result must answer one.
void read_anthropic_messages(const json::object& body, dialogue& into);

}  // namespace warmwire::emulator
