#include "connection/h2_connection.hpp"

#include "connection/h2_exchange.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace warmwire::connection {

using boost::asio::ip::tcp;

namespace {

/// What one connection reads before the others of its event loop get their turn, and how long that may take: small
/// frames take long.
constexpr int h2_reads_of_one_turn = 16;
constexpr std::chrono::milliseconds h2_time_of_one_turn{10};

}  // namespace

h2_connection::h2_connection(net::stream stream, birth story, std::shared_ptr<void> living, h2_setup setup)
    : http_connection(std::move(story), std::move(living)),
      stream_(std::move(stream)),
      session_(setup.session),
      liveness_(setup.liveness, clock::now()),
      buffer_(std::move(setup.buffer)),
      time_(std::move(setup.time)),
      settings_due_(clock::now() + setup.settings_timeout) {}

h2_connection::~h2_connection() {
  time_->forget(*this);
}

void h2_connection::start() {
  if (stream_.has_buffered()) read_soon();  // the peer's SETTINGS may have come with the end of the handshake
  arm_read();
  flush_soon();  // the preface leaves together with the first request
  set_reminder();
}

std::shared_ptr<http_stream> h2_connection::open_stream() {
  return std::make_shared<h2_exchange>(shared_from_this());
}

// Reading

void h2_connection::arm_read() {
  if (read_armed_ || !stream_.socket().is_open()) return;
  read_armed_ = true;
  stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](boost::system::error_code ec) {
    self->read_armed_ = false;
    if (ec == boost::asio::error::operation_aborted || self->is_inherited()) return;
    self->contain([&] { self->on_readable(); });
  });
}

void h2_connection::on_readable() {
  read_now();
  if (!is_over_ && !read_posted_) arm_read();
}

void h2_connection::read_now() {
  if (is_over_) return;
  contain([this] {
    const auto how_far = read_what_came();
    tell_news();
    if (is_over_) return;
    if (how_far == progress::more_is_there) read_soon();
    flush();
  });
}

/// What TLS holds already does not make the socket readable: whoever stops before it is empty must come back.
void h2_connection::read_soon() {
  if (read_posted_) return;
  read_posted_ = true;
  boost::asio::post(stream_.socket().get_executor(), [self = shared_from_this()] {
    self->read_posted_ = false;
    if (self->is_over_ || self->is_inherited()) return;
    self->contain([&] { self->on_readable(); });
  });
}

h2_connection::progress h2_connection::read_what_came() {
  const auto begun = clock::now();
  for (int turn = 0; turn < h2_reads_of_one_turn && last_heard_ - begun <= h2_time_of_one_turn; ++turn) {
    const auto got = stream_.try_read(*buffer_);
    if (got.status == net::io_status::want_read || got.status == net::io_status::want_write) return progress::all_read;
    if (got.status != net::io_status::done) {
      const bool had_streams = session_.open_streams() > 0;  // what is complete needs the connection no more
      auto reason = had_streams ? close_reason::stale : close_reason::peer_closed_idle;
      if (session_.goaway()) reason = close_reason::goaway;
      if (got.reason == std::errc::timed_out) reason = close_reason::dead_path;
      lose(reason, lost(got));
      return progress::all_read;
    }
    last_heard_ = clock::now();
    liveness_.heard(last_heard_);
    if (auto fed = session_.feed(std::span(*buffer_).first(got.bytes), last_heard_); !fed) {
      flush();  // the peer is told what it did wrong
      lose(close_reason::protocol_error, fed.error());
      return progress::all_read;
    }
  }
  return progress::more_is_there;
}

error h2_connection::lost(const net::io_result& got) const {
  std::string message = "the HTTP/2 connection ended: ";
  message.append(got.reason ? got.reason.message() : "the server closed it");
  return {.code = errc::connection_lost, .message = std::move(message)};
}

// Writing

void h2_connection::flush_soon() {
  if (flush_posted_ || is_over_) return;
  flush_posted_ = true;
  boost::asio::post(stream_.socket().get_executor(), [self = shared_from_this()] {
    self->flush_posted_ = false;
    if (!self->is_over_) self->flush();
  });
}

void h2_connection::flush() {
  if (is_inherited()) return;
  contain([this] { write_what_fits(); });
}

void h2_connection::write_what_fits() {
  ping_if_due();
  for (auto bytes = session_.output(); !bytes.empty() && !write_armed_; bytes = session_.output()) {
    const auto put = stream_.try_write(bytes);
    session_.consume(put.bytes);
    if (put.status == net::io_status::done) continue;
    if (put.status == net::io_status::want_write) {
      arm_write();
    } else if (put.status != net::io_status::want_read) {
      return;  // what the peer sent before it went away is still to be read, and its end too
    }
    break;
  }
  set_reminder();
}

void h2_connection::arm_write() {
  if (write_armed_ || !stream_.socket().is_open()) return;
  write_armed_ = true;
  stream_.socket().async_wait(tcp::socket::wait_write, [self = shared_from_this()](boost::system::error_code ec) {
    self->write_armed_ = false;
    if (ec == boost::asio::error::operation_aborted || self->is_over_) return;
    self->flush();
  });
}

}  // namespace warmwire::connection
