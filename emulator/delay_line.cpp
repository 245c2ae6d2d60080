// A TCP connection seen from far away.
#include "emulator/delay_line.hpp"

#include "emulator/vanish.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace warmwire::emulator {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto as_outcome = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> sleep_on(asio::steady_timer& timer, steady_time until) {
  timer.expires_at(until);
  co_await timer.async_wait(as_outcome);
}

}  // namespace

delay_line::delay_line(asio::ip::tcp::socket socket, std::chrono::microseconds rtt)
    : socket_(std::move(socket)),
      half_trip_(rtt / 2),
      first_byte_due_(steady_clock::now() + rtt + rtt / 2),
      read_timer_(socket_.get_executor()),
      inbound_taken_(socket_.get_executor()),
      outbound_added_(socket_.get_executor()),
      outbound_sent_(socket_.get_executor()) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void delay_line::start() {
  if (!is_delayed()) return;
  const auto spawn = [this](asio::awaitable<void> (delay_line::*pump)()) {
    asio::co_spawn(
        socket_.get_executor(),
        [self = shared_from_this(), pump]() -> asio::awaitable<void> { co_await (self.get()->*pump)(); },
        asio::detached);
  };
  spawn(&delay_line::pump_in);
  spawn(&delay_line::pump_out);
}

asio::awaitable<io_result> delay_line::read_some(std::span<char> into, steady_time deadline) {
  return is_delayed() ? read_queue(into, deadline) : read_socket(into, deadline);
}

asio::awaitable<io_result> delay_line::read_socket(std::span<char> into, steady_time deadline) {
  bool timed_out = false;
  is_reading_ = true;
  ++reads_;
  if (deadline != never) {
    read_timer_.expires_at(deadline);
    // The count keeps an expiry that was already queued from ending a later read.
    read_timer_.async_wait([self = weak_from_this(), read = reads_, &timed_out](error_code failure) {
      const auto line = self.lock();
      if (failure || !line || !line->is_reading_ || line->reads_ != read) return;
      timed_out = true;
      error_code ignored;
      line->socket_.cancel(ignored);
    });
  }
  const auto [failure, bytes] = co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), as_outcome);
  is_reading_ = false;
  if (deadline != never) read_timer_.cancel();
  const bool is_deadline = timed_out && failure == asio::error::operation_aborted;
  co_return io_result{bytes, is_deadline ? error_code(asio::error::timed_out) : failure};
}

asio::awaitable<io_result> delay_line::read_queue(std::span<char> into, steady_time deadline) {
  while (true) {
    const auto now = steady_clock::now();
    if (!inbound_.empty() && inbound_.front().due <= now) co_return take_inbound(into);
    if (!socket_.is_open()) co_return io_result{0, asio::error::operation_aborted};
    if (deadline <= now) co_return io_result{0, asio::error::timed_out};
    co_await sleep_on(read_timer_, inbound_.empty() ? deadline : std::min(deadline, inbound_.front().due));
  }
}

io_result delay_line::take_inbound(std::span<char> into) {
  inbound& piece = inbound_.front();
  // The end stays in the queue: whoever reads again gets it again.
  if (piece.failure) return {0, piece.failure};
  const std::size_t bytes = std::min(into.size(), piece.bytes.size());
  std::copy_n(piece.bytes.data(), bytes, into.data());
  inbound_bytes_ -= bytes;
  inbound_taken_.cancel();
  if (bytes == piece.bytes.size()) {
    inbound_.pop_front();
  } else {
    piece.bytes.erase(0, bytes);
  }
  return {bytes, {}};
}

asio::awaitable<void> delay_line::pump_in() {
  std::array<char, 16384> buffer{};
  while (true) {
    while (inbound_bytes_ >= max_in_flight_bytes && socket_.is_open()) {
      co_await sleep_on(inbound_taken_, never);
    }
    const auto [failure, bytes] = co_await socket_.async_read_some(asio::buffer(buffer), as_outcome);
    const auto due = std::max(steady_clock::now() + half_trip_, first_byte_due_);
    inbound_.push_back({due, std::string(buffer.data(), bytes), failure});
    inbound_bytes_ += bytes;
    read_timer_.cancel();
    if (failure) co_return;
  }
}

asio::awaitable<error_code> delay_line::write(std::string_view bytes) {
  if (!is_delayed()) {
    const auto [failure, sent] =
        co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), as_outcome);
    co_return failure;
  }
  while (outbound_bytes_ >= max_in_flight_bytes && socket_.is_open() && !write_failure_) {
    co_await sleep_on(outbound_sent_, never);
  }
  if (!write_failure_ && socket_.is_open()) enqueue({{}, std::string(bytes), {}});
  co_return socket_.is_open() ? write_failure_ : error_code(asio::error::operation_aborted);
}

asio::awaitable<void> delay_line::end(line_end how) {
  if (!is_delayed()) {
    apply(how);
    co_return;
  }
  if (socket_.is_open() && !write_failure_) enqueue({{}, {}, how});
  while (!outbound_.empty() && socket_.is_open() && !write_failure_) {
    co_await sleep_on(outbound_sent_, never);
  }
  if (write_failure_ && socket_.is_open()) apply(how);
}

void delay_line::enqueue(outbound piece) {
  piece.due = steady_clock::now() + half_trip_;
  outbound_bytes_ += piece.bytes.size();
  outbound_.push_back(std::move(piece));
  outbound_added_.cancel();
}

asio::awaitable<void> delay_line::pump_out() {
  while (socket_.is_open() && !write_failure_) {
    if (outbound_.empty() || outbound_.front().due > steady_clock::now()) {
      co_await sleep_on(outbound_added_, outbound_.empty() ? never : outbound_.front().due);
      continue;
    }
    if (const auto how = outbound_.front().end) {
      apply(*how);
    } else {
      const auto [failure, sent] =
          co_await asio::async_write(socket_, asio::buffer(outbound_.front().bytes), as_outcome);
      write_failure_ = failure;
    }
    outbound_bytes_ -= outbound_.front().bytes.size();
    outbound_.pop_front();
    outbound_sent_.cancel();
  }
}

void delay_line::apply(line_end how) {
  error_code ignored;
  switch (how) {
    case line_end::half_close:
      socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      break;
    case line_end::reset:
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
      [[fallthrough]];
    case line_end::close:
      abandon();
      break;
    case line_end::vanish:
      drop_everything_from_peer(socket_.native_handle());
      break;
  }
}

void delay_line::abandon() {
  error_code ignored;
  socket_.close(ignored);
  read_timer_.cancel();
  inbound_taken_.cancel();
  outbound_added_.cancel();
  outbound_sent_.cancel();
}

}  // namespace warmwire::emulator
