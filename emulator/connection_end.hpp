// How a connection of the emulator ends, in order or by a fault. Called by its session, on the server's executor.
#pragma once

#include "emulator/channel.hpp"
#include "emulator/recorder.hpp"
#include "emulator/request_reader.hpp"
#include "emulator/script.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace warmwire::emulator {

/// What an end needs of its session, which it does not outlive.
struct ending_connection {
  channel& wire;
  request_reader& reader;
  recorder& records;
  std::uint64_t number = 0;
  std::vector<std::shared_ptr<delay_line>>& vanished;
};

/// Whether the client may have sent bytes that nobody has read: closing then would send RST, which can overtake what
/// was written before.
enum class unread_bytes : std::uint8_t { none, possible };

/// The record names an end when it is on the wire, not before: who waits for the report may rely on it.
boost::asio::awaitable<void> end_in_order(ending_connection ended, unread_bytes unread, std::string ended_by);

/// Returns when the connection is over; of `half_close` and `stall`, when the client has ended it.
boost::asio::awaitable<void> end_by_fault(ending_connection ended, fault::end how);

/// "fault close" and the like.
[[nodiscard]] std::string name_of(fault::ending how);

/// Records how the client ended the connection.
void record_client_end(const ending_connection& ended, boost::system::error_code failure);

}  // namespace warmwire::emulator
