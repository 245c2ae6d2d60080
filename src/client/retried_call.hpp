// One call of a provider, tried until it succeeds or its error is the answer. Lives on the transport's executor.
#pragma once

#include "client/call_context.hpp"
#include "client/open_chat.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/error.hpp>
#include <warmwire/provider_answer.hpp>
#include <warmwire/request.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
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
