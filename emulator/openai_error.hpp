// Errors as OpenAI's API writes them. Pure functions, any thread.
#pragma once

#include "emulator/answer.hpp"

#include <string>
#include <string_view>

namespace warmwire::emulator {

struct openai_error {
  unsigned status = 400;
  std::string message{};
  std::string_view type = "invalid_request_error";
  std::string param{};      ///< empty for null
  std::string_view code{};  ///< empty for null
};

/// The body `{"error":{"message","type","param","code"}}`.
[[nodiscard]] std::string error_body(const openai_error& error);
[[nodiscard]] answer error_answer(const openai_error& error);

/// The error that the API gives for a status, where nothing more is known.
[[nodiscard]] openai_error error_for_status(unsigned status);

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

}  // namespace warmwire::emulator
