#include "providers/provider_error.hpp"

#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::provider_error_test {
namespace {

using namespace std::chrono_literals;

provider_config config() {
  client_options options;
  options.api_key = secret("sk-test-key-1234");
  return make_provider_config(own_provider(options), [](const char*) -> const char* { return nullptr; }).value();
}

error decoded(int status, std::string body, headers fields = {}) {
  return decode_error(config(), answer_of(response{status, std::move(fields), std::move(body), {}}));
}

TEST(decode_error, takes_the_code_from_the_status) {
  const std::vector<std::pair<int, errc>> table{{400, errc::bad_request},
                                                {401, errc::authentication},
                                                {402, errc::billing},
                                                {403, errc::permission_denied},
                                                {404, errc::not_found},
                                                {405, errc::bad_request},
                                                {409, errc::conflict},
                                                {413, errc::request_rejected_size},
                                                {418, errc::bad_request},
                                                {422, errc::unprocessable_entity},
                                                {429, errc::rate_limited},
                                                {499, errc::bad_request},
                                                {500, errc::server_error},
                                                {502, errc::server_error},
                                                {503, errc::service_unavailable},
                                                {504, errc::gateway_timeout},
                                                {529, errc::overloaded},
                                                {599, errc::server_error},
                                                {302, errc::unexpected_status},
                                                {600, errc::unexpected_status}};
  for (const auto& [status, code] : table) {
    const auto reason = decoded(status, R"({"error":{"message":"m","type":"t","param":null,"code":null}})");
    EXPECT_EQ(reason.code, code) << status;
    EXPECT_EQ(reason.http_status, status);
  }
}

TEST(decode_error, gives_the_providers_own_words) {
  const auto reason = decoded(429,
                              R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota",
                                 "param":null,"code":"insufficient_quota"}})",
                              {{"x-request-id", "req-9"}, {"retry-after-ms", "1200"}, {"retry-after", "9"}});
  EXPECT_EQ(reason.message, "You exceeded your current quota");
  EXPECT_EQ(reason.provider_type, "insufficient_quota");
  EXPECT_EQ(reason.provider_code, "insufficient_quota");
  EXPECT_EQ(reason.request_id, "req-9");
  EXPECT_EQ(reason.retry_after, 1200ms);
  EXPECT_GT(reason.body_bytes, 100U);
  EXPECT_EQ(reason.phase, phase::body);
}

TEST(decode_error, takes_a_code_that_is_a_number_or_null) {
  EXPECT_EQ(decoded(400, R"({"error":{"message":"m","code":1234}})").provider_code, "1234");
  EXPECT_EQ(decoded(400, R"({"error":{"message":"m","code":null,"type":null}})").provider_code, "");
  EXPECT_EQ(decoded(400, R"({"error":{"message":"m","code":{"a":1}}})").provider_code, "");
}

TEST(decode_error, reads_the_other_shapes_that_servers_of_this_api_use) {
  EXPECT_EQ(decoded(404, R"({"error":"model 'x' not found"})").message, "model 'x' not found");
  const auto flat = decoded(400, R"({"object":"error","message":"too long","type":"BadRequestError","code":400})");
  EXPECT_EQ(flat.message, "too long");
  EXPECT_EQ(flat.provider_type, "BadRequestError");
  EXPECT_EQ(flat.provider_code, "400");
  EXPECT_EQ(decoded(422, R"({"detail":[{"loc":["body","model"],"msg":"Field required","type":"missing"}]})").message,
            R"(Field required at ["body","model"])");
  EXPECT_EQ(decoded(401, R"({"detail":"Unauthorized"})").message, "Unauthorized");
  const auto wrapped = decoded(429, R"([{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}])");
  EXPECT_EQ(wrapped.message, "slow down");
  EXPECT_EQ(wrapped.provider_type, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(wrapped.provider_code, "429");
}

TEST(decode_error, reads_anthropics_shape) {
  const auto reason = decoded(
      529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_body"})");
  EXPECT_EQ(reason.code, errc::overloaded);
  EXPECT_EQ(reason.provider_type, "overloaded_error");
  EXPECT_EQ(reason.message, "Overloaded");
  EXPECT_EQ(reason.request_id, "req_body");
  EXPECT_EQ(decoded(529, "", {{"request-id", "req_header"}}).request_id, "req_header");
}

TEST(decode_error, reads_the_wait_that_anthropic_asks_for) {
  const auto anthropic = testing::config_of("anthropic");
  const auto reason = decode_error(
      anthropic, answer_of(response{429,
                                    {{"retry-after", "7"}, {"request-id", "req_1"}},
                                    R"({"type":"error","error":{"type":"rate_limit_error","message":"Too many"}})",
                                    {}}));
  EXPECT_EQ(reason.code, errc::rate_limited);
  EXPECT_EQ(reason.provider_type, "rate_limit_error");
  EXPECT_EQ(reason.message, "Too many");
  EXPECT_EQ(reason.retry_after, 7s);
  EXPECT_EQ(reason.request_id, "req_1");
}

TEST(decode_error, finds_the_request_id_under_each_of_its_names) {
  for (const auto* name : {"x-request-id", "request-id", "apim-request-id", "X-Generation-Id", "mistral-correlation-id",
                           "x-ds-trace-id"}) {
    EXPECT_EQ(decoded(500, "", {{name, "req-7"}}).request_id, "req-7") << name;
    EXPECT_EQ(answer_of(response{200, {{name, "req-7"}}, "{}", {}}).request_id, "req-7") << name;
  }
  EXPECT_EQ(decoded(500, "", {{"x-ds-trace-id", "trace"}, {"x-request-id", "req-7"}}).request_id, "req-7");
}

TEST(decode_error, reads_googles_wait_out_of_the_body) {
  const std::string google =
      R"({"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[7,
          {"@type":"type.googleapis.com/google.rpc.QuotaFailure"},
          {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}})";
  EXPECT_EQ(decoded(429, google).retry_after, 34500ms);
  EXPECT_EQ(decoded(429, "[" + google + "]").retry_after, 34500ms);
  EXPECT_EQ(decoded(429, google, {{"retry-after", "2"}}).retry_after, 2s);
  EXPECT_EQ(
      decoded(429, R"({"error":{"message":"m","details":[{"@type":"google.rpc.RetryInfo","retryDelay":"soon"}]}})")
          .retry_after,
      std::nullopt);
}

TEST(decode_error, counts_a_date_to_wait_for_from_the_clients_clock_where_the_answer_has_none) {
  auto with_clock = config();
  with_clock.now = [] { return std::chrono::sys_days(std::chrono::year(2028) / 2 / 29) + 23h + 59min + 30s + 400ms; };
  const auto wait = [&](headers fields) {
    fields.add("retry-after", "Wed, 01 Mar 2028 00:00:15 GMT");
    return decode_error(with_clock, answer_of(response{503, std::move(fields), "", {}})).retry_after;
  };
  EXPECT_EQ(wait({}), 45s);
  EXPECT_EQ(wait({{"date", "nonsense"}}), 45s);
  EXPECT_EQ(wait({{"date", "Wed, 01 Mar 2028 00:00:00 GMT"}}), 15s);
  EXPECT_EQ(decoded(503, "", {{"retry-after", "Wed, 01 Mar 2028 00:00:15 GMT"}}).retry_after, std::nullopt);
}

TEST(decode_error, keeps_the_whole_answer_within_reach) {
  const auto reason = decoded(429, R"({"error":{"message":"m"}})",
                              {{"x-ratelimit-remaining-requests", "0"}, {"x-should-retry", "false"}});
  ASSERT_TRUE(reason.answer);
  EXPECT_EQ(reason.answer->http_status, 429);
  EXPECT_EQ(reason.answer->raw_body, R"({"error":{"message":"m"}})");
  EXPECT_EQ(reason.answer->headers.get("x-should-retry"), "false");
  EXPECT_EQ(reason.answer->rate_limits.requests.remaining, 0);
}

TEST(decode_error, describes_a_body_that_says_nothing) {
  EXPECT_EQ(decoded(503, "").message, "status 503 with an empty body");
  EXPECT_EQ(decoded(502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body></html>").message,
            "status 502 with a body that is not JSON: \"502 Bad Gateway\"");
  EXPECT_EQ(decoded(500, "upstream\x1b[31m failed\n").message,
            "status 500 with a body that is not JSON: \"upstream [31m failed\"");
  EXPECT_EQ(decoded(500, R"({"error":{"message":"cut in the mid)").message,
            R"(status 500 with a body that is not JSON: "{"error":{"message":"cut in the mid")");
  for (const auto* body : {"{}", "7", "[]", R"({"error":null})", R"({"error":{}})", R"({"detail":[]})", R"("text")"}) {
    EXPECT_EQ(decoded(500, body).message,
              "status 500 with a body that is no error of the API's kind: \"" + std::string(body) + '"');
  }
  EXPECT_LT(decoded(500, std::string(1'000'000, 'x')).message.size(), 1000U);
}

TEST(decode_error, survives_json_that_is_nested_too_deeply) {
  const auto deep =
      decoded(500, R"({"error":{"message":"m"},"more":)" + std::string(100'000, '[') + std::string(100'000, ']') + '}');
  EXPECT_EQ(deep.code, errc::server_error);
  EXPECT_EQ(deep.message.substr(0, 40), "status 500 with a body that is not JSON:");
}

TEST(decode_error, bounds_and_cleans_what_the_provider_says) {
  const auto reason = decoded(400,
                              R"({"error":{"message":"a\u001b[2J\nb)" + std::string(5000, 'c') + R"(","type":")" +
                                  std::string(5000, 't') + R"("}})",
                              {{"x-request-id", std::string(5000, 'r')}});
  EXPECT_EQ(reason.message.substr(0, 7), "a [2J b");
  EXPECT_LT(reason.message.size(), 1100U);
  EXPECT_LT(reason.provider_type.size(), 200U);
  EXPECT_LT(reason.request_id.size(), 200U);
}

TEST(decode_error, never_repeats_the_key) {
  const std::string echo = "sk-test-key-1234";
  const std::vector<response> answers{{401,
                                       {},
                                       R"({"error":{"message":"Incorrect API key provided: )" + echo + R"(","type":")" +
                                           echo + R"(","code":")" + echo + R"("}})",
                                       {}},
                                      {401, {{"x-request-id", echo}}, "", {}},
                                      {401, {{"x-request-id", std::string(90, 'r') + echo}}, "", {}},
                                      {502, {}, "<html><title>no " + echo + "</title></html>", {}},
                                      {502, {}, "plain " + echo, {}},
                                      {502, {}, std::string(190, 'x').append(1, ' ').append(echo), {}},
                                      {502, {}, "cut off: " + echo.substr(0, 12), {}},
                                      {422, {}, R"({"detail":[{"msg":"bad","loc":[")" + echo + R"("]}]})", {}},
                                      {422, {}, R"({"unknown":")" + echo + R"("})", {}}};
  for (const auto& answer : answers) {
    const auto reason = decode_error(config(), answer_of(response(answer)));
    for (const auto& text : {reason.message, reason.provider_type, reason.provider_code, reason.request_id}) {
      EXPECT_EQ(text.find("sk-test"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace warmwire::providers::provider_error_test
