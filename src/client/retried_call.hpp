// One call of a provider, tried until it succeeds or its error is the answer. Lives on the transport's executor.
#pragma once

#include "client/call_context.hpp"
#include "client/open_chat.hpp"
#include "providers/provider_config.hpp"
#include "providers/retry_policy.hpp"

#include <warmwire/error.hpp>
#include <warmwire/provider_answer.hpp>
#include <warmwire/request.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace warmwire {

template <class Reply>
struct retried_call {
  std::shared_ptr<const providers::provider_config> config;
  request message;
  std::function<boost::asio::awaitable<result<Reply>>(request)> attempt;  ///< sends it once
  std::uint32_t max_retries = 2;
};

inline void note_attempts(provider_answer& of, std::vector<failed_attempt> failed) {
  of.provenance.failed_attempts = std::move(failed);
}

inline void note_attempts(const std::shared_ptr<detail::open_chat>& of, std::vector<failed_attempt> failed) {
  of->set_failed_attempts(std::move(failed));
}

inline failed_attempt attempt_that(error failed, std::chrono::milliseconds waited) {
  return {.code = failed.code,
          .http_status = failed.http_status,
          .request_id = std::move(failed.request_id),
          .waited = waited};
}

/// Errors: those of the last try; `cancelled` and `deadline_exceeded` where it was to be followed by another. The
/// deadline is one for all tries and the waits between them. To be run by `detail::spawn`.
template <class Reply>
boost::asio::awaitable<result<Reply>> run_call(std::shared_ptr<call_context> context, retried_call<Reply> call) {
  namespace asio = boost::asio;
  using std::chrono::milliseconds;
  const auto& provider = call.config->provider;
  const auto timeout = call.message.timeout.value_or(context->settings(provider).total_timeout);
  const auto deadline = providers::deadline_after(context->now(), timeout);
  const auto time_left = [&] { return std::chrono::duration_cast<milliseconds>(deadline - context->now()); };
  context->note_call(provider);
  std::vector<failed_attempt> failed;
  while (true) {
    const bool is_last = failed.size() >= call.max_retries;
    auto message = is_last ? std::move(call.message) : call.message;
    if (!failed.empty()) message.timeout = time_left();
    auto outcome = co_await call.attempt(std::move(message));
    if (outcome) {
      note_attempts(*outcome, std::move(failed));
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
    failed.push_back(attempt_that(std::move(reason), *wait));
    // It may have come while nothing waited that could have heard it.
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (!goes_on || cancellation.cancelled() != asio::cancellation_type::none) {
      co_return error{.code = errc::cancelled,
                      .message = "cancelled while it waited to be tried again",
                      .failed_attempts = std::move(failed)};
    }
    if (time_left() < milliseconds(1)) {
      co_return error{.code = errc::deadline_exceeded,
                      .message = "the deadline passed while it waited to be tried again",
                      .failed_attempts = std::move(failed)};
    }
  }
}

}  // namespace warmwire
