// The events of a stream as the body of an answer, and how that is cut. Pure functions, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/behaviour.hpp"

namespace warmwire::emulator {

/// Makes body and pieces of `said.stream`: an event each.
void write_events(answer& said, const behaviour& asked);

/// Cuts each piece into pieces of at most so many bytes.
void split_pieces(answer& said, std::size_t bytes);

}  // namespace warmwire::emulator
