// A request of Anthropic's Messages, checked the way Anthropic checks it. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/dialogue.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace warmwire::emulator {

/// `count_tokens` takes fewer fields and wants no `max_tokens`.
enum class messages_endpoint : std::uint8_t { create, count_tokens };

[[nodiscard]] std::variant<dialogue, api_error> read_anthropic(std::string_view body, messages_endpoint endpoint);

}  // namespace warmwire::emulator
