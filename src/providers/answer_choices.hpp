// How many answers were asked for at once. Pure.
#pragma once

#include <cstdint>

namespace warmwire::providers {

/// `one`: all that comes is the answer, whatever number its choice has: some servers count from one, or count each
/// piece. `several` were asked for by `extra_json`: number 0 is the answer, and of the others only the end is looked
/// at.
enum class answer_choices : std::uint8_t { one, several };

}  // namespace warmwire::providers
