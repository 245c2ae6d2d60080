// Counts the sockets and tasks of a provider's pool, so that closing it can wait until none is left. One executor.
#pragma once

#include "pool/types.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace warmwire::detail {

class live_count : public std::enable_shared_from_this<live_count> {
 public:
  /// Counts as one living thing until the returned token and its copies are gone.
  [[nodiscard]] std::shared_ptr<void> token() {
    ++living_;
    return std::shared_ptr<void>(nullptr, [self = shared_from_this()](void*) { self->on_gone(); });
  }

  [[nodiscard]] bool is_zero() const noexcept { return living_ == 0; }

  /// Whoever waits looks again: woken when the count falls to zero, and by `wake_waiters`.
  class waiter {
   public:
    waiter(std::shared_ptr<live_count> count, const boost::asio::any_io_executor& executor)
        : count_(std::move(count)), timer_(executor) {
      count_->waiters_.push_back(&timer_);
    }
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    ~waiter() { std::erase(count_->waiters_, &timer_); }

    boost::asio::awaitable<void> wait_until(pool::time_point limit) {
      boost::system::error_code ec;
      timer_.expires_at(limit);
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
    }

   private:
    std::shared_ptr<live_count> count_;
    boost::asio::steady_timer timer_;
  };

  void wake_waiters() {
    for (auto* timer : waiters_)
      timer->cancel();
  }

 private:
  void on_gone() {
    if (--living_ == 0) wake_waiters();
  }

  std::size_t living_ = 0;
  std::vector<boost::asio::steady_timer*> waiters_;
};

}  // namespace warmwire::detail
