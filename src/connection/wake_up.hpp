// Lets one coroutine sleep until something happens that is not an Asio operation of its own. One executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace warmwire::connection {

/// At most one coroutine sleeps at a time. A wake-up with nobody asleep is lost: keep what happened in a variable and
/// look at it before each `sleep()`. Destroying it destroys the sleeping coroutine.
class wake_up {
 public:
  [[nodiscard]] boost::asio::awaitable<void> sleep() {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        [this](auto handler) { sleeper_.emplace(std::move(handler)); }, boost::asio::use_awaitable);
  }

  [[nodiscard]] bool is_asleep() const noexcept { return sleeper_.has_value(); }

  /// Resumes the sleeper from the event loop: safe to call from anywhere on the executor.
  void fire() {
    if (sleeper_) boost::asio::post(take());
  }

  /// Resumes the sleeper before it returns: only from a completion handler that does nothing afterwards.
  void fire_now() {
    if (sleeper_) take()();
  }

 private:
  using sleeper = boost::asio::async_result<boost::asio::use_awaitable_t<>, void()>::handler_type;

  sleeper take() {
    sleeper taken = std::move(*sleeper_);
    sleeper_.reset();
    return taken;
  }

  std::optional<sleeper> sleeper_;
};

}  // namespace warmwire::connection
