// Faults made of frames, which come before the response or in its place. On the server's executor.
#pragma once

#include "emulator/h2_stream.hpp"
#include "emulator/h2_wire.hpp"

#include <cstdint>

namespace warmwire::emulator {

enum class h2_consequence : std::uint8_t {
  answer,      ///< the response is to follow
  no_answer,   ///< what was sent stands in its place
  no_further,  ///< nothing may follow on the whole connection
};

/// Sends what the script wants before the stream's response: settings, floods, and the rest.
h2_consequence send_faults(h2_wire& to, const h2_stream& of);

}  // namespace warmwire::emulator
