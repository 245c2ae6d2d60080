// Carries any completion handler of signature void(result<T>) into compiled code. Not for direct use.
#pragma once

#include <warmwire/error.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/system_executor.hpp>

#include <memory>
#include <utility>

namespace warmwire::detail {

/// A completion handler with its type erased. Call it once; it runs the handler on the handler's own executor, and
/// keeps that executor's work counted until then.
template <class T>
class completion {
 public:
  template <class CompletionHandler>
  explicit completion(CompletionHandler handler)
      : slot_(boost::asio::get_associated_cancellation_slot(handler)),
        target_(std::make_unique<holder<CompletionHandler>>(std::move(handler))) {}

  /// Where the caller's cancellation arrives.
  [[nodiscard]] boost::asio::cancellation_slot slot() const noexcept { return slot_; }

  void operator()(result<T> outcome) { std::exchange(target_, nullptr)->complete(std::move(outcome)); }

 private:
  struct base {
    virtual ~base() = default;
    virtual void complete(result<T> outcome) = 0;
  };

  template <class CompletionHandler>
  struct holder final : base {
    explicit holder(CompletionHandler target) : handler(std::move(target)), work(executor_of(handler)) {}

    static auto executor_of(const CompletionHandler& target) {
      return boost::asio::get_associated_executor(target, boost::asio::system_executor());
    }

    void complete(result<T> outcome) override {
      auto executor = work.get_executor();
      boost::asio::dispatch(executor, [target = std::move(handler), value = std::move(outcome)]() mutable {
        std::move(target)(std::move(value));
      });
      work.reset();
    }

    CompletionHandler handler;
    boost::asio::executor_work_guard<decltype(executor_of(std::declval<const CompletionHandler&>()))> work;
  };

  boost::asio::cancellation_slot slot_;
  std::unique_ptr<base> target_;
};

/// `async_initiate` for operations of signature void(result<T>) that start with a `completion<T>`.
template <class T, class Start, class CompletionToken, class... Args>
auto async_result_of(Start start, CompletionToken&& token, Args&&... args) {
  return boost::asio::async_initiate<CompletionToken, void(result<T>)>(
      [start = std::move(start)](auto handler, auto&&... values) mutable {
        start(std::forward<decltype(values)>(values)..., completion<T>(std::move(handler)));
      },
      token, std::forward<Args>(args)...);
}

}  // namespace warmwire::detail
