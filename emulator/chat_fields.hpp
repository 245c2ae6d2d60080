// The top-level fields of a chat completion request: their types and ranges (openai-openapi 2.3.0). Pure, any thread.
#pragma once

#include "emulator/openai_error.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// What is wrong with the fields other than `messages`: unknown, of the wrong type, out of range.
[[nodiscard]] std::optional<openai_error> check_chat_fields(const boost::json::object& chat);

/// "Invalid type for 'NAME' …", as error `invalid_type`.
[[nodiscard]] openai_error wrong_type(std::string name, std::string_view expected, const boost::json::value& got);

}  // namespace warmwire::emulator
