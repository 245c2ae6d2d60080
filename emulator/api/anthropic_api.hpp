// The part of Anthropic's API that the emulator speaks: Messages, count_tokens and models. Pure functions, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/api/asked.hpp"
#include "emulator/api/server_kind.hpp"

namespace warmwire::emulator {

/// Answers a request whose operation, method and key are right.
[[nodiscard]] answer answer_anthropic(const asked& question, const api_call& call);

}  // namespace warmwire::emulator
