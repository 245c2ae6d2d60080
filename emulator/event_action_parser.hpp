// Reads the actions of the fault language that are for streamed or coded answers. Pure, any thread.
#pragma once

#include "emulator/script.hpp"
#include "emulator/script_cursor.hpp"

#include <optional>
#include <string_view>

namespace warmwire::emulator {

/// Nothing, and `from` stays, when another action comes. Throws script_mistake.
[[nodiscard]] std::optional<action> parse_event_action(script_cursor& from);

inline constexpr std::string_view event_action_names =
    "retry-after, cut, no-terminal, no-marker, malformed-event, error-event, pings, comments, unknown-events, "
    "between-events, duplicate-usage, event-delay, event-bytes, line-ends, byte-order-mark, multi-line or compress";

}  // namespace warmwire::emulator
