// OpenAI's embeddings. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/field_check.hpp"
#include "emulator/api/server_kind.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace warmwire::emulator {

struct embeddings_input {
  std::string model{};
  std::vector<std::string> texts{};  ///< token lists as their numbers
  std::uint64_t tokens = 0;
  std::size_t dimensions = 1536;
  bool is_base64 = false;
  field_notes notes{};
};

/// Reads the body of `POST …/embeddings`, or says what the API would say about it.
[[nodiscard]] std::variant<embeddings_input, api_error> read_embeddings(std::string_view body, const api_call& call);

/// The list object.
[[nodiscard]] std::string embeddings_body(const embeddings_input& input);

}  // namespace warmwire::emulator
