#include "providers/retry_policy.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/provider_answer.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::retry_policy_test {
namespace {

using namespace std::chrono_literals;
using time_point = retry_budget::time_point;

constexpr time_point start{1000s};

error status(int value, errc code, headers fields = {}) {
  error out{.code = code, .phase = phase::body, .http_status = value};
  provider_answer answer;
  answer.http_status = value;
  answer.headers = std::move(fields);
  out.answer = std::make_shared<const provider_answer>(std::move(answer));
  return out;
}

error at_phase(errc code, phase where) {
  return {.code = code, .phase = where};
}

std::optional<std::chrono::milliseconds> wait_for(const error& reason, retry_question about = {}) {
  retry_budget budget;
  return next_try(reason, about, budget, start);
}

TEST(backoff, doubles_up_to_8_s_and_is_shortened_by_up_to_a_quarter) {
  EXPECT_EQ(backoff(1, 0), 500ms);
  EXPECT_EQ(backoff(2, 0), 1s);
  EXPECT_EQ(backoff(3, 0), 2s);
  EXPECT_EQ(backoff(5, 0), 8s);
  EXPECT_EQ(backoff(6, 0), 8s);
  EXPECT_EQ(backoff(4'000'000'000, 0), 8s);
  EXPECT_EQ(backoff(1, 1), 375ms);
  EXPECT_EQ(backoff(2, 0.5), 875ms);
  EXPECT_EQ(backoff(9, 1), 6s);
}

TEST(is_retryable, for_the_statuses_that_pass) {
  const std::vector<std::pair<int, errc>> passing{
      {408, errc::bad_request},     {409, errc::conflict},     {429, errc::rate_limited},
      {500, errc::server_error},    {502, errc::server_error}, {503, errc::service_unavailable},
      {504, errc::gateway_timeout}, {529, errc::overloaded},   {200, errc::overloaded}};
  for (const auto& [value, code] : passing)
    EXPECT_TRUE(is_retryable(status(value, code))) << value;
  const std::vector<std::pair<int, errc>> lasting{
      {400, errc::bad_request},          {401, errc::authentication},    {402, errc::billing},
      {403, errc::permission_denied},    {404, errc::not_found},         {413, errc::request_rejected_size},
      {422, errc::unprocessable_entity}, {302, errc::unexpected_status}, {200, errc::unexpected_body}};
  for (const auto& [value, code] : lasting)
    EXPECT_FALSE(is_retryable(status(value, code))) << value;
}

TEST(is_retryable, for_connections_that_fail_before_the_first_byte) {
  for (const auto code : {errc::resolve_failed, errc::connect_failed, errc::connect_timeout, errc::tls_failed,
                          errc::tls_timeout, errc::proxy_failed, errc::connection_lost, errc::stream_refused,
                          errc::stream_reset, errc::inactivity_timeout}) {
    EXPECT_TRUE(is_retryable(at_phase(code, phase::first_byte))) << to_string(code);
  }
  EXPECT_FALSE(is_retryable(at_phase(errc::inactivity_timeout, phase::body)));
  for (const auto code : {errc::invalid_option, errc::missing_api_key, errc::certificate_expired, errc::pool_overflow,
                          errc::pool_acquire_timeout, errc::pool_closed, errc::cancelled, errc::deadline_exceeded,
                          errc::stream_interrupted, errc::stream_idle_timeout, errc::malformed_response,
                          errc::proxy_authentication, errc::response_too_large}) {
    EXPECT_FALSE(is_retryable(at_phase(code, phase::first_byte))) << to_string(code);
  }
}

TEST(is_retryable, as_the_server_advises) {
  EXPECT_TRUE(is_retryable(status(400, errc::bad_request, {{"x-should-retry", "true"}})));
  EXPECT_FALSE(is_retryable(status(500, errc::server_error, {{"X-Should-Retry", "false"}})));
  EXPECT_TRUE(is_retryable(status(500, errc::server_error, {{"x-should-retry", "perhaps"}})));
}

TEST(is_retryable, never_when_the_same_would_come_again) {
  for (const auto* word : {"insufficient_quota", "context_length_exceeded", "content_policy_violation"}) {
    auto reason = status(429, errc::rate_limited, {{"x-should-retry", "true"}});
    reason.provider_code = word;
    EXPECT_FALSE(is_retryable(reason)) << word;
    std::swap(reason.provider_code, reason.provider_type);
    EXPECT_FALSE(is_retryable(reason)) << word;
  }
}

TEST(is_retryable, never_when_the_call_itself_was_ended_whatever_the_server_advises) {
  for (const auto code : {errc::cancelled, errc::deadline_exceeded, errc::pool_closed, errc::forked})
    EXPECT_FALSE(is_retryable(status(500, code, {{"x-should-retry", "true"}}))) << to_string(code);
}

TEST(is_retryable, never_after_an_event_of_the_stream) {
  auto reason = status(200, errc::overloaded);
  reason.partial = std::make_shared<const chat_reply>();
  EXPECT_TRUE(is_retryable(reason));
  chat_reply begun;
  begun.content = "Hel";
  reason.partial = std::make_shared<const chat_reply>(begun);
  EXPECT_FALSE(is_retryable(reason));
  chat_reply called;
  called.tool_calls = {{.name = "f"}};
  reason.partial = std::make_shared<const chat_reply>(called);
  EXPECT_FALSE(is_retryable(reason));
}

TEST(next_try, waits_its_own_time_when_the_provider_says_nothing) {
  EXPECT_EQ(wait_for(status(500, errc::server_error), {.failures = 1, .dice = 0.5}), 437ms);
  EXPECT_EQ(wait_for(status(500, errc::server_error), {.failures = 2}), 1s);
}

TEST(next_try, gives_up_after_so_many_retries) {
  const auto reason = status(500, errc::server_error);
  EXPECT_TRUE(wait_for(reason, {.failures = 2, .max_retries = 2}));
  EXPECT_FALSE(wait_for(reason, {.failures = 3, .max_retries = 2}));
  EXPECT_FALSE(wait_for(reason, {.failures = 1, .max_retries = 0}));
  EXPECT_TRUE(wait_for(reason, {.failures = 9, .max_retries = 9}));
}

TEST(next_try, waits_as_it_is_asked_to_up_to_a_minute) {
  auto reason = status(429, errc::rate_limited);
  reason.retry_after = 1200ms;
  EXPECT_EQ(wait_for(reason), 1200ms);
  reason.retry_after = 60s;
  EXPECT_EQ(wait_for(reason), 60s);
  reason.retry_after = 60'001ms;
  EXPECT_EQ(wait_for(reason), std::nullopt);
  reason.retry_after = 0ms;
  EXPECT_EQ(wait_for(reason), 500ms);
}

TEST(next_try, waits_for_the_reset_of_a_limit_that_is_used_up) {
  const auto limited = [](rate_limits limits) {
    auto reason = status(429, errc::rate_limited);
    auto answer = *reason.answer;
    answer.rate_limits = limits;
    reason.answer = std::make_shared<const provider_answer>(std::move(answer));
    return reason;
  };
  EXPECT_EQ(wait_for(limited({.tokens = {.remaining = 0, .reset = 7s}})), 7s);
  EXPECT_EQ(wait_for(limited({.requests = {.remaining = 0, .reset = 3s}, .tokens = {.remaining = 0, .reset = 7s}})),
            7s);
  EXPECT_EQ(wait_for(limited({.requests = {.remaining = 5, .reset = 3s}})), 500ms);
  EXPECT_EQ(wait_for(limited({.requests = {.remaining = 0}})), 500ms);
  EXPECT_EQ(wait_for(limited({.requests = {.remaining = 0, .reset = 61s}})), std::nullopt);
  auto both = limited({.requests = {.remaining = 0, .reset = 30s}});
  both.retry_after = 2s;
  EXPECT_EQ(wait_for(both), 2s);
}

TEST(deadline_after, does_not_overflow) {
  EXPECT_EQ(deadline_after(start, 5s), start + 5s);
  EXPECT_EQ(deadline_after(start, 24h), start + 24h);
  EXPECT_EQ(deadline_after(start, std::chrono::milliseconds::max()), start + 24h);
  EXPECT_EQ(deadline_after(start, std::chrono::milliseconds::max() - 1ms), start + 24h);
  EXPECT_EQ(deadline_after(start, std::chrono::milliseconds::min()), start);
}

TEST(next_try, does_not_outlast_the_deadline) {
  const auto reason = status(500, errc::server_error);
  EXPECT_TRUE(wait_for(reason, {.time_left = 501ms}));
  EXPECT_FALSE(wait_for(reason, {.time_left = 500ms}));
}

TEST(retry_budget, allows_a_few_whatever_the_number_of_calls) {
  retry_budget budget;
  budget.note_call(start);
  for (std::uint64_t i = 0; i < retry_budget::always_allowed; ++i)
    EXPECT_TRUE(budget.take(start));
  EXPECT_FALSE(budget.take(start));
}

TEST(retry_budget, allows_a_fifth_of_the_recent_calls) {
  retry_budget budget;
  std::uint64_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.note_call(start + std::chrono::milliseconds(i * 10));
    // Each call fails, and would like two.
    for (int retry = 0; retry < 2; ++retry)
      taken += budget.take(start + std::chrono::milliseconds(i * 10)) ? 1 : 0;
  }
  EXPECT_EQ(taken, 200U);
}

TEST(retry_budget, is_as_new_when_a_window_has_passed_without_a_call) {
  retry_budget budget;
  EXPECT_TRUE(budget.is_as_new(start));
  budget.note_call(start);
  EXPECT_FALSE(budget.is_as_new(start));
  EXPECT_FALSE(budget.is_as_new(start + 50s));
  EXPECT_TRUE(budget.is_as_new(start + 66s));
}

TEST(retry_budget, forgets_what_is_older_than_its_window) {
  retry_budget budget;
  for (int i = 0; i < 1000; ++i)
    budget.note_call(start);
  for (int i = 0; i < 200; ++i)
    EXPECT_TRUE(budget.take(start));
  EXPECT_FALSE(budget.take(start + 54s));
  EXPECT_TRUE(budget.take(start + 61s));
  for (std::uint64_t i = 1; i < retry_budget::always_allowed; ++i)
    EXPECT_TRUE(budget.take(start + 61s));
  EXPECT_FALSE(budget.take(start + 61s));
  EXPECT_TRUE(budget.take(start + 24h));
  retry_budget old;
  for (int i = 0; i < 1000; ++i)
    old.note_call(start);
  for (std::uint64_t i = 0; i < retry_budget::always_allowed; ++i)
    EXPECT_TRUE(old.take(start + 73s));
  EXPECT_FALSE(old.take(start + 73s));
}

TEST(next_try, takes_nothing_from_the_budget_when_it_gives_up) {
  retry_budget budget;
  auto reason = status(429, errc::rate_limited);
  reason.retry_after = 2min;
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(next_try(reason, {}, budget, start));
  for (std::uint64_t i = 0; i < retry_budget::always_allowed; ++i)
    EXPECT_TRUE(next_try(status(500, errc::server_error), {}, budget, start));
  EXPECT_FALSE(next_try(status(500, errc::server_error), {}, budget, start));
}

}  // namespace
}  // namespace warmwire::providers::retry_policy_test
