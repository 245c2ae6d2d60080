// A connection that speaks HTTP/1.1, from its first request to its end: reads requests, asks the script what to do,
// answers or misbehaves. Lives on the server's executor.
#pragma once

#include "emulator/connection.hpp"

#include <boost/asio/awaitable.hpp>

namespace warmwire::emulator {

/// Serves the connection to its end; it must outlive the coroutine.
boost::asio::awaitable<void> serve_http1(connection& served);

}  // namespace warmwire::emulator
