// What the script makes of the events of a stream. Pure functions, any thread.
#pragma once

#include "emulator/api/server_kind.hpp"
#include "emulator/behaviour.hpp"
#include "emulator/events/stream_event.hpp"

#include <cstdint>

namespace warmwire::emulator {

/// Commits the faults that are told by events: in this order, `duplicate-usage`, `no-terminal` and `no-marker`,
/// `malformed-event`, `error-event`, `cut`, and what is sent between events. `number` is that of the request.
void commit_event_faults(event_stream& of, const behaviour& asked, const server_kind& as, std::uint64_t number);

}  // namespace warmwire::emulator
