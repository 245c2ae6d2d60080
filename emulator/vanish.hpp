// Silent loss without privileges: a socket filter that drops every packet of the peer. Pure system call, any thread.
#pragma once

#include <system_error>

namespace warmwire::emulator {

/// From now on the kernel drops what arrives for this socket before TCP sees it: the peer gets no ACK, no FIN, no RST.
/// Returns the system's error if it refuses.
std::error_code drop_everything_from_peer(int socket);

}  // namespace warmwire::emulator
