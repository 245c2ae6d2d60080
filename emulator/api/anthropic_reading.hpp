// Anthropic's words for what is wrong with a request: the place, a colon, and what it should be. A reader throws
// `rejection` (openai_reading.hpp). Any thread.
#pragma once

#include "emulator/api/field_check.hpp"
#include "emulator/api/json_reading.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// "PLACE: MESSAGE", as an invalid_request_error.
[[noreturn]] void reject_at(std::string_view place, std::string_view message);

void check_anthropic_fields(const json::object& checked, std::span<const field> known, field_notes& notes);

/// The member that must be there, of that type. `place` ends with its name: "messages.0.role".
const json::value& require_member(const json::object& holder, std::string_view place, field_kind type);
std::string_view require_string(const json::object& holder, std::string_view place);
/// The same where certain words are known; another is noted or rejected.
std::string_view require_one_of(const json::object& holder, std::string_view place,
                                std::initializer_list<std::string_view> known, field_notes& notes);

[[nodiscard]] std::string place_of(std::string_view holder, std::size_t index);

}  // namespace warmwire::emulator
