// Gemini's embedContent and batchEmbedContents. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/field_check.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace warmwire::emulator {

/// The body of the answer, or what is wrong.
[[nodiscard]] std::variant<std::string, api_error> embed_content(std::string_view body, std::string_view model,
                                                                 field_notes& notes);
[[nodiscard]] std::variant<std::string, api_error> batch_embed_contents(std::string_view body, std::string_view model,
                                                                        field_notes& notes);

}  // namespace warmwire::emulator
