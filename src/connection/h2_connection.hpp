// One live HTTP/2 connection: many exchanges at once over one socket. The protocol is h2_session's, the question
// whether the peer is there h2_liveness's; this is their way to the socket, the timer and the pool. One executor.
#pragma once

#include "connection/h2_liveness.hpp"
#include "connection/h2_session.hpp"
#include "connection/http_connection.hpp"
#include "connection/timekeeper.hpp"
#include "net/stream.hpp"

#include <warmwire/error.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <unordered_set>

namespace warmwire::connection {

class h2_exchange;

/// What an HTTP/2 connection is made with, beside its socket.
struct h2_setup {
  h2_settings session{};
  liveness_settings liveness{};
  std::chrono::milliseconds settings_timeout{10'000};  ///< how long the peer may take to send its SETTINGS
  std::shared_ptr<read_buffer> buffer;
  std::shared_ptr<timekeeper> time;
};

class h2_connection final : public http_connection,
                            public std::enable_shared_from_this<h2_connection>,
                            private pool::deadline {
 public:
  h2_connection(net::stream stream, birth story, std::shared_ptr<void> living, h2_setup setup);
  ~h2_connection() override;

  /// Sends the preface and begins to read. Once, after `belong_to`.
  void start();

  std::shared_ptr<http_stream> open_stream() override;
  void watch() override {}  // it always reads
  std::optional<close_reason> probe() override;
  [[nodiscard]] std::optional<error> why_ended() const override { return why_ended_; }
  void check_out() override;
  [[nodiscard]] clock::time_point last_heard() const noexcept override { return last_heard_; }
  void close(net::farewell how) override;

  // For its exchanges
  /// An exception that leaves `step`, such as for lack of memory, costs this connection and what runs on it.
  template <class Step>
  void contain(Step step) noexcept {
    try {
      step();
    } catch (...) {
      break_off(std::current_exception());
    }
  }
  [[nodiscard]] h2_session& session() noexcept { return session_; }
  [[nodiscard]] bool is_over() const noexcept { return is_over_; }
  void join(h2_exchange& who) { exchanges_.insert(&who); }
  void leave(h2_exchange& who) { exchanges_.erase(&who); }
  /// Writes what there is when the event loop comes round: what several exchanges have to say leaves in one record.
  void flush_soon();
  /// Keeps the place of a stream until the peer has shown that it is alive.
  void hold();
  /// A stream timed out: is the peer still there?
  void suspect();
  /// The path is dead, as a stream found out: all others fail. The pool hears of it from that stream.
  void lose_path();
  /// Reads what is there, now.
  void read_now();
  [[nodiscard]] std::chrono::milliseconds unacknowledged_for() { return stream_.unacknowledged_for(); }
  [[nodiscard]] std::chrono::microseconds round_trip();

 private:
  void arm_read();
  void arm_write();
  void on_readable();
  enum class progress : std::uint8_t { all_read, more_is_there };
  progress read_what_came();
  void read_soon();
  void flush();
  void write_what_fits();
  void ping_if_due();
  void ping();
  void tell_news();
  void tell_draining(connection_owner& told);
  void lose(close_reason reason, error why);
  void break_off(const std::exception_ptr& thrown) noexcept;
  void end_streams(close_reason reason, const error& why);
  void expired(pool::time_point now) override;
  void look(pool::time_point now);
  void set_reminder();
  [[nodiscard]] std::optional<clock::time_point> next_look();
  error lost(const net::io_result& got) const;

  net::stream stream_;
  h2_session session_;
  h2_liveness liveness_;
  const std::shared_ptr<read_buffer> buffer_;
  const std::shared_ptr<timekeeper> time_;
  std::unordered_set<h2_exchange*> exchanges_;
  std::deque<std::uint64_t> held_;  // places of streams, by the PING whose answer sets them free
  std::uint64_t last_ping_ = 0;
  std::optional<clock::time_point> small_windows_due_;  // when streams have waited for wider ones for long enough
  std::optional<std::size_t> told_limit_;
  bool told_draining_ = false;
  bool is_over_ = false;
  bool is_probed_ = false;  // the pool is asking: it hears of an end by the answer
  bool read_armed_ = false;
  bool read_posted_ = false;
  bool write_armed_ = false;
  bool flush_posted_ = false;
  close_reason fate_ = close_reason::transport_error;
  std::optional<error> why_ended_;
  clock::time_point last_heard_ = clock::now();
  const clock::time_point settings_due_;
};

}  // namespace warmwire::connection
