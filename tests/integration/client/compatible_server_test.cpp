// Our own client against each server that imitates OpenAI, with its quirks, as the emulator plays it.
#include "seen_stream.hpp"

#include <gmock/gmock.h>

#include <array>

namespace warmwire::test::compatible_server_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct compatible_server {
  std::string provider;
  std::string path;      ///< of the base URL
  std::string id_field;  ///< in which it names a request; empty: it does not
  std::string type;      ///< its words for 429
  std::string code;
  bool needs_key = true;
  bool shows_reasoning = false;
};

void PrintTo(const compatible_server& server, std::ostream* to) {
  *to << server.provider;
}

const std::array<compatible_server, 9> servers{
    compatible_server{"azure", "/as/azure/openai/v1", "apim-request-id", "", "429"},
    compatible_server{"groq", "/as/groq/openai/v1", "x-request-id", "requests", "rate_limit_exceeded", true, true},
    compatible_server{"mistral", "/as/mistral/v1", "mistral-correlation-id", "requests", "rate_limit_exceeded"},
    compatible_server{"deepseek", "/as/deepseek", "x-ds-trace-id", "requests", "rate_limit_exceeded", true, true},
    compatible_server{"openrouter", "/as/openrouter/api/v1", "x-generation-id", "", "429", true, true},
    compatible_server{"ollama", "/as/ollama/v1", "", "rate_limit_error", "", false, true},
    compatible_server{"vllm", "/as/vllm/v1", "x-request-id", "RateLimitError", "429", false, true},
    compatible_server{"llama.cpp", "/as/llamacpp/v1", "", "rate_limit_error", "429", false, true},
    compatible_server{"gemini-compat", "/as/gemini/v1beta/openai", "", "RESOURCE_EXHAUSTED", "429"}};

const std::string answer = "You wrote 2 words: Hello there";

/// A client of one of them, and the server that plays it.
class imitation : public streaming {
 public:
  imitation(const compatible_server& as, http_protocol protocol, std::string_view rules)
      : streaming(protocol, scripted(rules), {}, 2) {
    who.provider = as.provider;
    who.base_url = server.origin() + as.path;
    who.default_model = "a-model";
    if (!as.needs_key) who.api_key = {};
  }
};

const compatible_server& server_of(const std::string& provider) {
  const auto* found = std::find_if(servers.begin(), servers.end(),
                                   [&](const compatible_server& each) { return each.provider == provider; });
  return *found;
}

imitation played(const std::string& provider, std::string_view rules = {}) {
  return {server_of(provider), http_protocol::automatic, rules};
}

class compatible_servers : public ::testing::TestWithParam<std::tuple<compatible_server, http_protocol>> {
 protected:
  static const compatible_server& as() { return std::get<0>(GetParam()); }
  static imitation played(std::string_view rules = {}) { return {as(), std::get<1>(GetParam()), rules}; }

  /// "Wait 5 ms", in the server's own way. What has whole seconds alone is given a fraction: any client takes that.
  static std::string refusal() {
    const bool is_in_body = as().provider == "gemini-compat";
    return is_in_body ? "status 429, retry-after 5ms" : R"(status 429, header "retry-after: 0.005")";
  }

  static void check_reply(const chat_reply& reply) {
    EXPECT_EQ(reply.content, answer);
    EXPECT_EQ(reply.finish, finish_reason::stop);
    EXPECT_GT(reply.usage.input_tokens, 0);
    EXPECT_GT(reply.usage.output_tokens, 0);
    EXPECT_EQ(reply.usage.total_tokens, reply.usage.input_tokens + reply.usage.output_tokens);
    EXPECT_EQ(reply.model, "a-model");
    EXPECT_EQ(reply.request_id, as().id_field.empty() ? "" : reply.headers.get(as().id_field));
    EXPECT_EQ(reply.request_id.empty(), as().id_field.empty());
  }

  static void check_tries(const std::vector<failed_attempt>& tries) {
    EXPECT_EQ(tries.size(), 2U);
    for (const auto& each : tries) {
      EXPECT_EQ(each.code, errc::rate_limited);
      EXPECT_EQ(each.http_status, 429);
      EXPECT_EQ(each.waited, 5ms);
      EXPECT_EQ(each.request_id.empty(), as().id_field.empty());
    }
  }

  static void check_refusal(const error& reason) {
    EXPECT_EQ(reason.code, errc::rate_limited) << reason.to_string();
    EXPECT_EQ(reason.http_status, 429);
    EXPECT_EQ(reason.provider_type, as().type);
    EXPECT_EQ(reason.provider_code, as().code);
    EXPECT_EQ(reason.message, "The emulator was told to answer 429.");
    EXPECT_EQ(reason.retry_after, 5ms);
    EXPECT_EQ(reason.request_id.empty(), as().id_field.empty());
    check_tries(reason.failed_attempts);
  }
};

std::string server_name(const ::testing::TestParamInfo<std::tuple<compatible_server, http_protocol>>& of) {
  auto name = std::get<0>(of.param).provider;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name + (std::get<1>(of.param) == http_protocol::http1 ? "_over_http1" : "_over_http2");
}

INSTANTIATE_TEST_SUITE_P(as, compatible_servers,
                         ::testing::Combine(::testing::ValuesIn(servers),
                                            ::testing::Values(http_protocol::http1, http_protocol::http2)),
                         server_name);

TEST_P(compatible_servers, answer_a_chat) {
  const auto test = played();
  const auto reply = test.blocking().chat("Hello there");
  ASSERT_TRUE(reply) << reply.error().to_string();
  check_reply(*reply);
}

TEST_P(compatible_servers, stream_the_same_answer) {
  const auto test = played();
  auto chats = test.blocking();
  const auto whole = chats.chat("Hello there");
  const auto stream = read_stream(chats, ask("Hello there"));
  ASSERT_FALSE(stream.failure) << stream.failure->to_string();
  EXPECT_EQ(stream.text, answer);
  check_reply(stream.reply);
  EXPECT_EQ(stream.reply.usage, whole.value().usage);
}

TEST_P(compatible_servers, are_asked_again_when_they_say_when) {
  for (const auto is_streamed : {false, true}) {
    const auto test = played("request 1: " + refusal() + "\nrequest 2: " + refusal());
    auto chats = test.blocking();
    const auto reply = is_streamed ? chats.stream("Hello there").reply() : chats.chat("Hello there");
    ASSERT_TRUE(reply) << reply.error().to_string();
    check_reply(*reply);
    check_tries(reply->provenance.failed_attempts);
    EXPECT_EQ(test.server.report().requests, 3U);
    EXPECT_EQ(test.server.report().connections, 1U);
  }
}

TEST_P(compatible_servers, refuse_at_last_in_their_own_words) {
  for (const auto is_streamed : {false, true}) {
    const auto test = played("all: " + refusal());
    auto chats = test.blocking();
    const auto reply = is_streamed ? chats.stream("Hello there").reply() : chats.chat("Hello there");
    ASSERT_FALSE(reply);
    check_refusal(reply.error());
    EXPECT_EQ(test.server.report().requests, 3U);
  }
}

TEST_P(compatible_servers, break_off_with_an_error_in_their_own_words) {
  const auto test = played("all: error-event 429 after 4 events");
  auto chats = test.blocking();
  const auto stream = read_stream(chats, ask("Hello there"));
  EXPECT_TRUE(!stream.text.empty() && answer.starts_with(stream.text)) << stream.text;
  const auto failure = check_failure(stream, errc::rate_limited);
  EXPECT_EQ(failure.provider_type, as().type);
  EXPECT_EQ(failure.provider_code, as().code);
  EXPECT_EQ(failure.message, "The emulator was told to answer 429.");
  EXPECT_EQ(test.server.report().requests, 1U);
}

TEST_P(compatible_servers, show_what_they_think_where_they_do) {
  const auto test = played();
  auto chats = test.blocking();
  auto request = ask("Hello there");
  request.reasoning_effort = reasoning_effort::low;
  const std::string thought = as().shows_reasoning ? "The user wrote 2 words." : "";
  const auto whole = chats.chat(request);
  ASSERT_TRUE(whole) << whole.error().to_string();
  EXPECT_EQ(whole->reasoning, thought);
  const auto stream = read_stream(chats, request);
  EXPECT_EQ(stream.reply.reasoning, thought);
  EXPECT_EQ(stream.text, answer);
}

TEST(compatible_server, azure_says_something_of_the_prompt_before_anything_else) {
  const auto test = played("azure", "all: cut after 1 event");
  auto chats = test.blocking();
  check_failure(read_stream(chats, ask("Hello there")), errc::stream_interrupted);
}

TEST(compatible_server, azure_is_reached_by_its_newer_and_its_older_paths) {
  for (const std::string base : {"", "/openai", "/openai/v1", "?api-version=2024-10-21"}) {
    SCOPED_TRACE(base);
    for (const auto api : {openai_api::chat_completions, openai_api::responses}) {
      auto test = played("azure");
      test.who.base_url = test.server.origin() + base;
      test.who.api = api;
      auto chats = test.blocking();
      const auto reply = chats.chat("Hello there");
      ASSERT_TRUE(reply) << reply.error().to_string();
      EXPECT_EQ(reply->content, answer);
      EXPECT_EQ(read_stream(chats, ask("Hello there")).text, answer);
      const auto models = chats.models();
      ASSERT_TRUE(models) << models.error().to_string();
      EXPECT_FALSE(models->models.empty());
      const auto vectors = chats.embed({.model = "a-model", .input = {"Hello there"}});
      ASSERT_TRUE(vectors) << vectors.error().to_string();
      EXPECT_FALSE(vectors->request_id.empty());
      for (const auto& each : test.server.report().arrivals)
        EXPECT_THAT(each.target, StartsWith("/openai/"));
    }
  }
}

TEST(compatible_server, azure_tells_the_wait_in_milliseconds_too) {
  const auto test = played("azure", "request 1: status 429, retry-after 7ms");
  const auto reply = test.blocking().chat("Hello there");
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->provenance.failed_attempts.at(0).waited, 7ms);
}

TEST(compatible_server, groq_tells_the_usage_though_it_was_not_asked_for) {
  const auto test = played("groq");
  auto request = ask("Hello there");
  request.extra_json = R"({"stream_options":null})";
  const auto reply = test.blocking().stream(request).reply();
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_GT(reply->usage.output_tokens, 0);
}

TEST(compatible_server, mistral_says_in_detail_what_is_wrong_with_a_request) {
  const auto test = played("mistral");
  auto request = ask("Hello there");
  request.extra_json = R"({"temperature":"hot"})";
  for (const auto& reply : {test.blocking().chat(request), test.blocking().stream(request).reply()}) {
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::unprocessable_entity);
    EXPECT_THAT(reply.error().message, HasSubstr(R"(at ["body","temperature"])"));
    EXPECT_FALSE(reply.error().request_id.empty());
  }
  EXPECT_EQ(test.server.report().requests, 2U) << "what is wrong stays so";
}

TEST(compatible_server, vllm_refuses_without_an_error_object) {
  const auto test = played("vllm");
  auto request = ask("Hello there");
  request.extra_json = R"({"temperature":"hot"})";
  const auto reply = test.blocking().chat(request);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::bad_request);
  EXPECT_EQ(reply.error().provider_type, "BadRequestError");
  EXPECT_EQ(reply.error().provider_code, "400");
  EXPECT_THAT(reply.error().message, HasSubstr("temperature"));
}

TEST(compatible_server, sends_blank_lines_and_comments_while_a_request_is_queued) {
  for (const std::string provider : {"deepseek", "openrouter"}) {
    SCOPED_TRACE(provider);
    // And they come slowly, alone, before anything of the answer.
    const auto test = played(provider, "all: slow 9 bytes every 100us");
    auto chats = test.blocking();
    const auto whole = chats.chat("Hello there");
    ASSERT_TRUE(whole) << whole.error().to_string();
    EXPECT_EQ(whole->content, answer);
    EXPECT_THAT(whole->raw_body, StartsWith("\n\n"));
    const auto stream = read_stream(chats, ask("Hello there"));
    EXPECT_EQ(stream.text, answer);
    EXPECT_FALSE(stream.failure);
  }
}

TEST(compatible_server, openrouter_may_fail_after_its_status_was_sent) {
  const std::string failure =
      R"(status 200, body "\n\n{\"error\":{\"code\":502,\"message\":\"No provider is there\"}}", )"
      R"(header "content-type: application/json", header "retry-after: 0.005")";
  const auto test = played("openrouter", "request 1: " + failure);
  const auto reply = test.blocking().chat("Hello there");
  ASSERT_TRUE(reply) << reply.error().to_string();
  const auto& tries = reply->provenance.failed_attempts;
  ASSERT_EQ(tries.size(), 1U);
  EXPECT_EQ(tries[0].code, errc::server_error);
  EXPECT_EQ(tries[0].http_status, 200);
}

TEST(compatible_server, openrouter_without_credits_is_not_asked_again) {
  const auto test = played("openrouter", "all: status 402");
  const auto reply = test.blocking().chat("Hello there");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::billing);
  EXPECT_EQ(reply.error().provider_code, "402");
  EXPECT_FALSE(reply.error().request_id.empty());
  EXPECT_EQ(test.server.report().requests, 1U);
}

}  // namespace
}  // namespace warmwire::test::compatible_server_test
