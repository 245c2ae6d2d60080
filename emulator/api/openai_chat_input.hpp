// A chat completion request, checked the way OpenAI checks it. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/dialogue.hpp"
#include "emulator/api/server_kind.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace warmwire::emulator {

struct chat_input {
  dialogue asked{};
  bool includes_usage = false;  ///< of a stream: a last chunk with the usage
  bool is_obfuscated = true;    ///< of a stream: each chunk is filled up to hide its length
};

/// Reads the body of `POST …/chat/completions`, or says what the API would say about it: bad JSON, a field that is
/// missing, unknown, of the wrong type or out of range, tool messages that answer no call. `call` names the model when
/// the path does.
[[nodiscard]] std::variant<chat_input, api_error> read_chat(std::string_view body, const api_call& call);

/// A function's `name`, `description` and `parameters`, wherever the API has them. Throws `rejection`, as the next.
[[nodiscard]] tool read_function(const json::object& function, const std::string& place);

/// The `name` and `schema` of wanted JSON.
void read_json_schema(const json::object& holder, const std::string& place, dialogue& into);

}  // namespace warmwire::emulator
