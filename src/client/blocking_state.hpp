// What a blocking_transport runs on: a thread, its event loop and the transport that lives there.
#pragma once

#include "http/thrown.hpp"

#include <warmwire/blocking_transport.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <sys/types.h>
#include <thread>
#include <utility>

namespace warmwire {

/// Shared by its blocking_transport and by the thread, so that either may end first.
class WARMWIRE_INTERNAL blocking_transport::state : public std::enable_shared_from_this<state> {
 public:
  explicit state(transport_options options);

  /// Starts the thread. Throws std::system_error when the system has none to give.
  void start();
  /// Ends the transport and the thread, and waits for it; on the thread itself it only begins to. In a fork it does
  /// nothing, see `~blocking_transport`.
  void stop();

  /// Calls `start(handler)` on the caller's thread and blocks until `handler` was called with the outcome.
  /// Errors: `forked`, `would_deadlock`, those of the operation, and `internal` for what `start` throws.
  template <class T, class Start>
  result<T> wait(Start start) {
    if (auto barred = why_barred()) return std::move(*barred);
    try {
      // The handler owns the promise, and nothing of `this` is touched after the wait: a caller that is woken by the
      // destructor may outlive it.
      std::promise<result<T>> promise;
      auto outcome = promise.get_future();
      start([promise = std::move(promise)](result<T> value) mutable { promise.set_value(std::move(value)); });
      return outcome.get();
    } catch (...) {
      // A promise that was broken among it: the handler was lost, with the event that an exception ended.
      return http::error_of(std::current_exception());
    }
  }

  /// The same for functions that may only be called on the transport's thread: `work(transport)` returns a `result<T>`.
  template <class T, class Work>
  result<T> on_thread(Work work) {
    return wait<T>([this, &work](auto handler) {
      boost::asio::post(context_, [this, work = std::move(work), handler = std::move(handler)]() mutable {
        handler(done_here<T>(work));
      });
    });
  }

  /// Lets go of what lives on the thread. In a fork it is kept: it is the parent's.
  void drop(std::shared_ptr<void> what) noexcept;

  /// For what may be called from any thread; valid until `stop`.
  [[nodiscard]] transport& inner() noexcept { return *transport_; }

 private:
  template <class T, class Work>
  result<T> done_here(Work& work) noexcept {
    try {
      return transport_ ? work(*transport_) : result<T>(ended());
    } catch (...) {
      return http::error_of(std::current_exception());
    }
  }

  void run() noexcept;
  [[nodiscard]] std::optional<error> why_barred() const;
  [[nodiscard]] static error ended();
  [[nodiscard]] bool is_forked() const;

  // Constant after construction
  const pid_t process_;
  std::thread thread_;
  // Any thread
  boost::asio::io_context context_{1};
  // On the thread
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  std::optional<transport> transport_;
};

}  // namespace warmwire
