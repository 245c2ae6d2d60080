// Dialing from a test that has no event loop of its own.
#pragma once

#include "net/dialer.hpp"

#include <boost/asio/io_context.hpp>

#include <string>
#include <string_view>

namespace warmwire::test {

/// Dials on `context` and runs it until nothing is left to do.
result<net::dialed> dial_now(boost::asio::io_context& context, net::dialer& dialer, net::dial_request request);
/// The same, by a dialer that has learned nothing.
result<net::dialed> dial_now(boost::asio::io_context& context, net::dial_request request);

/// Reads until `end` or `failed`, waiting where it must; the bytes are appended to `into`.
net::io_result read_all(net::stream& from, std::string& into);
/// Reads until `count` bytes have come or the stream has ended.
std::string read_exactly(net::stream& from, std::size_t count);
/// Writes all of `data`, waiting where it must; `done`, or what ended it.
net::io_result write_all(net::stream& to, std::string_view data);
/// Waits for the socket to become readable, for 10 s at most; false if it did not.
bool wait_readable(net::stream& on);

}  // namespace warmwire::test
