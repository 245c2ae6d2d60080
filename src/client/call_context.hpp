// What the calls of one client share. Lives on the transport's executor but for what says otherwise.
#pragma once

#include "providers/retry_policy.hpp"

#include <warmwire/client_options.hpp>
#include <warmwire/error.hpp>
#include <warmwire/options.hpp>
#include <warmwire/request.hpp>
#include <warmwire/response_stream.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>

namespace warmwire {

namespace detail {
class transport_core;
}

/// What the calls of one client share: the transport's core, which outlives the transport where a call still runs, the
/// clock and the dice of its retries, and the waits between tries. Kept alive by each call.
class call_context {
 public:
  using clock = std::chrono::steady_clock;

  call_context(std::shared_ptr<detail::transport_core> over, retry_timing timing);

  /// As `transport::async_send` and `transport::async_open`; `pool_closed` when the transport is gone.
  boost::asio::awaitable<result<response>> send(request message) const;
  boost::asio::awaitable<result<response_stream>> open(request message) const;
  [[nodiscard]] pool_settings settings(std::string_view provider) const;

  [[nodiscard]] clock::time_point now() const { return timing_.now ? timing_.now() : clock::now(); }
  void note_call(const std::string& provider);
  [[nodiscard]] std::optional<std::chrono::milliseconds> next_try(const std::string& provider, const error& reason,
                                                                  providers::retry_question about);

  /// Servers of which it was seen that they refuse vectors in base64.
  [[nodiscard]] bool is_base64_refused(const std::string& provider) const { return without_base64_.contains(provider); }
  void note_base64_refused(const std::string& provider) { without_base64_.insert(provider); }

  /// False when the wait was cut short, by the caller's cancellation or by `abandon`.
  boost::asio::awaitable<bool> wait(std::chrono::milliseconds time);

  /// The client is going, and perhaps the transport after it: no call is tried again. From any thread. In a fork it
  /// does nothing: the calls are the parent's.
  static void abandon(const std::shared_ptr<call_context>& self);
  [[nodiscard]] bool is_abandoned() const noexcept { return is_abandoned_; }

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

 private:
  class waiting;
  [[nodiscard]] std::function<void()> ending_of(const std::shared_ptr<boost::asio::steady_timer>& timer) const;

  // Constant after construction
  const std::shared_ptr<detail::transport_core> core_;
  const boost::asio::any_io_executor executor_;
  const retry_timing timing_;
  const pid_t process_ = ::getpid();
  // On the executor
  std::mt19937 dice_{std::random_device{}()};
  std::set<boost::asio::steady_timer*> timers_;
  std::set<std::string> without_base64_;
  // Any thread
  std::atomic<int> waits_ = 0;
  std::atomic<bool> is_abandoned_ = false;
};

}  // namespace warmwire
