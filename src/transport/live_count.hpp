// Counts the sockets and tasks of a provider's pool, so that closing it can wait until none is left. One executor.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
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

  /// Timers that are cancelled each time the count falls to zero.
  void add_waiter(boost::asio::steady_timer& timer) { waiters_.push_back(&timer); }
  void remove_waiter(boost::asio::steady_timer& timer) { std::erase(waiters_, &timer); }

 private:
  void on_gone() {
    if (--living_ > 0) return;
    for (auto* timer : waiters_)
      timer->cancel();
  }

  std::size_t living_ = 0;
  std::vector<boost::asio::steady_timer*> waiters_;
};

}  // namespace warmwire::detail
