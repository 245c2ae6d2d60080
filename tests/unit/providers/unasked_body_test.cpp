// Successes that answer a request for a stream by something else than a stream.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::unasked_body_test {
namespace {

using testing::config_of;
using ::testing::ElementsAre;
using testing::ending;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run_stream;
using testing::stream_outcome;

constexpr auto all_at_once = std::string::npos;

std::vector<std::pair<std::string, provider_config>> apis() {
  return {{"chat completions", config_of("openai")},
          {"responses", config_of("openai", openai_api::responses)},
          {"messages", config_of("anthropic")},
          {"gemini", config_of("google")}};
}

stream_outcome run(const provider_config& config, const std::string& body, const std::string& type,
                   std::size_t piece = all_at_once) {
  return run_stream(config, body, piece, ending::clean, type);
}

void expect_told(const stream_outcome& out, const std::string& beginning) {
  ASSERT_TRUE(out.failure);
  EXPECT_FALSE(out.is_finished);
  EXPECT_EQ(out.failure->code, errc::unexpected_body);
  EXPECT_THAT(out.failure->message, HasSubstr(beginning));
  EXPECT_EQ(out.failure->http_status, 200);
  EXPECT_EQ(out.failure->request_id, "req-1");
  EXPECT_THAT(out.events, IsEmpty());
}

TEST(unasked_body, that_is_no_stream_is_told_by_its_beginning) {
  const std::vector<std::pair<std::string, std::string>> bodies{
      {"text/html; charset=utf-8", "<!doctype html>\n<html><title>Sign in</title></html>"},
      {"", "<html><title>Sign in</title></html>"},
      {"", "\r\n \t<html><title>Sign in</title></html>"},
      {"text/plain", "Sign in\n"},
      {"text/plain", "da: Sign in\n"},
      {"application/octet-stream", "Sign in"},
  };
  for (const auto& [name, config] : apis()) {
    for (const auto& [type, body] : bodies) {
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, all_at_once}) {
        SCOPED_TRACE(name + ", " + type + ": " + body);
        expect_told(run(config, body, type, piece), "Sign in");
      }
    }
  }
}

TEST(unasked_body, that_says_little_is_told_as_well) {
  expect_told(run(config_of("openai"), "", "text/html"), "it is empty");
  expect_told(run(config_of("openai"), "", "text/plain"), "it is empty");
  expect_told(run(config_of("openai"), "dat", "text/plain"), "\"dat\"");
  expect_told(run(config_of("openai"), "[1,2]", ""), "the body is no JSON object: \"[1,2]\"");
  expect_told(run(config_of("openai"), R"({"title":"cut in the mid)", "application/problem+json"), "cut in the mid");
  expect_told(run(config_of("openai"), R"({"title":"Not here"})", "application/problem+json"), "Not here");
}

TEST(unasked_body, shows_no_secret_and_is_bounded) {
  const auto out = run(config_of("openai"), "<html>no sk-test-key-1234" + std::string(5000, 'x'), "text/html");
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->message.find("sk-test"), std::string::npos);
  EXPECT_LT(out.failure->message.size(), 1000U);
}

TEST(unasked_body, is_the_providers_error_where_it_holds_one) {
  const std::string error = R"({"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}})";
  for (const auto& [name, config] : apis()) {
    for (const auto* type : {"application/json; charset=utf-8", "application/problem+json", "Application/X+JSON ;a=b",
                             "text/json", "text/plain", ""}) {
      for (const auto& body : {error, "[" + error + "]", "\n\n " + error}) {
        for (const std::size_t piece : {std::size_t{1}, all_at_once}) {
          const auto out = run(config, body, type, piece);
          ASSERT_TRUE(out.failure) << name << type << body;
          EXPECT_EQ(out.failure->code, errc::rate_limited) << name << type << body;
          EXPECT_EQ(out.failure->message, "slow down");
        }
      }
    }
  }
}

TEST(unasked_body, of_a_list_that_is_no_error_stays_unexpected) {
  const auto whole = decode_chat(config_of("google"), testing::success("[{}]"));
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().code, errc::unexpected_body);
  EXPECT_EQ(whole.error().message, "the body is no JSON object: \"[{}]\"");
}

TEST(unasked_body, is_still_a_stream_where_it_looks_like_one) {
  const std::string stream =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\n";
  for (const auto* type : {"", "text/plain", "application/octet-stream", "TEXT/Event-Stream; charset=utf-8"}) {
    for (const auto* before : {"", "\r\n\n", ": wait\n\n", "event: message\n", "id: 7\n", "retry: 7\n\n"}) {
      for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, all_at_once}) {
        const auto out = run(config_of("vllm"), before + stream, type, piece);
        EXPECT_FALSE(out.failure) << type << before << ": " << out.failure->to_string();
        EXPECT_THAT(out.events, ElementsAre("text Hello", "finished stop stop"));
      }
    }
  }
  const auto marked = run(config_of("vllm"), "\xef\xbb\xbf" + stream, "text/plain", 1);
  EXPECT_TRUE(marked.is_finished);
  const auto silent = run(config_of("vllm"), "", "");
  ASSERT_TRUE(silent.failure);
  EXPECT_EQ(silent.failure->code, errc::stream_interrupted);
}

TEST(unasked_body, that_breaks_off_gives_the_transports_error) {
  const auto out = run_stream(config_of("openai"), "<html>", all_at_once, ending::broken, "text/html");
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::stream_idle_timeout);
}

}  // namespace
}  // namespace warmwire::providers::unasked_body_test
