// A request and what its answer depends on besides. Plain values.
#pragma once

#include "emulator/api/field_check.hpp"
#include "emulator/request.hpp"

#include <chrono>
#include <cstdint>

namespace warmwire::emulator {

struct asked {
  const request& what;
  std::uint64_t number = 0;             ///< makes the ids
  std::chrono::microseconds latency{};  ///< reported as `openai-processing-ms` and the like
  unknown_fields others = unknown_fields::noted;
};

}  // namespace warmwire::emulator
