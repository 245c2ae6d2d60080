// One call of a provider, tried until it succeeds or its error is the answer. Lives on the transport's executor.
#pragma once

#include "providers/provider_config.hpp"
#include "providers/retry_policy.hpp"

#include <warmwire/error.hpp>
#include <warmwire/request.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <utility>
#include <vector>

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

template <class Reply>
struct retried_call {
  std::shared_ptr<const providers::provider_config> config;
  request message;
  std::function<result<Reply>(const providers::provider_config&, response&&)> decode;
  std::uint32_t max_retries = 2;
};

/// Errors: those of the last try. The deadline is one for all tries and the waits between them.
template <class Reply>
boost::asio::awaitable<result<Reply>> run_call(std::shared_ptr<call_context> context, retried_call<Reply> call) {
  namespace asio = boost::asio;
  using clock = call_context::clock;
  using std::chrono::milliseconds;
  // Cancellation is an answer of the transport's, not an exception.
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await asio::this_coro::throw_if_cancelled(false);

  const auto& provider = call.config->provider;
  const auto settings = context->transport.settings(provider);
  const auto deadline = clock::now() + call.message.timeout.value_or(settings.total_timeout);
  const auto time_left = [&] { return std::chrono::duration_cast<milliseconds>(deadline - clock::now()); };
  context->note_call(provider);
  std::vector<failed_attempt> failed;
  while (true) {
    const bool is_last = failed.size() >= call.max_retries;
    auto message = is_last ? std::move(call.message) : call.message;
    if (!failed.empty()) message.timeout = std::max(time_left(), milliseconds(1));
    auto answer = co_await context->transport.async_send(std::move(message), asio::use_awaitable);
    auto outcome = answer ? call.decode(*call.config, std::move(*answer))
                          : result<Reply>(call.config->redact(std::move(answer).error()));
    if (outcome) {
      outcome->provenance.failed_attempts = std::move(failed);
      co_return outcome;
    }
    auto reason = std::move(outcome).error();
    const auto failures = static_cast<std::uint32_t>(failed.size() + 1);
    const auto wait = context->next_try(
        provider, reason, {.failures = failures, .max_retries = call.max_retries, .time_left = time_left()});
    bool goes_on = wait.has_value();
    if (goes_on) goes_on = co_await context->wait(*wait);
    if (!goes_on && (!wait || context->is_abandoned())) {
      reason.failed_attempts = std::move(failed);
      co_return reason;
    }
    failed.push_back({.code = reason.code,
                      .http_status = reason.http_status,
                      .request_id = std::move(reason.request_id),
                      .waited = *wait});
    if (goes_on) continue;
    co_return error{.code = errc::cancelled,
                    .message = "cancelled while it waited to be tried again",
                    .failed_attempts = std::move(failed)};
  }
}

}  // namespace warmwire
