// A connection that speaks HTTP/2, from its preface to its end. Lives on the server's executor.
#pragma once

#include "emulator/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace warmwire::emulator {

/// Serves the connection to its end.
boost::asio::awaitable<void> serve_h2(std::shared_ptr<connection> served);

}  // namespace warmwire::emulator
