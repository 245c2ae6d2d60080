// One live HTTP/1.1 connection: a request at a time, and a watch on the socket while it is idle.
// Owned by its pool and by the exchange that runs on it; one executor.
#pragma once

#include "connection/outgoing.hpp"
#include "connection/response_parser.hpp"
#include "connection/wake_up.hpp"
#include "net/stream.hpp"

#include <warmwire/error.hpp>
#include <warmwire/provenance.hpp>
#include <warmwire/stats.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace warmwire::connection {

using clock = std::chrono::steady_clock;

/// Bytes are read into one buffer for all connections of a transport and parsed before anyone else reads.
using read_buffer = std::vector<char>;

/// What is known of a connection since it was dialed.
struct birth {
  std::uint64_t number = 0;  ///< unique within the transport
  std::string remote_address;
  std::string proxy{};  ///< through which it leads, without credentials
  bool tls_resumed = false;
  std::chrono::microseconds resolve{};
  std::chrono::microseconds connect{};
  std::chrono::microseconds tls{};
};

class h1_connection final : public std::enable_shared_from_this<h1_connection> {
 public:
  /// `living` is kept until the socket is gone.
  h1_connection(net::stream stream, birth story, std::shared_ptr<read_buffer> buffer, std::shared_ptr<void> living);

  [[nodiscard]] const birth& story() const noexcept { return story_; }

  // While it is idle
  /// Keeps a read armed; `on_end` is called once when the peer ends the connection or sends what nobody asked for.
  void watch_idle(std::function<void(close_reason)> on_end);
  void stop_watching();
  /// Looks at the socket without waiting: why the connection must not be used, or nothing when it may.
  std::optional<close_reason> probe();
  /// Bytes came behind the last response that nobody has looked at; `probe` does.
  [[nodiscard]] bool has_buffered() const { return stream_.has_buffered(); }

  // One exchange
  enum class goal : std::uint8_t {
    head,       ///< the head of the final response has come
    some_body,  ///< bytes of the body have come, or it is complete
    whole_body,
  };
  enum class waiting_for : std::uint8_t { nothing, writing, body_source, first_byte, response };

  /// Starts an exchange: `request` must live until `end_exchange`.
  void begin_exchange(outgoing& request, const response_rules& rules);
  /// Writes and reads until the goal is reached. One caller at a time. `max_body` bounds what `whole_body` keeps.
  /// Errors: those of an exchange; `cancelled` after `interrupt()`.
  boost::asio::awaitable<result<void>> advance(goal target, std::size_t max_body);
  /// Does what can be done at once; whether the response is complete. Errors as `advance`.
  result<bool> advance_without_waiting();
  /// Makes a running `advance` return, and every later one.
  void interrupt();
  void end_exchange();
  [[nodiscard]] bool is_exchanging() const noexcept { return request_ != nullptr; }

  [[nodiscard]] response_parser& response() noexcept { return parser_; }
  /// After a complete exchange: the connection can carry another one.
  [[nodiscard]] bool can_be_reused() const noexcept;
  /// Why it cannot, as far as the wire told.
  [[nodiscard]] close_reason fate() const noexcept { return fate_; }
  [[nodiscard]] waiting_for waits() const noexcept { return waits_; }
  [[nodiscard]] clock::time_point last_activity() const noexcept { return last_activity_; }
  [[nodiscard]] clock::time_point written_at() const noexcept { return written_at_; }
  [[nodiscard]] clock::time_point first_byte_at() const noexcept { return first_byte_at_; }
  /// How long the peer has left written bytes without an acknowledgement.
  [[nodiscard]] std::chrono::milliseconds unacknowledged_for();
  [[nodiscard]] std::chrono::microseconds round_trip() { return stream_.round_trip(); }

  void close(net::farewell how);

 private:
  void arm_read();
  void arm_write();
  void on_idle_readable();
  void write_what_fits();
  result<void> read_what_came(goal target, std::size_t max_body);
  result<void> take(const net::io_result& got, std::size_t max_body);
  result<void> on_peer_end(const net::io_result& got);
  error lost(const std::error_code& reason);
  bool is_reached(goal target);
  waiting_for what_is_due() const;
  boost::asio::awaitable<void> sleep();
  bool something_happened() const noexcept;

  const birth story_;
  const std::shared_ptr<read_buffer> buffer_;
  const std::shared_ptr<void> living_;

  net::stream stream_;
  response_parser parser_;
  outgoing* request_ = nullptr;
  wake_up wake_;
  std::function<void(close_reason)> on_idle_end_;

  bool idle_ = false;
  bool interrupted_ = false;
  bool produced_ = false;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool readable_ = false;
  bool write_blocked_ = false;
  bool yields_ = false;           // there is more to write, but others want their turn
  bool writing_stopped_ = false;  // the peer answered early, or does not take any more
  bool peer_ended_ = false;
  std::error_code write_error_;
  waiting_for waits_ = waiting_for::nothing;
  close_reason fate_ = close_reason::transport_error;
  clock::time_point last_activity_{};
  clock::time_point written_at_{};
  clock::time_point first_byte_at_{};
};

}  // namespace warmwire::connection
