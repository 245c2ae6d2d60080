#include "providers/limit_headers.hpp"

#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace warmwire::providers::limit_headers_test {
namespace {

using namespace std::chrono_literals;

TEST(rate_limits, are_nothing_where_nothing_is_said) {
  EXPECT_EQ(rate_limits_in({{"content-type", "text/plain"}}), rate_limits{});
}

TEST(rate_limits, are_read_as_openai_writes_them) {
  const auto read = rate_limits_in({{"x-ratelimit-limit-requests", "5000"},
                                    {"x-ratelimit-remaining-requests", "4999"},
                                    {"x-ratelimit-reset-requests", "12ms"},
                                    {"X-RateLimit-Limit-Tokens", "160000"},
                                    {"X-RateLimit-Remaining-Tokens", "0"},
                                    {"X-RateLimit-Reset-Tokens", "6m0s"}});
  EXPECT_EQ(read.requests, (rate_limit{.limit = 5000, .remaining = 4999, .reset = 12ms}));
  EXPECT_EQ(read.tokens, (rate_limit{.limit = 160'000, .remaining = 0, .reset = 6min}));
  EXPECT_EQ(rate_limits_in({{"x-ratelimit-reset-tokens", "7.5"}}).tokens.reset, 7500ms);
}

TEST(rate_limits, are_read_as_anthropic_writes_them_with_resets_counted_from_the_date) {
  const auto read = rate_limits_in({{"date", "Fri, 06 Nov 2026 12:00:00 GMT"},
                                    {"anthropic-ratelimit-requests-limit", "50"},
                                    {"anthropic-ratelimit-requests-remaining", "49"},
                                    {"anthropic-ratelimit-requests-reset", "2026-11-06T12:00:30Z"},
                                    {"anthropic-ratelimit-tokens-remaining", "1000"},
                                    {"anthropic-ratelimit-input-tokens-limit", "7"},
                                    {"anthropic-ratelimit-output-tokens-reset", "2026-11-06T11:00:00Z"}});
  EXPECT_EQ(read.requests, (rate_limit{.limit = 50, .remaining = 49, .reset = 30s}));
  EXPECT_EQ(read.tokens.remaining, 1000);
  EXPECT_EQ(read.input_tokens.limit, 7);
  EXPECT_EQ(read.output_tokens.reset, 0ms);
  EXPECT_EQ(rate_limits_in({{"anthropic-ratelimit-requests-reset", "2026-11-06T12:00:30Z"}}), rate_limits{});
}

response limited(std::string body) {
  auto out = testing::success(std::move(body));
  for (const auto& [name, value] : headers{{"x-ratelimit-limit-requests", "50"},
                                           {"x-ratelimit-remaining-requests", "49"},
                                           {"x-ratelimit-reset-requests", "1s"}})
    out.headers.add(name, value);
  return out;
}

response limited_by_anthropic(std::string body) {
  auto out = testing::success(std::move(body));
  for (const auto& [name, value] : headers{{"date", "Fri, 06 Nov 2026 12:00:00 GMT"},
                                           {"anthropic-ratelimit-requests-limit", "50"},
                                           {"anthropic-ratelimit-requests-remaining", "49"},
                                           {"anthropic-ratelimit-requests-reset", "2026-11-06T12:00:01Z"}})
    out.headers.add(name, value);
  return out;
}

TEST(rate_limits, stand_in_each_reply) {
  const rate_limits expected{.requests = {.limit = 50, .remaining = 49, .reset = 1s}};
  const auto openai = testing::config_of("openai");
  const std::string chat = R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})";
  const std::string vectors = R"({"data":[{"index":0,"embedding":[1]}]})";
  EXPECT_EQ(decode_chat(openai, limited(chat))->rate_limits, expected);
  EXPECT_EQ(decode_chat(testing::config_of("groq"), limited(chat))->rate_limits, expected);
  EXPECT_EQ(decode_embed(openai, 1, limited(vectors))->rate_limits, expected);
  EXPECT_EQ(decode_models(openai, limited(R"({"data":[]})"))->rate_limits, expected);
  const auto responses = testing::config_of("openai", openai_api::responses);
  EXPECT_EQ(decode_chat(responses, limited(R"({"status":"completed","output":[]})"))->rate_limits, expected);
  EXPECT_EQ(decode_embed(responses, 1, limited(vectors))->rate_limits, expected);
  const auto anthropic = testing::config_of("anthropic");
  EXPECT_EQ(decode_chat(anthropic, limited_by_anthropic(R"({"content":[]})"))->rate_limits, expected);
  EXPECT_EQ(decode_models(anthropic, limited_by_anthropic(R"({"data":[]})"))->rate_limits, expected);
  EXPECT_EQ(decode_count(anthropic, limited_by_anthropic(R"({"input_tokens":4})"))->rate_limits, expected);
}

TEST(rate_limits, are_nothing_in_googles_replies_which_have_no_such_headers) {
  const auto google = testing::config_of("google");
  EXPECT_EQ(decode_chat(google, testing::success(R"({"candidates":[{"finishReason":"STOP"}]})"))->rate_limits,
            rate_limits{});
  EXPECT_EQ(decode_count(google, testing::success(R"({"totalTokens":4})"))->rate_limits, rate_limits{});
}

TEST(rate_limits, take_azures_negative_and_zero_limits_for_nothing_said) {
  EXPECT_EQ(rate_limits_in({{"x-ratelimit-limit-requests", "0"},
                            {"x-ratelimit-remaining-requests", "0"},
                            {"x-ratelimit-limit-tokens", "-1"},
                            {"x-ratelimit-remaining-tokens", "-1"}}),
            rate_limits{});
}

TEST(rate_limits, ignore_what_cannot_be_read) {
  EXPECT_EQ(rate_limits_in({{"x-ratelimit-limit-requests", "many"},
                            {"x-ratelimit-remaining-requests", "1.5"},
                            {"x-ratelimit-reset-requests", "soon"},
                            {"x-ratelimit-limit-tokens", "99999999999999999999999"}}),
            rate_limits{});
}

}  // namespace
}  // namespace warmwire::providers::limit_headers_test
