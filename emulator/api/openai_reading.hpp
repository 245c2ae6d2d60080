// Reading what a client sent to one of OpenAI's endpoints, and OpenAI's words for what is wrong with it. A reader
// throws `rejection`, which `read_openai` catches. Any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/field_check.hpp"
#include "emulator/api/json_reading.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace warmwire::emulator {

/// What is wrong is found deep inside of a request. Never leaves the readers.
struct rejection {
  api_error error;
};

[[noreturn]] void reject(api_error error);
[[noreturn]] void reject_missing(std::string name);
[[noreturn]] void reject_type(std::string name, std::string_view expected, const json::value& got);
[[noreturn]] void reject_value(std::string name, std::string message);

/// Rejects what is wrong with the top-level fields.
void check_openai_fields(const json::object& checked, std::span<const field> known, field_notes& notes);

/// The text at `place`, "messages[0].role" for example.
std::string_view require_text(const json::object& holder, const std::string& place);

/// The same where certain words are known; another is noted or rejected.
std::string_view require_word(const json::object& holder, const std::string& place,
                              std::initializer_list<std::string_view> known, field_notes& notes);

/// Rejects prompts of more than 128,000 tokens.
void check_openai_context(std::uint64_t tokens);

/// The body as a JSON object; rejects another.
json::object openai_object(std::string_view body);

/// Parses the body and reads it; what the reader rejects is the result.
template <class Read>
auto read_openai(std::string_view body, Read read) -> std::variant<decltype(read(json::object())), api_error> {
  try {
    return read(openai_object(body));
  } catch (rejection& rejected) {
    return std::move(rejected.error);
  }
}

}  // namespace warmwire::emulator
