// Carries any completion handler of signature void(result<T>) into compiled code. Not for direct use.
#pragma once

#include <warmwire/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <memory>
#include <utility>

namespace warmwire::detail {

/// A completion handler with its type erased. Its copies are one: the first call of any runs the handler, on the
/// handler's own executor or else on that of the object it was given to, and the later ones do nothing. Until then that
/// executor's work is counted. What the handler throws leaves the function that runs its executor, as it does
/// throughout Asio.
template <class T>
class completion {
 public:
  template <class CompletionHandler>
  completion(CompletionHandler handler, const boost::asio::any_io_executor& otherwise)
      : slot_(boost::asio::get_associated_cancellation_slot(handler)),
        target_(std::make_shared<holder<CompletionHandler>>(std::move(handler), otherwise)) {}

  /// Where the caller's cancellation arrives.
  [[nodiscard]] boost::asio::cancellation_slot slot() const noexcept { return slot_; }

  void operator()(result<T> outcome) {
    if (const auto target = std::exchange(target_, nullptr)) target->complete(std::move(outcome));
  }

 private:
  struct base {
    virtual ~base() = default;
    virtual void complete(result<T> outcome) = 0;
  };

  template <class CompletionHandler>
  struct holder final : base {
    using executor_type = boost::asio::associated_executor_t<CompletionHandler, boost::asio::any_io_executor>;

    holder(CompletionHandler target, const boost::asio::any_io_executor& otherwise)
        : handler(std::move(target)), work(boost::asio::get_associated_executor(handler, otherwise)) {}

    void complete(result<T> outcome) override {
      if (!work.owns_work()) return;
      const executor_type executor = work.get_executor();
      boost::asio::executor_work_guard<executor_type> until_then(std::move(work));
      boost::asio::dispatch(executor, [target = std::move(handler), value = std::move(outcome)]() mutable {
        std::move(target)(std::move(value));
      });
    }

    CompletionHandler handler;
    boost::asio::executor_work_guard<executor_type> work;
  };

  boost::asio::cancellation_slot slot_;
  std::shared_ptr<base> target_;
};

/// `async_initiate` for operations of signature void(result<T>) that start with a `completion<T>`, on an object that
/// lives on `executor`.
template <class T, class Start, class CompletionToken, class... Args>
auto async_result_of(const boost::asio::any_io_executor& executor, Start start, CompletionToken&& token,
                     Args&&... args) {
  return boost::asio::async_initiate<CompletionToken, void(result<T>)>(
      [start = std::move(start), executor](auto handler, auto&&... values) mutable {
        start(std::forward<decltype(values)>(values)..., completion<T>(std::move(handler), executor));
      },
      token, std::forward<Args>(args)...);
}

}  // namespace warmwire::detail
