// Reading the body of an exchange, and leaving it unread.
#include "transport/exchange.hpp"
#include "transport/transport_core.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace warmwire::detail {

using connection::clock;
using goal = connection::h1_connection::goal;

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

}  // namespace

boost::asio::awaitable<result<std::string>> exchange::read() {
  const auto self = shared_from_this();
  if (failure_) co_return *failure_;
  if (!lease_ || !body_.empty()) co_return std::exchange(body_, {});
  const auto living = living_;
  advancing_ = true;
  auto reached = co_await lease_->advance(goal::some_body, unlimited);
  advancing_ = false;
  if (!reached) {
    auto failure = describe(reached.error());
    end_exchange(end_of(failure));
    co_return fail(std::move(failure));
  }
  if (lease_->response().is_done()) {
    finish();
  } else {
    body_ = std::exchange(lease_->response().body(), {});
  }
  co_return std::exchange(body_, {});
}

void exchange::abandon() {
  if (settled_ || !lease_) return;
  const auto left = lease_->response().remaining();
  if (lease_->advance_without_waiting()) return finish();
  if (cut_ || left.value_or(0) > config_->settings.drain_bytes) {
    end_exchange(close_reason::body_abandoned);
    return settle();
  }
  total_due_ = std::min(total_due_, clock::now() + config_->settings.drain_timeout);
  look_again_at(total_due_);
  boost::asio::co_spawn(core_->executor(), drain(), boost::asio::detached);
}

/// What is left is read and thrown away for a while: cheaper than a new connection.
boost::asio::awaitable<void> exchange::drain() {
  const auto self = shared_from_this();
  const auto living = living_;
  std::size_t drained = 0;
  while (lease_) {
    advancing_ = true;
    const auto reached = co_await lease_->advance(goal::some_body, unlimited);
    advancing_ = false;
    drained += std::exchange(lease_->response().body(), {}).size();
    if (reached && lease_->response().is_done()) co_return finish();
    if (!reached || drained > config_->settings.drain_bytes) {
      end_exchange(close_reason::body_abandoned);
      co_return settle();
    }
  }
}

}  // namespace warmwire::detail
