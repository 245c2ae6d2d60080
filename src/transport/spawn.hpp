// Runs a coroutine for a caller whose cancellation is to reach it. No state of its own; on the executor.
#pragma once

#include "http/thrown.hpp"

#include <warmwire/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace warmwire::detail {

using shared_signal = std::shared_ptr<boost::asio::cancellation_signal>;

/// A completion handler for `co_spawn` that keeps the signal of its coroutine alive. It names no executor, so that
/// `co_spawn` passes a cancellation on at once: with one, Asio up to 1.81 posts a bare pointer into the signal, and the
/// coroutine may have ended before that is looked at.
template <class End>
class cancellable_end {
 public:
  using cancellation_slot_type = boost::asio::cancellation_slot;

  cancellable_end(shared_signal signal, End end) : signal_(std::move(signal)), end_(std::move(end)) {}

  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return signal_ ? signal_->slot() : cancellation_slot_type();
  }

  template <class... Args>
  void operator()(Args&&... args) {
    end_(std::forward<Args>(args)...);
  }

 private:
  shared_signal signal_;
  End end_;
};

/// What a coroutine that was cancelled before it began, or that threw, ends its call with.
inline error error_of_coroutine(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& failed) {
    if (failed.code() == boost::asio::error::operation_aborted) return {.code = errc::cancelled};
  } catch (...) {
  }
  return http::error_of(thrown);
}

/// `end` is called with what the coroutine returns, or with the error that it ended with instead. A cancellation from
/// `slot` is passed on by the executor, whoever emits it and however late: `slot` is not needed afterwards.
template <class T, class End>
void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<result<T>> task,
           boost::asio::cancellation_slot slot, End end) {
  shared_signal inner;
  if (slot.is_connected()) {
    inner = std::make_shared<boost::asio::cancellation_signal>();
    slot.assign([weak = std::weak_ptr(inner), executor](boost::asio::cancellation_type how) {
      boost::asio::dispatch(executor, [weak, how] {
        if (const auto running = weak.lock()) running->emit(how);
      });
    });
  }
  auto ended = [end = std::move(end)](const std::exception_ptr& thrown, result<T> outcome) mutable {
    if (thrown) outcome = error_of_coroutine(thrown);
    end(std::move(outcome));
  };
  boost::asio::co_spawn(executor, std::move(task), cancellable_end(std::move(inner), std::move(ended)));
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
