// Runs a coroutine for a caller whose cancellation is to reach it. No state of its own; on the executor.
#pragma once

#include "http/thrown.hpp"

#include <warmwire/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace warmwire::detail {

/// The cancellation of one coroutine, shared by it, by its completion handler and by whoever may cancel it. A wish that
/// comes before the coroutine has begun is kept until then: Asio would throw it out of the event loop.
class coroutine_stop {
 public:
  using cancellation = boost::asio::cancellation_type;

  void emit(cancellation how) {
    if (has_begun_) return signal_.emit(how);
    wish_ = how;
  }

  /// The coroutine listens, and takes cancellation for an answer instead of an exception.
  void begin() {
    has_begun_ = true;
    if (wish_ != cancellation::none) signal_.emit(wish_);
  }

  [[nodiscard]] boost::asio::cancellation_slot slot() noexcept { return signal_.slot(); }

 private:
  boost::asio::cancellation_signal signal_;
  cancellation wish_ = cancellation::none;
  bool has_begun_ = false;
};

using shared_stop = std::shared_ptr<coroutine_stop>;

/// A completion handler for `co_spawn` that keeps what cancels its coroutine alive. It names no executor, so that
/// `co_spawn` passes a cancellation on at once: with one, Asio 1.81 posts a bare pointer into the signal, and the
/// coroutine may have ended before that is looked at.
template <class End>
class stoppable_end {
 public:
  using cancellation_slot_type = boost::asio::cancellation_slot;

  stoppable_end(shared_stop stop, End end) : stop_(std::move(stop)), end_(std::move(end)) {}

  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return stop_ ? stop_->slot() : cancellation_slot_type();
  }

  template <class... Args>
  void operator()(Args&&... args) {
    end_(std::forward<Args>(args)...);
  }

 private:
  shared_stop stop_;
  End end_;
};

template <class T>
boost::asio::awaitable<T> run_stoppable(shared_stop stop, boost::asio::awaitable<T> task) {
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  stop->begin();
  co_return co_await std::move(task);
}

/// `end` is called with an exception, if there was one, and with what the coroutine returns. In the coroutine a
/// cancellation is never an exception.
template <class T, class End>
void spawn_stoppable(const boost::asio::any_io_executor& executor, boost::asio::awaitable<T> task, shared_stop stop,
                     End end) {
  if (stop) task = run_stoppable(stop, std::move(task));
  boost::asio::co_spawn(executor, std::move(task), stoppable_end(std::move(stop), std::move(end)));
}

/// `end` is called with what the coroutine returns, or with the error that it ended with instead. A cancellation from
/// `slot` is passed on by the executor, whoever emits it and however late: `slot` is not needed afterwards.
template <class T, class End>
void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<result<T>> task,
           boost::asio::cancellation_slot slot, End end) {
  shared_stop stop;
  if (slot.is_connected()) {
    stop = std::make_shared<coroutine_stop>();
    slot.assign([weak = std::weak_ptr(stop), executor](boost::asio::cancellation_type how) {
      boost::asio::dispatch(executor, [weak, how] {
        if (const auto running = weak.lock()) running->emit(how);
      });
    });
  }
  auto ended = [end = std::move(end)](const std::exception_ptr& thrown, result<T> outcome) mutable {
    if (thrown) outcome = http::error_of(thrown);
    end(std::move(outcome));
  };
  spawn_stoppable(executor, std::move(task), std::move(stop), std::move(ended));
}

/// Calls `begin(done)`; when that throws, `done` hears of it, later: never from within the initiating function, whose
/// caller may hold a lock.
template <class Completion, class Begin>
void begin_or_fail(const boost::asio::any_io_executor& executor, const Completion& done, Begin begin) {
  try {
    begin(done);
  } catch (...) {
    auto why = http::error_of(std::current_exception());
    boost::asio::post(executor, [done = done, why = std::move(why)]() mutable { done(std::move(why)); });
  }
}

}  // namespace warmwire::detail
