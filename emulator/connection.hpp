// A connection and what a session of either protocol needs to serve it. Owned by its session; lives on the server's
// executor.
#pragma once

#include "emulator/channel.hpp"
#include "emulator/connection_end.hpp"
#include "emulator/request_reader.hpp"
#include "emulator/session.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

namespace warmwire::emulator {

/// Counted in the report from construction to destruction, or until it has left.
struct connection {
  connection(boost::asio::ip::tcp::socket socket, session_surroundings& surroundings)
      : shared(surroundings),
        number(shared.records.on_connected()),
        wire(std::make_shared<delay_line>(std::move(socket), shared.options.rtt), shared.tls),
        reader(wire) {}
  ~connection() { leave(); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// The report counts the connection no longer.
  void leave() {
    if (!std::exchange(has_left, true)) shared.records.on_closed(number, "server");
  }
  [[nodiscard]] ending_connection ending() { return {wire, reader, shared.records, number, shared.vanished}; }

  session_surroundings& shared;
  const std::uint64_t number;
  channel wire;
  request_reader reader;  ///< has what was read to tell the protocols apart
  bool has_left = false;
  steady_time opened_at = std::chrono::steady_clock::now();  ///< since when it waits for a request
};

}  // namespace warmwire::emulator
