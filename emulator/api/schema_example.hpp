// A JSON value that fits a JSON schema: what the emulator calls tools with, and answers when structured output is
// wanted. Pure functions, any thread.
//
// The rule: an object has all its properties, an array has `minItems` items but at least one, a string is the given
// word, an integer or a number its `minimum` or else 1, a boolean true. `const`, the first of `enum`, the first of
// `anyOf`, `oneOf` or `allOf` and the target of a `$ref` within the schema come before. Types may be in capitals, as
// Google writes them.
#pragma once

#include "emulator/api/json_reading.hpp"

#include <string_view>

namespace warmwire::emulator {

/// Null where the schema goes deeper than 16.
[[nodiscard]] json::value example_of(const json::value& schema, std::string_view word);

/// The arguments for a tool: the JSON object that follows its name in the message, or else an example of its schema
/// with the message's last word.
[[nodiscard]] json::object arguments_for(const json::value& schema, std::string_view message, std::string_view name);

}  // namespace warmwire::emulator
