// A request of Gemini's generateContent or countTokens, checked the way Google checks it. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/dialogue.hpp"
#include "emulator/api/server_kind.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace warmwire::emulator {

struct gemini_input {
  dialogue asked{};
  bool shows_thoughts = false;
};

/// Reads `{"contents":…}`.
[[nodiscard]] std::variant<gemini_input, api_error> read_gemini(std::string_view body, const api_call& call);
/// Reads the same, or `{"generateContentRequest":{"contents":…}}`.
[[nodiscard]] std::variant<gemini_input, api_error> read_gemini_count(std::string_view body, const api_call& call);

/// The text of `parts`, and what its other parts are. Throws `rejection`.
struct gemini_parts {
  std::string text{};
  std::uint64_t attachments = 0;
  std::vector<std::string> calls{};  ///< names
  std::vector<dialogue::tool_result> results{};
};
[[nodiscard]] gemini_parts read_gemini_parts(const json::object& content, const std::string& place, field_notes& notes);

}  // namespace warmwire::emulator
