// Which server a request is for, and how each writes its errors.
#include "emulator/api/server_kind.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/api/provider_api.hpp"
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>

namespace warmwire::emulator::server_kind_test {
namespace {

using namespace std::chrono_literals;
using testing::answer_to;
using testing::field_of;
using ::testing::HasSubstr;
using testing::json_of;
using ::testing::StartsWith;
using testing::text_at;

struct place {
  std::string target;
  std::string_view server;
  std::optional<api_operation> operation;
  std::string_view model{};
};

TEST(server_kind, is_told_by_the_path) {
  using enum api_operation;
  const std::vector<place> places{
      {"/v1/chat/completions", "openai", chat},
      {"/v1/responses", "openai", responses},
      {"/v1/embeddings?x=1", "openai", embeddings},
      {"/v1/models/a/b", "openai", model, "a/b"},
      {"/v1/messages", "anthropic", messages},
      {"/v1/messages/count_tokens", "anthropic", count_tokens},
      {"/v1beta/models/m:generateContent", "google", generate, "m"},
      {"/v1beta/models/m:streamGenerateContent?alt=sse", "google", stream_generate, "m"},
      {"/v1beta/models", "google", models},
      {"/v1beta/openai/chat/completions", "gemini", chat},
      {"/openai/deployments/d/chat/completions?api-version=x", "azure", chat, "d"},
      {"/openai/responses?api-version=x", "azure", responses},
      {"/openai/models?api-version=x", "azure", models},
      {"/openai/models/m", "azure", model, "m"},
      {"/openai/chat/completions", "azure", std::nullopt},
      {"/openai/v1/chat/completions", "azure", chat},
      {"/openai/v1/responses", "azure", responses},
      {"/openai/v1/models", "azure", models},
      {"/as/groq/openai/v1/chat/completions", "groq", chat},
      {"/as/deepseek/chat/completions", "deepseek", chat},
      {"/as/anthropic/any/name/v1/messages", "anthropic", messages},
      {"/as/google/any/v1beta/models/m:embedContent", "google", embed, "m"},
      {"/v1/files", "openai", std::nullopt},
      {"/as/openai/v1/files", "openai", std::nullopt},
  };
  for (const place& each : places) {
    request what;
    what.target = each.target;
    const auto found = locate(what);
    ASSERT_TRUE(found) << each.target;
    EXPECT_EQ(found->server->name, each.server) << each.target;
    EXPECT_EQ(found->operation, each.operation) << each.target;
    EXPECT_EQ(each.operation ? found->model : std::string_view(), each.model) << each.target;
  }
}

TEST(server_kind, is_none_elsewhere) {
  for (const char* target : {"/echo", "/as/nobody/v1/chat/completions", "/as/", "/", "*"}) {
    request what;
    what.target = target;
    EXPECT_FALSE(locate(what)) << target;
  }
}

TEST(server_kind, of_models_is_told_by_the_version_field) {
  request what;
  what.target = "/v1/models";
  EXPECT_EQ(locate(what)->server->name, "openai");
  what.headers = {{"anthropic-version", "2023-06-01"}};
  EXPECT_EQ(locate(what)->server->name, "anthropic");
}

boost::json::value error_of(std::string_view server, unsigned status, std::string_view word = {}) {
  return error_json(error_for_status(status, word), *find_server(server), 7);
}

TEST(api_error, has_the_shape_of_each_server) {
  EXPECT_EQ(text_at(error_of("openai", 429), "/error/code"), "rate_limit_exceeded");
  EXPECT_EQ(text_at(error_of("openai", 429, "insufficient_quota"), "/error/type"), "insufficient_quota");
  EXPECT_TRUE(error_of("openai", 500).at_pointer("/error/param").is_null());
  EXPECT_EQ(text_at(error_of("anthropic", 529), "/error/type"), "overloaded_error");
  EXPECT_EQ(text_at(error_of("anthropic", 413), "/error/type"), "request_too_large");
  EXPECT_EQ(text_at(error_of("google", 503), "/error/status"), "UNAVAILABLE");
  EXPECT_EQ(text_at(error_of("gemini", 503), "/0/error/status"), "UNAVAILABLE");
  EXPECT_EQ(text_at(error_of("azure", 401), "/error/code"), "401");
  EXPECT_TRUE(error_of("mistral", 422).at("detail").is_array());
  EXPECT_EQ(text_at(error_of("mistral", 500), "/object"), "error");
  EXPECT_EQ(error_of("openrouter", 402).at_pointer("/error/code").to_number<int>(), 402);
  EXPECT_EQ(text_at(error_of("vllm", 400), "/object"), "error");
  EXPECT_EQ(error_of("llamacpp", 503).at_pointer("/error/code").to_number<int>(), 503);
  EXPECT_EQ(text_at(error_of("ollama", 404), "/error/type"), "not_found_error");
}

TEST(api_error, tells_the_wait_in_the_servers_own_way) {
  std::string openai;
  append_retry_after(openai, *find_server("openai"), 1500ms);
  EXPECT_EQ(openai, "retry-after: 2\r\nretry-after-ms: 1500\r\n");
  std::string anthropic;
  append_retry_after(anthropic, *find_server("anthropic"), 1500ms);
  EXPECT_EQ(anthropic, "retry-after: 2\r\n");
  std::string google;
  append_retry_after(google, *find_server("google"), 1500ms);
  append_retry_after(google, *find_server("gemini"), 1500ms);
  EXPECT_EQ(google, "");
  api_error limited = error_for_status(429);
  limited.retry_after = 1500ms;
  EXPECT_THAT(boost::json::serialize(error_json(limited, *find_server("google"), 7)),
              HasSubstr(R"("retryDelay":"1.5s")"));
}

TEST(provider_api, names_the_request_as_each_server_does) {
  const std::string chat = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";
  const auto head_of = [&chat](const std::string& server) {
    return answer_to("/as/" + server + "/v1/chat/completions", chat);
  };
  EXPECT_THAT(field_of(head_of("openai"), "x-request-id"), StartsWith("req_"));
  EXPECT_EQ(field_of(head_of("openai"), "openai-processing-ms"), "120");
  EXPECT_THAT(field_of(head_of("openrouter"), "x-generation-id"), StartsWith("gen-"));
  EXPECT_EQ(field_of(head_of("ollama"), "x-request-id"), "");
  EXPECT_EQ(field_of(head_of("groq"), "x-ratelimit-limit-requests"), "10000");
  EXPECT_EQ(field_of(head_of("vllm"), "x-ratelimit-limit-requests"), "");
  EXPECT_EQ(field_of(head_of("azure"), "x-ratelimit-remaining-requests"), "-1");
}

TEST(provider_api, refuses_unknown_paths_and_methods_in_the_servers_own_form) {
  const answer unknown = answer_to("/as/anthropic/v1/files", "{}");
  EXPECT_EQ(unknown.status, 404U);
  EXPECT_EQ(text_at(json_of(unknown), "/error/type"), "not_found_error");
  const answer method = answer_to("/v1/messages");
  EXPECT_EQ(method.status, 405U);
  EXPECT_EQ(field_of(method, "Allow"), "POST");
}

}  // namespace
}  // namespace warmwire::emulator::server_kind_test
