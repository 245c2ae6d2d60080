// Reads the actions of the fault language that only HTTP/2 has. Pure, any thread.
#pragma once

#include "emulator/script.hpp"
#include "emulator/script_cursor.hpp"

#include <optional>
#include <string_view>

namespace warmwire::emulator {

inline constexpr std::string_view h2_action_names =
    "rst, refuse, goaway, settings, no-pong, slow-window, flood, overflow-window, push or bad-frame";

/// Nothing when the next word begins none of them; throws script_mistake.
[[nodiscard]] std::optional<action> parse_h2_action(script_cursor& from);

}  // namespace warmwire::emulator
