// A request of Anthropic's Messages, checked the way Anthropic checks it. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/dialogue.hpp"
#include "emulator/api/server_kind.hpp"

#include <string_view>
#include <variant>

namespace warmwire::emulator {

/// Reads the body of `messages`, or of `messages/count_tokens`, which wants no `max_tokens`.
[[nodiscard]] std::variant<dialogue, api_error> read_anthropic(std::string_view body, const api_call& call);

}  // namespace warmwire::emulator
