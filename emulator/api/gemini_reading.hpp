// Google's words for what is wrong with a request. Keys may be in camelCase or snake_case. A reader throws `rejection`
// (openai_reading.hpp). Any thread.
#pragma once

#include "emulator/api/field_check.hpp"
#include "emulator/api/json_reading.hpp"

#include <span>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// INVALID_ARGUMENT about `param`.
[[noreturn]] void reject_argument(std::string param, std::string message);

/// The members with their keys in camelCase, checked against the table; `place` is where the object stands, empty for
/// the top.
[[nodiscard]] json::object checked_object(const json::object& given, std::string_view place,
                                          std::span<const field> known, field_notes& notes);

/// The same for any members.
[[nodiscard]] json::object camel_case(const json::object& given);

/// The element of an array, which must be an object.
[[nodiscard]] json::object element(const json::value& given, const std::string& place);

}  // namespace warmwire::emulator
