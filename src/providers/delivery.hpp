// Whether an answer comes whole or as a stream.
#pragma once

#include <cstdint>

namespace warmwire::providers {

enum class delivery : std::uint8_t { whole, streamed };

}  // namespace warmwire::providers
