// A chat completion request, checked the way OpenAI checks it. Pure functions, any thread.
#pragma once

#include "emulator/openai_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace warmwire::emulator {

struct chat_input {
  std::string model;
  std::string last_user_text;       ///< of the last user message, or of the last message when none is a user's
  std::uint64_t prompt_tokens = 0;  ///< 3 per message and 3 for the reply, plus the tokens of their texts
  std::uint64_t choices = 1;
  std::optional<std::uint64_t> max_tokens{};
  std::vector<std::string> stop{};
};

/// Reads the body of `POST /v1/chat/completions`, or says what the API would say about it: bad JSON, a field that is
/// missing, unknown, of the wrong type or out of range.
[[nodiscard]] std::variant<chat_input, openai_error> read_chat(std::string_view body);

}  // namespace warmwire::emulator
