// How an HTTP/2 connection finds out whether its peer is there, what it tells its pool, and how it ends.
#include "connection/h2_connection.hpp"
#include "connection/h2_exchange.hpp"
#include "http/thrown.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace warmwire::connection {

// Is the peer there?

void h2_connection::check_out() {
  if (is_over_) return;
  liveness_.check_out(clock::now());
  if (liveness_.wants_ping(clock::now())) flush_soon();
}

void h2_connection::suspect() {
  if (is_over_) return;
  liveness_.suspect();
  flush_soon();
}

void h2_connection::hold() {
  if (session_.pings_in_flight() == 0) ping();
  held_.push_back(last_ping_);
  flush_soon();
}

void h2_connection::lose_path() {
  end_streams(close_reason::dead_path,
              {.code = errc::connection_lost, .message = "the peer acknowledged nothing that was sent to it"});
}

void h2_connection::ping_if_due() {
  if (liveness_.wants_ping(clock::now())) ping();
}

void h2_connection::ping() {
  const auto now = clock::now();
  last_ping_ = session_.ping(now);
  liveness_.pinged(now);
}

void h2_connection::set_reminder() {
  if (is_over_) return;
  liveness_.streams_open(!exchanges_.empty());
  auto due = liveness_.next_wakeup();
  if (!session_.settings_received() && (!due || settings_due_ < *due)) due = settings_due_;
  if (due) {
    time_->remind(*this, *due);
  } else {
    time_->forget(*this);
  }
}

void h2_connection::expired(pool::time_point now) {
  const auto self = shared_from_this();
  if (!is_inherited()) contain([this, now] { look(now); });
}

void h2_connection::look(pool::time_point now) {
  // What came while the event loop was busy elsewhere counts.
  read_now();
  if (is_over_) return;
  if (!session_.settings_received() && now >= settings_due_) {
    return lose(close_reason::protocol_error, {.code = errc::http2_violation,
                                               .phase = phase::first_byte,
                                               .message = "the server sent no SETTINGS (RFC 9113 §3.4)"});
  }
  if (liveness_.is_dead(now)) {
    return lose(close_reason::dead_path,
                {.code = errc::connection_lost, .message = "the peer did not answer a PING (ping_timeout)"});
  }
  flush();
}

std::optional<close_reason> h2_connection::probe() {
  if (is_over_) return fate_;
  if (!exchanges_.empty()) return std::nullopt;  // its reading goes on anyway: no read for each of many streams
  is_probed_ = true;
  read_now();
  is_probed_ = false;
  if (is_over_) return fate_;
  if (session_.is_draining()) return close_reason::goaway;
  return std::nullopt;
}

std::chrono::microseconds h2_connection::round_trip() {
  return stream_.round_trip();
}

// What the pool is told

void h2_connection::tell_news() {
  if (is_over_) return;
  const auto news = session_.take_news();
  if (news.pong) liveness_.pong(last_heard_, session_.last_round_trip().value_or(pool::duration::zero()));
  const auto told = owner();
  if (!told) return;
  if (session_.settings_received() && told_limit_ != session_.peer_stream_limit()) {
    told_limit_ = session_.peer_stream_limit();
    told->on_stream_limit(id(), *told_limit_);
  }
  if (is_over_) return;
  if (session_.is_draining() && !is_probed_ && !std::exchange(told_draining_, true)) {
    told->on_draining(id(), close_reason::goaway);
  }
  while (!held_.empty() && held_.front() <= session_.last_pong() && !is_over_) {
    held_.pop_front();
    told->on_stream_free(id());
  }
}

/// The connection is over: its streams fail, and the pool hears of it once.
void h2_connection::lose(close_reason reason, error why) {
  if (is_over_) return;
  fate_ = reason;
  end_streams(reason, why);
  if (is_probed_) return;
  if (const auto told = owner()) told->on_ended(id(), reason);
}

void h2_connection::break_off(const std::exception_ptr& thrown) noexcept {
  try {
    lose(close_reason::transport_error, http::error_of(thrown));
  } catch (...) {
    // What is left of it ends by its deadlines.
  }
}

void h2_connection::end_streams(close_reason reason, const error& why) {
  is_over_ = true;
  why_ended_ = why;
  time_->forget(*this);
  for (auto* each : exchanges_)
    each->lose(reason, why);
}

void h2_connection::close(net::farewell how) {
  const auto self = shared_from_this();
  if (!is_over_) {
    if (how == net::farewell::announce) {
      contain([this] {
        for (auto* each : exchanges_)
          each->cut_off();
        session_.say_goodbye();
        flush();
      });
    }
    end_streams(close_reason::closed_by_user, {.code = errc::connection_lost, .message = "the connection was closed"});
  }
  stream_.close(how);
}

}  // namespace warmwire::connection
