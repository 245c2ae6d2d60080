// What the calls of one client share. Lives on the transport's executor but for what says otherwise.
#pragma once

#include "providers/retry_policy.hpp"

#include <warmwire/error.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <sys/types.h>
#include <unistd.h>

namespace warmwire {

/// What the calls of one client share: the transport, the budgets of retries, the dice, and the waits between tries.
/// Kept alive by each call.
class call_context {
 public:
  using clock = std::chrono::steady_clock;

  explicit call_context(warmwire::transport& over) : transport(over), executor(over.get_executor()) {}

  void note_call(const std::string& provider) { budgets_[provider].note_call(clock::now()); }

  [[nodiscard]] std::optional<std::chrono::milliseconds> next_try(const std::string& provider, const error& reason,
                                                                  providers::retry_question about) {
    about.dice = std::uniform_real_distribution<double>(0, 1)(dice_);
    return providers::next_try(reason, about, budgets_[provider], clock::now());
  }

  /// False when the wait was cut short, by the caller's cancellation or by `abandon`.
  boost::asio::awaitable<bool> wait(std::chrono::milliseconds time) {
    ++waits_;
    if (!is_abandoned_) {
      boost::asio::steady_timer timer(executor, time);
      timers_.insert(&timer);
      boost::system::error_code ec;
      co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
      timers_.erase(&timer);
      --waits_;
      co_return !ec && !is_abandoned_;
    }
    --waits_;
    co_return false;
  }

  /// The client is going, and perhaps the transport after it: no call is tried again. From any thread. In a fork it
  /// does nothing: the calls are the parent's.
  static void abandon(const std::shared_ptr<call_context>& self) {
    if (::getpid() != self->process_) return;
    // A wait that does not see this is seen by what follows.
    self->is_abandoned_ = true;
    if (self->waits_ == 0) return;
    boost::asio::dispatch(self->executor, [self] {
      for (auto* timer : self->timers_)
        timer->cancel();
    });
  }

  [[nodiscard]] bool is_abandoned() const noexcept { return is_abandoned_; }

  // Constant after construction
  warmwire::transport& transport;
  const boost::asio::any_io_executor executor;

 private:
  const pid_t process_ = ::getpid();
  // On the executor
  std::map<std::string, providers::retry_budget> budgets_;
  std::mt19937 dice_{std::random_device{}()};
  std::set<boost::asio::steady_timer*> timers_;
  // Any thread
  std::atomic<int> waits_ = 0;
  std::atomic<bool> is_abandoned_ = false;
};

}  // namespace warmwire
