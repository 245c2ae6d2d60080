// One live HTTP/1.1 connection: a request at a time, and a watch on the socket while it is idle.
// Owned by its pool and by the exchange that runs on it; one executor.
#pragma once

#include "connection/http_connection.hpp"
#include "connection/response_parser.hpp"
#include "connection/wake_up.hpp"
#include "net/stream.hpp"

#include <warmwire/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace warmwire::connection {

class h1_connection final : public http_connection,
                            public http_stream,
                            public std::enable_shared_from_this<h1_connection> {
 public:
  h1_connection(net::stream stream, birth story, std::shared_ptr<read_buffer> buffer, std::shared_ptr<void> living);

  // As a connection
  std::shared_ptr<http_stream> open_stream() override;
  /// Keeps a read armed: the owner is told once when the peer ends the connection or sends what nobody asked for.
  void watch() override;
  std::optional<close_reason> probe() override;
  [[nodiscard]] clock::time_point last_heard() const noexcept override { return last_activity_; }
  void close(net::farewell how) override;

  // As its one stream
  void begin(const http::request_head& what, outgoing& bytes) override;
  boost::asio::awaitable<result<void>> advance(goal target, std::size_t max_body) override;
  result<bool> advance_without_waiting() override;
  void interrupt() override;
  ending end(std::optional<close_reason> why) override;
  [[nodiscard]] bool is_exchanging() const noexcept override { return request_ != nullptr; }

  [[nodiscard]] http_version version() const noexcept override {
    return parser_.is_http_1_0() ? http_version::http_1_0 : http_version::http_1_1;
  }
  [[nodiscard]] int status() const noexcept override { return parser_.status(); }
  [[nodiscard]] warmwire::headers& headers() noexcept override { return parser_.headers(); }
  [[nodiscard]] std::string& body() noexcept override { return parser_.body(); }
  [[nodiscard]] std::uint64_t body_bytes() const noexcept override { return parser_.body_bytes(); }
  [[nodiscard]] bool has_begun() const noexcept override { return parser_.has_begun(); }
  [[nodiscard]] bool is_head_done() const noexcept override { return parser_.is_head_done(); }
  [[nodiscard]] bool is_done() const noexcept override;
  [[nodiscard]] std::optional<std::uint64_t> remaining() const noexcept override { return parser_.remaining(); }

  [[nodiscard]] bool has_written() const noexcept override { return request_->has_written(); }
  [[nodiscard]] bool is_unprocessed() const noexcept override { return false; }
  [[nodiscard]] bool was_refused() const noexcept override { return false; }
  [[nodiscard]] bool has_heard_since_sent() const noexcept override { return parser_.has_begun(); }

  [[nodiscard]] close_reason fate() const noexcept override { return fate_; }
  [[nodiscard]] waiting_for waits() const noexcept override { return waits_; }
  [[nodiscard]] clock::time_point last_activity() const noexcept override { return last_activity_; }
  [[nodiscard]] clock::time_point written_at() const noexcept override { return written_at_; }
  [[nodiscard]] clock::time_point first_byte_at() const noexcept override { return first_byte_at_; }
  [[nodiscard]] std::chrono::milliseconds unacknowledged_for() override;
  [[nodiscard]] std::chrono::microseconds round_trip() override { return stream_.round_trip(); }

 private:
  void arm_read();
  void arm_write();
  void on_idle_readable() noexcept;
  [[nodiscard]] bool can_be_reused() const noexcept;
  void write_what_fits();
  result<void> read_what_came(goal target, std::size_t max_body);
  result<void> take(const net::io_result& got, std::size_t max_body);
  result<void> on_peer_end(const net::io_result& got);
  error lost(const std::error_code& reason);
  bool is_reached(goal target);
  waiting_for what_is_due() const;
  boost::asio::awaitable<void> sleep();
  bool something_happened() const noexcept;

  const std::shared_ptr<read_buffer> buffer_;
  net::stream stream_;
  response_parser parser_;
  outgoing* request_ = nullptr;
  wake_up wake_;

  bool idle_ = false;
  bool interrupted_ = false;
  bool produced_ = false;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool readable_ = false;
  bool write_blocked_ = false;
  bool yields_ = false;           // there is more to write or to read, but others want their turn
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
