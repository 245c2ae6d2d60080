// The part of OpenAI's API that the emulator speaks, in the dialect of each server that imitates it: chat completions,
// Responses, embeddings and models. Pure functions, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/api/asked.hpp"
#include "emulator/api/server_kind.hpp"

#include <string_view>

namespace warmwire::emulator {

/// Answers a request whose operation, method and key are right.
[[nodiscard]] answer answer_openai(const asked& question, const api_call& call);

/// The one model that no server has.
inline constexpr std::string_view missing_model = "no-such-model";

}  // namespace warmwire::emulator
