// Where servers say what an answer took, and which model gave it.
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::usage_test {
namespace {

using testing::config_of;
using testing::run_stream;
using testing::success;

std::string answer_with(const std::string& usage) {
  return R"({"choices":[{"index":0,"message":{"content":"a"},"delta":{"content":"a"},"finish_reason":"stop"}],)" +
         usage + "}";
}

usage counted(const std::string& provider, const std::string& text) {
  const auto whole = decode_chat(config_of(provider), success(answer_with(text))).value().usage;
  const auto out = run_stream(config_of(provider), "data: " + answer_with(text) + "\n\n");
  EXPECT_TRUE(out.is_finished);
  EXPECT_EQ(out.reply.usage, whole) << text;
  return whole;
}

TEST(usage, has_deepseeks_cached_tokens) {
  EXPECT_EQ(
      counted(
          "deepseek",
          R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,)"
          R"("prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2,"completion_tokens_details":{"reasoning_tokens":3}})"),
      (usage{.input_tokens = 10, .output_tokens = 5, .total_tokens = 15, .cached_tokens = 8, .reasoning_tokens = 3}));
  EXPECT_EQ(counted("deepseek", R"("usage":{"prompt_cache_hit_tokens":8,"prompt_tokens_details":{"cached_tokens":7}})")
                .cached_tokens,
            7);
}

TEST(usage, may_stand_where_groq_has_it) {
  EXPECT_EQ(
      counted("groq", R"("x_groq":{"id":"req_1","usage":{"prompt_tokens":7,"completion_tokens":2}})").input_tokens, 7);
}

TEST(usage, of_embeddings_is_read_where_google_has_it) {
  const auto read = [](std::size_t texts, const std::string& body) {
    return decode_embed(config_of("google"), texts, success(body)).value().usage;
  };
  EXPECT_EQ(read(1, R"({"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":5}})"),
            (usage{.input_tokens = 4, .total_tokens = 5}));
  EXPECT_EQ(read(1, R"({"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":4}})"),
            (usage{.input_tokens = 4, .total_tokens = 4}));
  EXPECT_EQ(read(2, R"({"embeddings":[{"values":[1],"statistics":{"tokenCount":4}},
                                      {"values":[2],"statistics":{"tokenCount":3.0}}]})"),
            (usage{.input_tokens = 7, .total_tokens = 7}));
  EXPECT_EQ(read(1, R"({"embedding":{"values":[1],"statistics":7}})"), usage{});
}

TEST(usage, of_embeddings_survives_counts_that_would_overflow) {
  std::string items;
  for (int i = 0; i < 2000; ++i)
    items += std::string(i == 0 ? "" : ",") + R"({"values":[1],"statistics":{"tokenCount":9223372036854775807}})";
  const auto reply = decode_embed(config_of("google"), 2000, success(R"({"embeddings":[)" + items + "]}"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_GT(reply->usage.input_tokens, 0);
}

TEST(model_of_an_answer, is_empty_where_the_provider_does_not_say_it) {
  EXPECT_EQ(decode_embed(config_of("openai"), 1, success(R"({"data":[{"embedding":[1]}]})"))->model, "");
  EXPECT_EQ(decode_embed(config_of("google"), 1, success(R"({"embedding":{"values":[1]}})"))->model, "");
  const std::vector<std::pair<provider_config, std::string>> answers{
      {config_of("openai"), answer_with(R"("usage":null)")},
      {config_of("openai", openai_api::responses), R"({"status":"completed","output":[]})"},
      {config_of("anthropic"), R"({"content":[]})"},
      {config_of("google"), R"({"candidates":[{"finishReason":"STOP"}]})"}};
  for (const auto& [config, body] : answers)
    EXPECT_EQ(decode_chat(config, success(body))->model, "") << body;
}

TEST(azure_stream, begins_with_what_its_filter_says_of_the_prompt) {
  const std::string filtered =
      "data: "
      "{\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":[{\"prompt_"
      "index\":0,\"content_filter_results\":{\"hate\":{\"filtered\":false,\"severity\":\"safe\"}}}]}\n\n";
  const auto out =
      run_stream(testing::config_at("azure", "https://r.openai.azure.com"),
                 filtered +
                     "data: {\"id\":\"1\",\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                     "\"a\"},\"finish_reason\":\"stop\",\"content_filter_results\":{}}]}\n\ndata: [DONE]\n\n");
  EXPECT_TRUE(out.is_finished);
  EXPECT_EQ(out.reply.content, "a");
  EXPECT_EQ(out.reply.id, "1");
  EXPECT_EQ(out.reply.model, "gpt-x");
  const auto alone =
      run_stream(testing::config_at("azure", "https://r.openai.azure.com"), filtered + "data: [DONE]\n\n");
  ASSERT_TRUE(alone.failure);
  EXPECT_EQ(alone.failure->code, errc::stream_interrupted);
}

}  // namespace
}  // namespace warmwire::providers::usage_test
