// Errors as each server writes them. Pure functions, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/api/json_reading.hpp"
#include "emulator/api/server_kind.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::emulator {

struct api_error {
  unsigned status = 400;
  std::string message{};
  std::string type{};   ///< OpenAI's or Anthropic's; when empty, that of the status
  std::string param{};  ///< what is wrong; empty for null
  std::string code{};   ///< OpenAI's code, Google's status; empty for null, or that of the status
  std::optional<std::chrono::microseconds> retry_after{};  ///< for Google, which tells it in the body
};

/// The body of an error; `number` is that of the request.
[[nodiscard]] json::value error_json(const api_error& error, const server_kind& as, std::uint64_t number);

[[nodiscard]] answer error_answer(const api_error& error, const server_kind& as, std::uint64_t number);
/// As OpenAI writes it.
[[nodiscard]] answer error_answer(const api_error& error);

/// The error that a server gives for a status, where nothing more is known than, perhaps, the word for it: OpenAI's
/// code, Anthropic's type or Google's status.
[[nodiscard]] api_error error_for_status(unsigned status, std::string_view word = {});

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

/// "req_" and 32 digits.
[[nodiscard]] std::string request_id(std::uint64_t number);
[[nodiscard]] std::string padded(std::uint64_t number, std::size_t digits);

}  // namespace warmwire::emulator
