// One exchange on a live connection, whatever the protocol: what is sent, what has come, how it ends. Over HTTP/1.1 it
// is the connection itself, over HTTP/2 one of its streams. Owned by the exchange that runs on it; one executor.
#pragma once

#include "connection/outgoing.hpp"
#include "http/request_head.hpp"

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>
#include <warmwire/stats.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace warmwire::connection {

using clock = std::chrono::steady_clock;

enum class http_version : std::uint8_t { http_1_0, http_1_1, http_2 };

/// How far an exchange is to go.
enum class goal : std::uint8_t {
  head,       ///< the head of the final response has come
  some_body,  ///< bytes of the body have come, or it is complete
  whole_body,
};

enum class waiting_for : std::uint8_t { nothing, writing, body_source, first_byte, response };

/// What the end of an exchange means for its connection.
struct ending {
  std::optional<close_reason> unfit{};  ///< why the connection must be closed; nothing: it can carry another exchange
  bool is_held = false;      ///< the place of the stream is not free yet: the connection says when (`on_stream_free`)
  bool was_refused = false;  ///< the server refused the stream
};

class http_stream {
 public:
  http_stream() = default;
  http_stream(const http_stream&) = delete;
  http_stream& operator=(const http_stream&) = delete;
  virtual ~http_stream() = default;

  /// Starts the exchange of a request that was found sound; both must live until `end`.
  virtual void begin(const http::request_head& what, outgoing& bytes) = 0;
  /// Writes and reads until the goal is reached. One caller at a time. `max_body` bounds what `whole_body` keeps.
  /// Errors: those of an exchange; `cancelled` after `interrupt()`.
  virtual boost::asio::awaitable<result<void>> advance(goal target, std::size_t max_body) = 0;
  /// Does what can be done at once; whether the response is complete. Errors as `advance`.
  virtual result<bool> advance_without_waiting() = 0;
  /// Makes a running `advance` return, and every later one.
  virtual void interrupt() = 0;
  /// Ends the exchange: with `why` when it failed, was given up, or when the connection is not wanted any more.
  virtual ending end(std::optional<close_reason> why) = 0;
  /// Between `begin` and `end`.
  [[nodiscard]] virtual bool is_exchanging() const noexcept = 0;

  // The response, as far as it has come; for between `begin` and `end`
  [[nodiscard]] virtual http_version version() const noexcept = 0;
  [[nodiscard]] virtual int status() const noexcept = 0;
  [[nodiscard]] virtual warmwire::headers& headers() noexcept = 0;
  /// What has come of the body and was not taken yet.
  [[nodiscard]] virtual std::string& body() noexcept = 0;
  [[nodiscard]] virtual std::uint64_t body_bytes() const noexcept = 0;  ///< all that has come, taken or not
  [[nodiscard]] virtual bool has_begun() const noexcept = 0;     ///< a byte of it, interim responses included, has come
  [[nodiscard]] virtual bool is_head_done() const noexcept = 0;  ///< of the final response
  /// All of it has come, and what the server still wants of the request was sent: an answer may come before that.
  [[nodiscard]] virtual bool is_done() const noexcept = 0;
  /// How many body bytes are still to come, where the response says so.
  [[nodiscard]] virtual std::optional<std::uint64_t> remaining() const noexcept = 0;

  // What the rules of replaying ask
  [[nodiscard]] virtual bool has_written() const noexcept = 0;  ///< a byte of the request was handed to the connection
  /// The server said that it has not processed the request, and will not.
  [[nodiscard]] virtual bool is_unprocessed() const noexcept = 0;
  /// It said so of this request alone (REFUSED_STREAM), not of the whole connection.
  [[nodiscard]] virtual bool was_refused() const noexcept = 0;
  /// The peer was heard from after the request was sent.
  [[nodiscard]] virtual bool has_heard_since_sent() const noexcept = 0;

  // How it goes
  /// Why the connection ended, as far as the wire told.
  [[nodiscard]] virtual close_reason fate() const noexcept = 0;
  [[nodiscard]] virtual waiting_for waits() const noexcept = 0;
  [[nodiscard]] virtual clock::time_point last_activity() const noexcept = 0;
  [[nodiscard]] virtual clock::time_point written_at() const noexcept = 0;
  [[nodiscard]] virtual clock::time_point first_byte_at() const noexcept = 0;
  /// How long the peer has left written bytes without an acknowledgement.
  [[nodiscard]] virtual std::chrono::milliseconds unacknowledged_for() = 0;
  [[nodiscard]] virtual std::chrono::microseconds round_trip() = 0;
};

}  // namespace warmwire::connection
