#include "connection/h1_connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace warmwire::connection {

using boost::asio::ip::tcp;

namespace {

/// What one connection writes before the others of its event loop get their turn.
constexpr std::size_t one_turn = std::size_t{256} << 10;

/// How often it reads before that, however much the socket has, and how long that may take: small chunks take long.
constexpr int reads_of_one_turn = 16;
constexpr std::chrono::milliseconds time_of_one_turn{10};

}  // namespace

h1_connection::h1_connection(net::stream stream, birth story, std::shared_ptr<read_buffer> buffer,
                             std::shared_ptr<void> living)
    : http_connection(std::move(story), std::move(living)), buffer_(std::move(buffer)), stream_(std::move(stream)) {}

// As a connection

std::shared_ptr<http_stream> h1_connection::open_stream() {
  idle_ = false;
  return {shared_from_this(), this};
}

void h1_connection::watch() {
  idle_ = true;
  arm_read();
}

std::optional<close_reason> h1_connection::probe() {
  const auto got = stream_.try_read(*buffer_);
  switch (got.status) {
    case net::io_status::want_read:
    case net::io_status::want_write:
      return std::nullopt;
    case net::io_status::done: {
      // A server that closes an idle connection may say so with a 408 (RFC 9110 §15.5.9): a clean end.
      const std::string_view bytes(buffer_->data(), got.bytes);
      const bool is_408 = bytes.starts_with("HTTP/1.") && bytes.substr(0, 12).ends_with(" 408");
      return is_408 ? close_reason::peer_closed_idle : close_reason::unsolicited_bytes;
    }
    case net::io_status::end:
      return close_reason::peer_closed_idle;
    case net::io_status::failed:
      break;
  }
  return got.reason == std::errc::timed_out ? close_reason::dead_path : close_reason::peer_closed_idle;
}

/// What is thrown for lack of memory costs a connection that nobody uses.
void h1_connection::on_idle_readable() noexcept {
  readable_ = false;
  std::optional<close_reason> reason;
  try {
    reason = probe();
    if (!reason) return arm_read();  // a session ticket, say
  } catch (...) {
    reason = close_reason::transport_error;
  }
  idle_ = false;
  try {
    if (const auto told = owner()) told->on_ended(id(), *reason);
  } catch (...) {
    close(net::farewell::silent);
  }
}

void h1_connection::arm_read() {
  if (read_armed_ || !stream_.socket().is_open()) return;
  read_armed_ = true;
  stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](boost::system::error_code ec) {
    self->read_armed_ = false;
    if (ec == boost::asio::error::operation_aborted || self->is_inherited()) return;
    self->readable_ = true;
    if (self->idle_) return self->on_idle_readable();
    // What leaves this is a completion handler's own, and goes to whoever runs the event loop.
    self->wake_.fire_now();
  });
}

void h1_connection::arm_write() {
  if (write_armed_ || !stream_.socket().is_open()) return;
  write_armed_ = true;
  stream_.socket().async_wait(tcp::socket::wait_write, [self = shared_from_this()](boost::system::error_code ec) {
    self->write_armed_ = false;
    if (ec == boost::asio::error::operation_aborted) return;
    self->write_blocked_ = false;
    self->wake_.fire_now();
  });
}

std::chrono::milliseconds h1_connection::unacknowledged_for() {
  const auto since_written = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - written_at_);
  return std::min(stream_.unacknowledged_for(), since_written);
}

void h1_connection::close(net::farewell how) {
  idle_ = false;
  stream_.close(how);
}

// As its one stream

void h1_connection::begin(const http::request_head& what, outgoing& bytes) {
  request_ = &bytes;
  bytes.begin(outgoing::form::http_1);
  bytes.on_produced([this] {
    produced_ = true;
    wake_.fire();
  });
  parser_.begin({.answers_head = what.method == "HEAD"});
  interrupted_ = produced_ = yields_ = writing_stopped_ = false;
  write_error_.clear();
  fate_ = close_reason::transport_error;
  last_activity_ = written_at_ = clock::now();
  first_byte_at_ = {};
}

ending h1_connection::end(std::optional<close_reason> why) {
  if (parser_.has_leftover()) why = close_reason::unsolicited_bytes;
  if (!why && !can_be_reused()) why = close_reason::server_close;
  request_->on_produced(nullptr);
  request_ = nullptr;
  parser_.release();
  waits_ = waiting_for::nothing;
  if (!why && stream_.has_buffered()) why = probe();
  return {.unfit = why};
}

void h1_connection::interrupt() {
  interrupted_ = true;
  wake_.fire();
}

boost::asio::awaitable<result<void>> h1_connection::advance(goal target, std::size_t max_body) {
  const auto self = shared_from_this();  // whoever interrupts may also let go of us
  for (;;) {
    if (interrupted_) {
      // Who only waited for the rest of the upload has the answer.
      if (!parser_.is_done()) co_return error{.code = errc::cancelled};
      writing_stopped_ = true;
    }
    if (request_->failure() && !parser_.is_done()) co_return *request_->failure();
    if (is_reached(target)) break;
    write_what_fits();
    if (auto read = read_what_came(target, max_body); !read) co_return read.error();
    if (is_reached(target)) break;
    co_await sleep();
  }
  waits_ = waiting_for::nothing;
  co_return result<void>();
}

result<bool> h1_connection::advance_without_waiting() {
  readable_ = true;
  write_what_fits();
  if (auto read = read_what_came(goal::whole_body, buffer_->size()); !read) return read.error();
  return is_done();
}

bool h1_connection::is_reached(goal target) {
  switch (target) {
    case goal::head:
      return parser_.is_head_done();
    case goal::some_body:
      return is_done() || !parser_.body().empty();
    case goal::whole_body:
      return is_done();
  }
  return false;
}

/// A server may answer before it has read all of the request. Unless it refuses or closes, it still wants the rest.
bool h1_connection::is_done() const noexcept {
  const bool is_sending = !request_->is_finished() && !writing_stopped_ && !request_->failure();
  return parser_.is_done() && (!is_sending || peer_ended_);
}

void h1_connection::write_what_fits() {
  if (writing_stopped_ || write_blocked_ || request_->is_finished()) return;
  std::size_t written = 0;
  for (auto bytes = request_->front(); !bytes.empty(); bytes = request_->front()) {
    if (yields_ = written >= one_turn; yields_) return;
    const auto put = stream_.try_write(bytes);
    request_->consume(put.bytes);
    written += put.bytes;
    if (put.status == net::io_status::done) {
      last_activity_ = written_at_ = clock::now();
      continue;
    }
    if (put.status == net::io_status::want_write) {
      write_blocked_ = true;
    } else if (put.status != net::io_status::want_read) {
      // The peer takes no more, but it may have answered before it stopped: look at what it sent.
      write_error_ = put.reason;
      writing_stopped_ = true;
      readable_ = true;
    }
    return;
  }
}

result<void> h1_connection::read_what_came(goal target, std::size_t max_body) {
  const auto begun = clock::now();
  for (int reads = 0; readable_ || stream_.has_buffered(); ++reads) {
    if (reads == reads_of_one_turn || last_activity_ - begun > time_of_one_turn) {
      yields_ = true;
      return {};
    }
    const auto got = stream_.try_read(*buffer_);
    if (got.status == net::io_status::want_read || got.status == net::io_status::want_write) {
      readable_ = false;
      break;
    }
    readable_ = got.bytes == buffer_->size();  // less than asked for: the socket is drained
    if (auto taken = take(got, max_body); !taken) return taken;
    if (is_reached(target)) return {};
  }
  if (write_error_ && !parser_.has_begun()) return lost(write_error_);
  return {};
}

result<void> h1_connection::take(const net::io_result& got, std::size_t max_body) {
  if (got.status == net::io_status::end) return on_peer_end(got);
  if (got.status == net::io_status::failed) {
    peer_ended_ = true;
    readable_ = false;
    return parser_.is_done() ? result<void>() : lost(got.reason);
  }
  last_activity_ = clock::now();
  if (!parser_.is_under_way()) first_byte_at_ = last_activity_;
  if (auto fed = parser_.feed(std::string_view(buffer_->data(), got.bytes)); !fed) {
    fate_ = close_reason::protocol_error;
    return fed;
  }
  if (parser_.is_head_done() && parser_.status() >= 300 && !request_->is_finished()) writing_stopped_ = true;
  if (parser_.body().size() > max_body) {
    fate_ = close_reason::body_abandoned;
    error reason;
    reason.code = errc::response_too_large;
    reason.message = "the response body is longer than " + std::to_string(max_body) + " bytes";
    return reason;
  }
  return {};
}

result<void> h1_connection::on_peer_end(const net::io_result& got) {
  peer_ended_ = true;
  readable_ = false;
  fate_ = parser_.has_begun() ? close_reason::transport_error : close_reason::stale;
  const auto how = got.cut_off ? response_parser::ending::truncatable : response_parser::ending::in_order;
  auto ended = parser_.feed_end(how);
  if (ended) fate_ = close_reason::server_close;
  return ended;
}

error h1_connection::lost(const std::error_code& why) {
  peer_ended_ = true;
  error reason;
  reason.code = parser_.has_begun() ? errc::stream_interrupted : errc::connection_lost;
  reason.message = (parser_.has_begun() ? "the connection broke in the middle of the response: "
                                        : "the connection broke before a response: ") +
                   why.message();
  fate_ = parser_.has_begun() ? close_reason::transport_error : close_reason::stale;
  if (why == std::errc::timed_out) fate_ = close_reason::dead_path;
  return reason;
}

waiting_for h1_connection::what_is_due() const {
  if (parser_.is_under_way() && !parser_.is_done()) return waiting_for::response;
  if (!request_->is_finished() && !writing_stopped_) {
    return write_blocked_ ? waiting_for::writing : waiting_for::body_source;
  }
  return waiting_for::first_byte;
}

bool h1_connection::something_happened() const noexcept {
  return interrupted_ || produced_ || readable_ || request_->failure();
}

boost::asio::awaitable<void> h1_connection::sleep() {
  if (std::exchange(yields_, false)) co_return co_await boost::asio::post(boost::asio::use_awaitable);
  waits_ = what_is_due();
  arm_read();
  const bool blocked = write_blocked_;
  if (blocked) arm_write();
  if (waits_ == waiting_for::response) last_activity_ = std::max(last_activity_, clock::now());
  while (!something_happened() && write_blocked_ == blocked)
    co_await wake_.sleep();
  produced_ = false;
}

bool h1_connection::can_be_reused() const noexcept {
  return parser_.is_persistent() && !parser_.has_leftover() && request_->is_finished() && !writing_stopped_ &&
         !peer_ended_;
}

}  // namespace warmwire::connection
