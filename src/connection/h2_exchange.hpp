// One exchange on an HTTP/2 connection: a stream of its session, and the coroutine that waits for it. Owned by the
// exchange of the transport; keeps its connection alive; one executor.
#pragma once

#include "connection/h2_connection.hpp"
#include "connection/h2_stream.hpp"
#include "connection/http_stream.hpp"
#include "connection/wake_up.hpp"

#include <memory>
#include <optional>
#include <string>

namespace warmwire::connection {

class h2_exchange final : public http_stream, public std::enable_shared_from_this<h2_exchange> {
 public:
  explicit h2_exchange(std::shared_ptr<h2_connection> on) : connection_(std::move(on)) {}
  ~h2_exchange() override;

  void begin(const http::request_head& what, outgoing& bytes) override;
  boost::asio::awaitable<result<void>> advance(goal target, std::size_t max_body) override;
  result<bool> advance_without_waiting() override;
  void interrupt() override;
  ending end(std::optional<close_reason> why) override;
  [[nodiscard]] bool is_exchanging() const noexcept override { return request_ != nullptr; }

  [[nodiscard]] http_version version() const noexcept override { return http_version::http_2; }
  [[nodiscard]] int status() const noexcept override { return stream_.status(); }
  [[nodiscard]] warmwire::headers& headers() noexcept override { return stream_.headers(); }
  [[nodiscard]] std::string& body() noexcept override { return body_; }
  [[nodiscard]] std::uint64_t body_bytes() const noexcept override { return stream_.body_bytes(); }
  [[nodiscard]] bool has_begun() const noexcept override { return stream_.has_begun(); }
  [[nodiscard]] bool is_head_done() const noexcept override { return stream_.is_head_done(); }
  [[nodiscard]] bool is_done() const noexcept override;
  [[nodiscard]] std::optional<std::uint64_t> remaining() const noexcept override { return stream_.remaining(); }

  [[nodiscard]] bool has_written() const noexcept override { return stream_.has_sent_anything(); }
  [[nodiscard]] bool is_unprocessed() const noexcept override { return stream_.is_unprocessed(); }
  [[nodiscard]] bool was_refused() const noexcept override { return stream_.was_refused(); }
  [[nodiscard]] bool has_heard_since_sent() const noexcept override { return stream_.has_heard_since_sent(); }

  [[nodiscard]] close_reason fate() const noexcept override { return fate_; }
  [[nodiscard]] waiting_for waits() const noexcept override;
  [[nodiscard]] clock::time_point last_activity() const noexcept override { return last_activity_; }
  [[nodiscard]] clock::time_point written_at() const noexcept override { return written_at_; }
  [[nodiscard]] clock::time_point first_byte_at() const noexcept override { return first_byte_at_; }
  [[nodiscard]] std::chrono::milliseconds unacknowledged_for() override;
  [[nodiscard]] std::chrono::microseconds round_trip() override { return connection_->round_trip(); }

  /// The connection is over.
  void lose(close_reason reason, const error& why);
  /// The connection is about to be closed: nothing more of this.
  void cut_off();

 private:
  void on_news();
  bool is_reached(goal target);
  [[nodiscard]] bool is_cut_short() const noexcept;
  std::optional<error> find_failure(std::size_t max_body);

  const std::shared_ptr<h2_connection> connection_;
  h2_stream stream_;
  outgoing* request_ = nullptr;
  wake_up wake_;
  std::string body_;
  std::optional<error> lost_;
  bool interrupted_ = false;
  bool has_news_ = false;
  bool advancing_ = false;
  close_reason fate_ = close_reason::transport_error;
  clock::time_point last_activity_{};
  clock::time_point written_at_{};
  clock::time_point first_byte_at_{};
};

}  // namespace warmwire::connection
