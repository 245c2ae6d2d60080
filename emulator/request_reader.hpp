// Reads requests from a channel, one after the other. Owned by a session; lives on the server's executor.
#pragma once

#include "emulator/channel.hpp"
#include "emulator/request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <optional>
#include <string_view>

namespace warmwire::emulator {

/// One operation at a time. Failures are those of the channel, or of Beast's parser.
class request_reader {
 public:
  using error_code = boost::system::error_code;

  explicit request_reader(channel& from) : channel_(from) {}

  /// Bytes of a next request have arrived.
  [[nodiscard]] bool has_bytes();
  /// What was read and not yet used.
  [[nodiscard]] std::string_view peek() const;
  /// Waits for more bytes.
  boost::asio::awaitable<error_code> fill(steady_time deadline = never);

  boost::asio::awaitable<error_code> read_head(request& into);
  /// After `read_head`.
  boost::asio::awaitable<error_code> read_body();
  /// What the head, read last, says about the connection (RFC 9112 §9.3).
  [[nodiscard]] bool keeps_alive() const { return parser_->keep_alive(); }
  [[nodiscard]] bool is_done() const { return parser_->is_done(); }

  /// Waits, and notices meanwhile when the connection ends.
  boost::asio::awaitable<error_code> sleep_until(steady_time time);
  /// Throws away what comes until the connection ends or the deadline passes.
  boost::asio::awaitable<error_code> drain(steady_time deadline = never);

 private:
  error_code parse();

  channel& channel_;
  boost::beast::flat_buffer buffer_;
  std::optional<request_parser> parser_;
};

}  // namespace warmwire::emulator
