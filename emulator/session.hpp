// One connection from accept to end. Spawned by the server; lives on its executor.
#pragma once

#include "emulator/date_clock.hpp"
#include "emulator/delay_line.hpp"
#include "emulator/emulator.hpp"
#include "emulator/recorder.hpp"
#include "emulator/script_book.hpp"
#include "emulator/tls_settings.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <vector>

namespace warmwire::emulator {

/// What all sessions of a server share; outlives them.
struct session_surroundings {
  const emulator_options& options;
  const tls_settings* tls = nullptr;  ///< null for a plain server
  recorder& records;
  script_book& faults;
  date_clock date{};
  /// Lines whose packets are dropped: closing one would send what the peer must not see, so they wait for the end of
  /// the server.
  std::vector<std::shared_ptr<delay_line>> vanished{};
};

/// Serves the connection to its end. `shared` must outlive the coroutine.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, session_surroundings& shared);

}  // namespace warmwire::emulator
