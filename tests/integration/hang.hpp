// How long a test waits for what must come.
#pragma once

#include <chrono>

namespace warmwire::test {

/// Far longer than anything here takes: only a hang reaches it.
inline constexpr auto hang = std::chrono::seconds(60);

}  // namespace warmwire::test
