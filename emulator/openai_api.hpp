// The part of OpenAI's API that the emulator speaks: chat completions and models. Pure functions, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/request.hpp"

#include <chrono>
#include <cstdint>

namespace warmwire::emulator {

/// A request and what its answer depends on besides.
struct asked {
  const request& what;
  std::uint64_t number = 0;             ///< makes the ids
  std::chrono::microseconds latency{};  ///< reported as `openai-processing-ms`
};

/// Answers a request below /v1. The same request with the same number gets the same answer, to the byte.
[[nodiscard]] answer answer_openai(const asked& question);

}  // namespace warmwire::emulator
