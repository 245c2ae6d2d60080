// Reading the body of an exchange, and leaving it unread.
#include "transport/exchange.hpp"
#include "transport/transport_core.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace warmwire::detail {

using connection::clock;
using connection::goal;

boost::asio::awaitable<result<std::string>> exchange::read() {
  is_read_ = true;
  return read_on();
}

boost::asio::awaitable<result<std::string>> exchange::read_on() {
  const auto self = shared_from_this();
  const auto reading = std::shared_ptr<void>(nullptr, [this](void*) { is_read_ = false; });
  if (lease_ && core_->is_forked()) interrupt(errc::forked);
  if (failure_) co_return *failure_;
  if (!lease_ || !body_.empty()) co_return std::exchange(body_, {});
  const auto living = living_;
  const auto reached = co_await advance_within_limits();
  if (!reached) {
    auto failure = describe(reached.error());
    end_exchange(end_of(failure));
    co_return fail(std::move(failure));
  }
  if (lease_->is_done()) {
    finish();
  } else {
    body_ = std::exchange(lease_->body(), {});
  }
  co_return std::exchange(body_, {});
}

void exchange::limit_rest(std::optional<std::chrono::milliseconds> wait) noexcept {
  using std::chrono::milliseconds;
  if (wait) wait = std::clamp<milliseconds>(*wait, milliseconds(0), std::chrono::hours(24));
  rest_left_ = wait;
}

boost::asio::awaitable<result<void>> exchange::advance_within_limits() {
  const auto began = clock::now();
  if (rest_left_) {
    rest_due_ = began + *rest_left_;
    look_again_at(std::min({total_due_, rest_due_, began + silence_limit(), reported_ ? total_due_ : report_due()}));
  }
  advancing_ = true;
  auto reached = co_await lease_->advance(goal::some_body, unlimited);
  advancing_ = false;
  rest_due_ = pool::time_point::max();
  if (rest_left_) {
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
    rest_left_ = std::max(*rest_left_ - waited, std::chrono::milliseconds(0));
  }
  co_return reached;
}

void exchange::abandon() noexcept {
  try {
    reset_or_drain();
  } catch (...) {
    break_off(std::current_exception());
  }
}

void exchange::drain() noexcept {
  try {
    drain_if_worth_it();
  } catch (...) {
    break_off(std::current_exception());
  }
}

void exchange::reset_or_drain() {
  if (settled_ || !lease_) return;
  if (core_->is_forked()) return interrupt(errc::forked);
  if (advancing_ || is_read_) return interrupt(errc::cancelled);
  if (lease_->version() != connection::http_version::http_2) return drain_if_worth_it();
  const auto done = lease_->advance_without_waiting();
  if (done && *done) return finish();
  leave_rest(done ? close_reason::body_abandoned : lease_->fate());
}

void exchange::drain_if_worth_it() {
  if (settled_ || !lease_) return;
  if (core_->is_forked()) return interrupt(errc::forked);
  const auto left = lease_->remaining();
  const bool is_worth_it = outgoing_->is_finished() && left.value_or(0) <= config_->settings.drain_bytes;
  if (!is_worth_it) return leave_rest(close_reason::body_abandoned);
  const auto done = lease_->advance_without_waiting();
  if (!done) return leave_rest(lease_->fate());
  if (*done) return finish();
  total_due_ = std::min(total_due_, clock::now() + config_->settings.drain_timeout);
  look_again_at(total_due_);
  boost::asio::co_spawn(core_->executor(), read_away(shared_from_this()), boost::asio::detached);
}

void exchange::leave_rest(close_reason reason) {
  end_exchange(reason);
  settle();
}

/// What is left is read and thrown away for a while: cheaper than a new connection.
boost::asio::awaitable<void> exchange::read_away(std::shared_ptr<exchange> self) {
  auto& lease = self->lease_;
  const auto living = self->living_;
  std::size_t drained = 0;
  while (lease) {
    self->advancing_ = true;
    const auto reached = co_await lease->advance(goal::some_body, unlimited);
    self->advancing_ = false;
    if (!reached) co_return self->leave_rest(self->cut_ ? close_reason::body_abandoned : lease->fate());
    drained += std::exchange(lease->body(), {}).size();
    if (lease->is_done()) co_return self->finish();
    if (drained > self->config_->settings.drain_bytes) co_return self->leave_rest(close_reason::body_abandoned);
  }
}

}  // namespace warmwire::detail
