// A request and what its answer depends on besides. Plain values.
#pragma once

#include "emulator/request.hpp"

#include <chrono>
#include <cstdint>

namespace warmwire::emulator {

struct asked {
  const request& what;
  std::uint64_t number = 0;             ///< makes the ids
  std::chrono::microseconds latency{};  ///< reported as `openai-processing-ms` and the like
};

}  // namespace warmwire::emulator
