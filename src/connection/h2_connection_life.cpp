// How an HTTP/2 connection finds out whether its peer is there, what it tells its pool, and how it ends.
#include "connection/h2_connection.hpp"
#include "connection/h2_exchange.hpp"
#include "http/thrown.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace warmwire::connection {

namespace {

/// How long streams wait for wider windows. A peer that reads at all widens them sooner.
constexpr std::chrono::milliseconds window_patience{200};

}  // namespace

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
  if (const auto due = next_look()) {
    time_->remind(*this, *due);
  } else {
    time_->forget(*this);
  }
}

std::optional<clock::time_point> h2_connection::next_look() {
  liveness_.streams_open(!exchanges_.empty());
  auto due = liveness_.next_wakeup();
  const auto not_later_than = [&due](clock::time_point when) { due = std::min(due.value_or(when), when); };
  if (!session_.settings_received()) not_later_than(settings_due_);
  if (!session_.is_waiting_for_windows()) small_windows_due_.reset();
  if (session_.is_waiting_for_windows() && !small_windows_due_) small_windows_due_ = clock::now() + window_patience;
  if (small_windows_due_) not_later_than(*small_windows_due_);
  return due;
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
  if (small_windows_due_ && now >= *small_windows_due_) {
    small_windows_due_.reset();
    session_.use_small_windows();
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
  if (session_.is_draining() && !is_probed_) tell_draining(*told);
  while (!held_.empty() && held_.front() <= session_.last_pong() && !is_over_) {
    held_.pop_front();
    told->on_stream_free(id());
  }
}

void h2_connection::tell_draining(connection_owner& told) {
  if (std::exchange(told_draining_, true)) return;
  const auto& goaway = session_.goaway();
  if (goaway && goaway->processed) return told.on_turned_away(id(), *goaway->processed);
  told.on_draining(id(), close_reason::goaway);
}

/// The connection is over: its streams fail, and the pool hears of it once.
void h2_connection::lose(close_reason reason, error why) {
  if (is_over_) return;
  fate_ = reason;
  end_streams(reason, why);
  const auto told = owner();
  if (is_probed_ || !told) return;
  if (session_.goaway()) tell_draining(*told);  // it may have come with the end of the connection
  told->on_ended(id(), reason);
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
