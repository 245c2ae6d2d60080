// How Anthropic's models are asked to think: before Claude 4.6 with a budget, from it on as they see fit.
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace warmwire::providers::anthropic_thinking_test {
namespace {

using testing::ask;
using testing::config_of;
using testing::parsed;
using testing::refusal_of;
using testing::sent;

provider_config config() {
  return config_of("anthropic");
}

chat_request thinking(const std::string& model, std::optional<reasoning_effort> effort) {
  auto chat = ask("a");
  chat.model = model;
  chat.reasoning_effort = effort;
  return chat;
}

boost::json::value body_of(const chat_request& chat) {
  return parsed(sent(config(), chat));
}

TEST(anthropic_thinking, of_its_default_model_has_an_effort) {
  EXPECT_EQ(body_of(thinking("", reasoning_effort::low)),
            parsed(R"({"model":"claude-sonnet-5-5","max_tokens":8192,"messages":[{"role":"user","content":"a"}],
                       "thinking":{"type":"adaptive"},"output_config":{"effort":"low"}})"));
}

TEST(anthropic_thinking, of_an_older_model_has_a_budget_beside_the_answer) {
  EXPECT_EQ(body_of(thinking("claude-sonnet-4-5", reasoning_effort::low)),
            parsed(R"({"model":"claude-sonnet-4-5","max_tokens":9216,"messages":[{"role":"user","content":"a"}],
                       "thinking":{"type":"enabled","budget_tokens":1024}})"));
}

TEST(anthropic_thinking, has_a_budget_before_claude_4_6) {
  for (const auto* model : {"claude-3-7-sonnet-20250219",
                            "claude-3-7-sonnet-latest",
                            "claude-3.7-sonnet",
                            "claude-opus-4-0",
                            "claude-opus-4-20250514",
                            "claude-sonnet-4-20250514",
                            "claude-opus-4",
                            "claude-opus-4-1",
                            "claude-opus-4-1-20250805",
                            "claude-sonnet-4-5",
                            "claude-sonnet-4-5-20250929",
                            "claude-haiku-4-5",
                            "claude-haiku-4-5-20251001",
                            "claude-sonnet-4.5",
                            "claude-sonnet-4@20250514",
                            "claude-sonnet-4-5@20250929",
                            "anthropic.claude-sonnet-4-5-20250929-v1:0",
                            "claude-2.1",
                            "claude-instant-1.2",
                            "Claude-Sonnet-4-5"}) {
    const auto body = body_of(thinking(model, reasoning_effort::medium));
    EXPECT_EQ(body.at("thinking"), parsed(R"({"type":"enabled","budget_tokens":4096})")) << model;
    EXPECT_FALSE(body.as_object().contains("output_config")) << model;
  }
}

TEST(anthropic_thinking, of_opus_4_5_has_a_budget_and_an_effort) {
  for (const auto* model : {"claude-opus-4-5", "claude-opus-4-5-20251101", "claude-opus-4.5"}) {
    const auto body = body_of(thinking(model, reasoning_effort::max));
    EXPECT_EQ(body.at("thinking"), parsed(R"({"type":"enabled","budget_tokens":12288})")) << model;
    EXPECT_EQ(body.at("output_config"), parsed(R"({"effort":"high"})")) << model;
  }
}

TEST(anthropic_thinking, is_left_to_the_model_from_claude_4_6_on) {
  for (const auto* model : {"claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-6-20260205", "claude-opus-4.6",
                            "claude-4.6-opus", "claude-opus-4-7", "claude-opus-4-10", "claude-sonnet-5",
                            "claude-haiku-5-5", "claude-opus-5-20260801", "claude-mythos-preview", "another-model"}) {
    auto chat = thinking(model, reasoning_effort::max);
    chat.max_tokens = 100;
    chat.show_reasoning = true;
    const auto body = body_of(chat);
    EXPECT_EQ(body.at("thinking"), parsed(R"({"type":"adaptive","display":"summarized"})")) << model;
    EXPECT_EQ(body.at("output_config"), parsed(R"({"effort":"max"})")) << model;
    EXPECT_EQ(body.at("max_tokens"), 100) << model;
  }
}

TEST(anthropic_thinking, leaves_room_for_the_answer_beside_the_budget) {
  const auto numbers = [](reasoning_effort effort, std::optional<std::int64_t> max_tokens) {
    auto chat = thinking("claude-haiku-4-5", effort);
    chat.max_tokens = max_tokens;
    const auto body = body_of(chat);
    return std::pair(body.at("thinking").at("budget_tokens").to_number<std::int64_t>(),
                     body.at("max_tokens").to_number<std::int64_t>());
  };
  using pair = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(numbers(reasoning_effort::minimal, {}), pair(1024, 9216));
  EXPECT_EQ(numbers(reasoning_effort::medium, {}), pair(4096, 12288));
  EXPECT_EQ(numbers(reasoning_effort::high, {}), pair(12288, 20480));
  EXPECT_EQ(numbers(reasoning_effort::xhigh, {}), pair(12288, 20480));
  EXPECT_EQ(numbers(reasoning_effort::high, 4000), pair(2000, 4000));
  EXPECT_EQ(numbers(reasoning_effort::high, 1500), pair(1024, 1500));
  EXPECT_EQ(numbers(reasoning_effort::low, 1025), pair(1024, 1025));
  EXPECT_EQ(numbers(reasoning_effort::high, 20'000), pair(10'000, 20'000));
}

TEST(anthropic_thinking, that_does_not_fit_into_max_tokens_is_refused) {
  auto chat = thinking("claude-haiku-4-5", reasoning_effort::low);
  chat.max_tokens = 1024;
  const std::string says =
      "max_tokens is 1024; claude-haiku-4-5 thinks with at least 1024 of them, so with reasoning_effort or "
      "show_reasoning it must be at least 1025";
  EXPECT_EQ(refusal_of(config(), chat), says);
  EXPECT_EQ(refusal_of(config(), chat, delivery::streamed), says);
  EXPECT_EQ(encode_count(config(), chat).error().message, says);
  chat.reasoning_effort.reset();
  EXPECT_EQ(refusal_of(config(), chat), "");
  chat.show_reasoning = true;
  EXPECT_EQ(refusal_of(config(), chat), says);
  chat.show_reasoning = false;
  chat.reasoning_effort = reasoning_effort::none;
  EXPECT_EQ(refusal_of(config(), chat), "");
}

TEST(anthropic_thinking, that_shall_be_shown_has_a_budget_of_its_own_and_the_text_comes_anyway) {
  auto chat = thinking("claude-sonnet-4-5", {});
  chat.show_reasoning = true;
  EXPECT_EQ(body_of(chat).at("thinking"), parsed(R"({"type":"enabled","budget_tokens":4096})"));
}

TEST(anthropic_thinking, is_turned_off_in_the_same_way_everywhere) {
  for (const auto* model : {"claude-sonnet-4-5", "claude-opus-4-5", "claude-opus-4-6"}) {
    const auto body = body_of(thinking(model, reasoning_effort::none));
    EXPECT_EQ(body.at("thinking"), parsed(R"({"type":"disabled"})")) << model;
    EXPECT_EQ(body.at("max_tokens"), 8192) << model;
    EXPECT_FALSE(body.as_object().contains("output_config")) << model;
  }
}

TEST(anthropic_thinking, is_counted_as_it_is_sent) {
  const auto made = encode_count(config(), thinking("claude-opus-4-5", reasoning_effort::high));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(parsed(std::get<std::string>(made->body)),
            parsed(R"({"model":"claude-opus-4-5","messages":[{"role":"user","content":"a"}],
                       "thinking":{"type":"enabled","budget_tokens":12288},"output_config":{"effort":"high"}})"));
}

TEST(anthropic_thinking, stands_beside_a_schema_of_the_answer) {
  auto chat = thinking("claude-sonnet-4-5", reasoning_effort::low);
  chat.output = json_output{.schema = "{}"};
  EXPECT_EQ(body_of(chat).at("output_config"), parsed(R"({"format":{"type":"json_schema","schema":{}}})"));
}

}  // namespace
}  // namespace warmwire::providers::anthropic_thinking_test
