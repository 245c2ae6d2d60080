#include "connection/h2_exchange.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::connection {

h2_exchange::~h2_exchange() {
  if (is_exchanging()) (void)end(close_reason::cancelled);
}

void h2_exchange::begin(const http::request_head& what, outgoing& bytes) {
  request_ = &bytes;
  last_activity_ = written_at_ = clock::now();
  bytes.begin(outgoing::form::http_2);
  bytes.on_produced([this] {
    connection_->contain([this] {
      connection_->session().resume(stream_);
      connection_->flush_soon();
      on_news();
    });
  });
  stream_.on_news([this] { on_news(); });
  connection_->join(*this);
  if (connection_->is_over()) {
    return lose(close_reason::stale, {.code = errc::connection_lost, .message = "the HTTP/2 connection has ended"});
  }
  connection_->session().open(stream_, what, bytes);
  connection_->flush_soon();
}

void h2_exchange::on_news() {
  last_activity_ = clock::now();
  if (first_byte_at_ == clock::time_point{} && stream_.has_begun()) first_byte_at_ = last_activity_;
  has_news_ = true;
  wake_.fire();
}

boost::asio::awaitable<result<void>> h2_exchange::advance(goal target, std::size_t max_body) {
  const auto self = shared_from_this();  // whoever interrupts may also let go of us
  for (;;) {
    has_news_ = false;
    // What is complete stays so, whatever became of the connection since.
    if (is_reached(target) && !is_cut_short() && body_.size() <= max_body) co_return result<void>();
    if (auto failure = find_failure(max_body)) co_return std::move(*failure);
    advancing_ = true;
    while (!has_news_)
      co_await wake_.sleep();
    advancing_ = false;
  }
}

/// Takes what has come of the body: that gives the server leave to send more.
bool h2_exchange::is_reached(goal target) {
  if (target == goal::head) return stream_.is_head_done();
  if (stream_.has_body()) {
    body_ += stream_.take_body();
    connection_->flush_soon();
  }
  if (target == goal::some_body && !body_.empty()) return true;
  return is_done();
}

/// A server may answer before it has read all of the request. Unless it refuses, resets the stream or closes, it still
/// wants the rest.
bool h2_exchange::is_done() const noexcept {
  if (!stream_.is_done() || stream_.has_body()) return false;
  const bool is_sending = stream_.is_open() && !stream_.is_request_finished() && stream_.status() < 300;
  return !is_sending || interrupted_ || lost_;
}

/// Who only waited for the rest of the upload has the answer.
bool h2_exchange::is_cut_short() const noexcept {
  return interrupted_ && !(stream_.is_done() && !stream_.is_request_finished());
}

std::optional<error> h2_exchange::find_failure(std::size_t max_body) {
  if (interrupted_) return error{.code = errc::cancelled};
  if (request_->failure()) return *request_->failure();
  if (body_.size() > max_body) {
    fate_ = close_reason::body_abandoned;
    return error{.code = errc::response_too_large,
                 .message = "the response body is longer than " + std::to_string(max_body) + " bytes"};
  }
  if (stream_.failure()) return *stream_.failure();
  return lost_;
}

result<bool> h2_exchange::advance_without_waiting() {
  connection_->read_now();
  const bool is_complete = is_reached(goal::whole_body);
  if (const auto failure = find_failure(std::string().max_size()); failure && !is_complete) return *failure;
  return is_complete;
}

void h2_exchange::interrupt() {
  interrupted_ = true;
  has_news_ = true;
  wake_.fire();
}

ending h2_exchange::end(std::optional<close_reason> why) {
  ending how{.was_refused = stream_.was_refused()};
  request_->on_produced(nullptr);
  stream_.on_news(nullptr);
  connection_->leave(*this);
  if (connection_->is_over()) {
    how.unfit = why.value_or(fate_);
  } else if (why == close_reason::dead_path) {
    connection_->lose_path();
    how.unfit = why;
  } else {
    const bool may_be_dead = stream_.is_open() && stream_.has_sent_anything() && !stream_.has_heard_since_sent();
    connection_->contain([&] {
      connection_->session().reset(stream_);
      connection_->flush_soon();
      if (why == close_reason::timeout) connection_->suspect();
      if (may_be_dead) connection_->hold();
      how.is_held = may_be_dead;
    });
    if (connection_->is_over()) how.unfit = why.value_or(close_reason::transport_error);
  }
  request_ = nullptr;
  return how;
}

waiting_for h2_exchange::waits() const noexcept {
  if (!advancing_) return waiting_for::nothing;
  if (stream_.is_head_done() && !stream_.is_done())
    return waiting_for::response;  // after an interim response the server may still think
  if (stream_.is_request_finished()) return waiting_for::first_byte;
  return stream_.waits_for_source() ? waiting_for::body_source : waiting_for::writing;
}

void h2_exchange::cut_off() {
  connection_->session().reset(stream_);
}

std::chrono::milliseconds h2_exchange::unacknowledged_for() {
  const auto since_written = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - written_at_);
  return std::min(connection_->unacknowledged_for(), since_written);
}

void h2_exchange::lose(close_reason reason, const error& why) {
  fate_ = reason;
  has_news_ = true;
  const bool is_interrupted = stream_.has_begun() && why.code != errc::internal;
  lost_.emplace(error{.code = is_interrupted ? errc::stream_interrupted : why.code});
  lost_->message = why.message;
  lost_->phase = why.phase;
  wake_.fire();
}

}  // namespace warmwire::connection
