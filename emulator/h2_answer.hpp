// The heads of HTTP/2 responses. On the server's executor.
#pragma once

#include "emulator/h2_stream.hpp"
#include "emulator/h2_wire.hpp"

#include <string_view>

namespace warmwire::emulator {

/// Sends the head of the stream's answer, malformed if the script wants it so; the body follows when it is asked for.
void send_head(h2_wire& to, const h2_stream& of, std::string_view date);

/// Sends an interim response (1xx).
void send_interim(h2_wire& to, const h2_stream& of, unsigned code);

}  // namespace warmwire::emulator
