// A connection that speaks HTTP/2: one coroutine reads, one writes and ends it.
#include "emulator/h2_session.hpp"

#include "emulator/h2_exchanges.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::emulator {

namespace asio = boost::asio;
using boost::system::error_code;
using fault::ending;
using std::chrono::steady_clock;

namespace {

constexpr auto with_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 16384;
constexpr std::size_t write_bytes = 65536;
// What else goes out when a fault ends the connection: answers that were ready before it, but no endless body.
constexpr std::size_t last_bytes = 1 << 20;
// As with HTTP/1.1, see connection_end.cpp; here a client may always be sending.
constexpr auto linger_time = std::chrono::seconds(2);

/// A condition variable, made of a timer.
class bell {
 public:
  explicit bell(const asio::any_io_executor& executor) : timer_(executor) {}

  /// Returns at once if it was rung since it was waited for last.
  asio::awaitable<void> wait(steady_time until) {
    if (!is_rung_) {
      timer_.expires_at(until);
      co_await timer_.async_wait(with_result);
    }
    is_rung_ = false;
  }
  void ring() {
    if (!std::exchange(is_rung_, true)) timer_.cancel();
  }

 private:
  asio::steady_timer timer_;
  bool is_rung_ = false;
};

/// Shared by its two coroutines.
class h2_session : public std::enable_shared_from_this<h2_session> {
 public:
  h2_session(std::shared_ptr<connection> served, const asio::any_io_executor& executor)
      : connection_(std::move(served)), exchanges_(*connection_), to_writer_(executor), to_reader_(executor) {}

  asio::awaitable<void> run();

 private:
  asio::awaitable<void> read();
  void take(std::string_view bytes);
  asio::awaitable<bool> write();
  [[nodiscard]] asio::awaitable<bool> end_if_due();
  asio::awaitable<bool> end_by_fault(fault::end how);
  asio::awaitable<void> end_in_order(std::string reason);
  asio::awaitable<void> close(std::string reason);
  asio::awaitable<void> end_line(line_end how, const std::string& reason);
  asio::awaitable<void> ignore_client(steady_time deadline);

  const std::shared_ptr<connection> connection_;
  h2_exchanges exchanges_;
  bell to_writer_;  ///< something came in
  bell to_reader_;  ///< something went out
  std::string out_;

  bool has_client_ = true;     ///< it has not ended the connection
  bool is_deaf_ = false;       ///< what comes is thrown away
  bool is_mute_ = false;       ///< what is to be sent is thrown away
  bool is_ending_ = false;     ///< by us
  bool is_broken_ = false;     ///< the client broke the protocol
  bool has_vanished_ = false;  ///< the socket has to stay open
};

// --- reading ---

asio::awaitable<void> h2_session::read() {
  take(connection_->reader.peek());
  std::vector<char> buffer(read_bytes);
  while (has_client_) {
    io_result got;
    if (is_ending_) {
      // TLS is over; only the client's end matters now.
      got = co_await connection_->wire.line().read_some(buffer);
    } else {
      got = co_await connection_->wire.read_duplex(buffer);
    }
    if (got.failure) {
      if (!is_ending_) record_client_end(connection_->ending(), got.failure);
      has_client_ = false;
    }
    take({buffer.data(), got.bytes});
    to_writer_.ring();
    // A client that does not read is not read either.
    while (has_client_ && !is_ending_ && (connection_->wire.needs_flush() || exchanges_.wire().is_congested()))
      co_await to_reader_.wait(never);
  }
}

void h2_session::take(std::string_view bytes) {
  if (is_deaf_ || bytes.empty()) return;
  if (!exchanges_.receive(bytes)) is_broken_ = true;
  if (is_broken_) is_deaf_ = true;
}

// --- writing ---

asio::awaitable<void> h2_session::run() {
  // Our SETTINGS go first, whatever the client has sent already (RFC 9113 §3.4).
  bool goes_on = co_await write();
  const auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(
      executor, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->read(); }, asio::detached);
  while (goes_on) {
    exchanges_.run_due(steady_clock::now());
    goes_on = co_await write();
    to_reader_.ring();
    if (goes_on) {
      const bool is_over = co_await end_if_due();
      goes_on = !is_over;
    }
    if (goes_on && out_.empty()) co_await to_writer_.wait(is_mute_ ? never : exchanges_.deadline());
  }
  if (!has_vanished_) connection_->wire.line().abandon();
  to_reader_.ring();
}

// Sends what there is, up to a limit; false when the client is gone. Leaves `out_` empty when there was nothing.
asio::awaitable<bool> h2_session::write() {
  out_.clear();
  exchanges_.collect(out_, exchanges_.end() && !is_mute_ ? last_bytes : write_bytes);
  error_code failure;
  if (!out_.empty() && !is_mute_) {
    failure = co_await connection_->wire.write(out_);
  } else if (connection_->wire.needs_flush()) {
    failure = co_await connection_->wire.flush();
  }
  if (failure && has_client_) record_client_end(connection_->ending(), failure);
  co_return !failure && has_client_;
}

// --- ending ---

asio::awaitable<bool> h2_session::end_if_due() {
  if (is_mute_) co_return false;
  if (exchanges_.end()) {
    const bool is_over = co_await end_by_fault(*exchanges_.end());
    co_return is_over;
  }
  if (is_broken_ || exchanges_.wire().is_terminated()) {
    // The GOAWAY that says so is made when there is nothing else.
    if (!out_.empty()) co_return false;
    co_await end_in_order("protocol error: " + exchanges_.wire().mistake());
    co_return true;
  }
  const std::optional<std::string> reason = exchanges_.drained_by();
  if (!reason || !out_.empty()) co_return false;
  exchanges_.finish();
  const bool is_written = co_await write();
  if (is_written) co_await end_in_order(*reason);
  co_return true;
}

asio::awaitable<bool> h2_session::end_by_fault(fault::end how) {
  const std::string name = name_of(how.how);
  switch (how.how) {
    case ending::close:
      co_await end_in_order(name);
      break;
    case ending::truncate:
      co_await close(name);
      break;
    case ending::half_close:
      co_await connection_->wire.say_goodbye();
      co_await end_line(line_end::half_close, name);
      co_await ignore_client(never);
      break;
    case ending::reset:
      co_await end_line(line_end::reset, name);
      break;
    case ending::vanish:
      // The reader waits on, and keeps the socket open, until the server ends.
      co_await end_line(line_end::vanish, name);
      has_vanished_ = true;
      connection_->leave();
      break;
    case ending::mute:
    case ending::stall:
      is_mute_ = true;
      co_return false;
  }
  co_return true;
}

asio::awaitable<void> h2_session::end_in_order(std::string reason) {
  co_await connection_->wire.say_goodbye();
  co_await close(std::move(reason));
}

// Unread bytes would turn the close into a reset, which may overtake what was written before: so the client is given
// the time to read and to close first.
asio::awaitable<void> h2_session::close(std::string reason) {
  co_await end_line(line_end::half_close, reason);
  co_await ignore_client(steady_clock::now() + linger_time);
  co_await end_line(line_end::close, reason);
}

asio::awaitable<void> h2_session::end_line(line_end how, const std::string& reason) {
  is_ending_ = true;
  is_deaf_ = true;
  co_await connection_->wire.line().end(how);
  connection_->shared.records.on_ending(connection_->number, reason);
}

asio::awaitable<void> h2_session::ignore_client(steady_time deadline) {
  to_reader_.ring();
  while (has_client_ && steady_clock::now() < deadline)
    co_await to_writer_.wait(deadline);
}

}  // namespace

asio::awaitable<void> serve_h2(std::shared_ptr<connection> served) {
  const auto executor = co_await asio::this_coro::executor;
  const auto session = std::make_shared<h2_session>(std::move(served), executor);
  co_await session->run();
}

}  // namespace warmwire::emulator
