// The many forms in which servers of Chat Completions give what a model said: none of it is lost or said twice.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::openai_choice_test {
namespace {

using testing::config_at;
using ::testing::ElementsAre;
using testing::run_in_all_pieces;
using testing::success;

provider_config lab() {
  return config_at("lab", "https://lab.test/v1");
}

std::string event(const std::string& choice, const std::string& rest = "") {
  return "data: {\"id\":\"c1\",\"choices\":[{" + choice + "}]" + rest + "}\n\n";
}

const std::string done = "data: [DONE]\n\n";

TEST(openai_choice, is_the_answer_whatever_its_number) {
  for (const auto& numbers : std::vector<std::vector<std::string>>{{"0", "0", "0"},
                                                                   {"1", "1", "1"},
                                                                   {"0", "1", "2"},
                                                                   {"1", "2", "3"},
                                                                   {"7", "7", "0"},
                                                                   {"null", "null", "null"},
                                                                   {"\"0\"", "\"0\"", "\"0\""},
                                                                   {"-1", "-1", "-1"}}) {
    const auto text = event("\"index\":" + numbers[0] + R"(,"delta":{"role":"assistant","content":"Hello "})") +
                      event("\"index\":" + numbers[1] + R"(,"delta":{"content":"you"},"finish_reason":null)") +
                      event("\"index\":" + numbers[2] + R"(,"delta":{"content":""},"finish_reason":"stop")");
    const auto out = run_in_all_pieces(lab(), text + done);
    EXPECT_THAT(out.events, ElementsAre("text Hello ", "text you", "finished stop stop")) << text;
  }
}

TEST(openai_choice, says_all_of_it_in_a_message_where_there_are_no_deltas) {
  const auto message = [](const std::string& text, const std::string& finish = "null") {
    return event(R"("index":0,"message":{"role":"assistant","content":")" + text + R"("},"finish_reason":)" + finish);
  };
  const auto delta = [](const std::string& text) { return event(R"("index":0,"delta":{"content":")" + text + "\"}"); };
  const std::string end = event(R"("index":0,"delta":{},"finish_reason":"stop")");
  const std::vector<std::string> streams{
      message("Hello ") + message("you") + end,                                      // pieces
      message("Hello ") + message("you", R"("stop")"),                               // pieces, the last with the end
      message("Hello ") + message("Hello you") + end,                                // all so far
      message("Hello ") + message("Hello you") + message("Hello you", R"("stop")"),  // and once more
      delta("Hello ") + delta("you") + message("Hello you", R"("stop")"),            // behind deltas
      delta("Hello ") + message("Hello you", R"("stop")"),                           // beyond deltas
      message("Hello you", R"("stop")"),
      event(R"("index":0,"text":"Hello ")") + event(R"("index":0,"text":"you","finish_reason":"stop")"),
      event(R"("delta":{"content":"Hello "},"message":{"content":"Hello "})") +
          event(R"("delta":{"content":"you"},"message":{"content":"you"},"finish_reason":"stop")"),
      event(R"("delta":{},"message":{"content":"Hello you"},"finish_reason":"stop")"),
      event(R"("delta":null,"message":{"content":"Hello you"},"finish_reason":"stop")"),
      "data: {\"object\":\"chat.completion\",\"choices\":[{\"message\":{\"content\":\"Hello you\"}}]}\n\n" + end,
  };
  for (const auto& each : streams) {
    const auto out = run_in_all_pieces(lab(), each + done);
    EXPECT_TRUE(out.is_finished) << each;
    EXPECT_EQ(out.reply.content, "Hello you") << each;
  }
}

TEST(openai_choice, says_its_calls_once_where_a_message_repeats_them) {
  const std::string pieces =
      event(R"("delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]})") +
      event(R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})");
  const std::string whole = R"("message":{"content":"","tool_calls":[{"id":"a","function":{"name":"f",)"
                            R"("arguments":"{\"x\":1}"}}]},"finish_reason":"tool_calls")";
  for (const auto& text : {pieces + event(whole), event(whole)}) {
    const auto out = run_in_all_pieces(lab(), text + done);
    EXPECT_TRUE(out.is_finished) << text;
    ASSERT_EQ(out.reply.tool_calls.size(), 1U) << text;
    EXPECT_EQ(out.reply.tool_calls[0].arguments, R"({"x":1})");
    EXPECT_EQ(out.reply.finish, finish_reason::tool_calls);
  }
}

TEST(openai_choice, has_its_text_in_many_forms) {
  const std::vector<std::pair<std::string, std::string>> forms{
      {R"("content":"Hello")", "text Hello"},
      {R"("content":[{"type":"text","text":"Hello"}])", "text Hello"},
      {R"("content":["Hel","lo"])", "text Hel,text lo"},
      {R"("content":[{"type":"text","text":{"value":"Hello"}}])", "text Hello"},
      {R"("content":{"type":"text","text":"Hello"})", "text Hello"},
      {R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"Hello"}])",
       "reasoning Hm,text Hello"},
      {R"("content":[{"type":"thinking","thinking":"Hm"}])", "reasoning Hm"},
      {R"("content":[{"type":"reasoning","text":"Hm"}])", "reasoning Hm"},
      {R"("content":[{"type":"refusal","refusal":"No"}])", "refusal No"},
      {R"("content":null,"refusal":"No")", "refusal No"},
      {R"("reasoning":"Hm")", "reasoning Hm"},
      {R"("content":null,"reasoning_content":"Hm","reasoning":"Hm")", "reasoning Hm"},
      {R"("content":"","thinking":"Hm")", "reasoning Hm"},
      {R"("role":"assistant")", ""},
      {R"("content":null)", ""},
      {R"("content":[])", ""},
      {R"("content":[null,{"type":"image"},[]])", ""},
  };
  for (const auto& [fields, expected] : forms) {
    const auto joined = [](std::vector<std::string> events) {
      std::string out;
      events.pop_back();
      for (const auto& each : events)
        out += (out.empty() ? "" : ",") + each;
      return out;
    };
    const auto out = run_in_all_pieces(lab(), event("\"delta\":{" + fields + R"(},"finish_reason":"length")") + done);
    ASSERT_TRUE(out.is_finished) << fields;
    EXPECT_EQ(joined(out.events), expected) << fields;
    const auto body = R"({"choices":[{"message":{)" + fields + R"(},"finish_reason":"length"}]})";
    const auto whole = decode_chat(lab(), success(body));
    ASSERT_TRUE(whole) << fields << whole.error().message;
    EXPECT_EQ(whole->content, out.reply.content) << fields;
    EXPECT_EQ(whole->reasoning, out.reply.reasoning) << fields;
    EXPECT_EQ(whole->refusal, out.reply.refusal) << fields;
    EXPECT_EQ(whole->finish, finish_reason::length) << fields;
  }
}

TEST(openai_choice, may_be_one_of_several_that_together_are_the_answer) {
  // The text in one, the calls in another, as some gateways have it.
  const std::string choices =
      R"({"message":{"role":"assistant","content":"Let me see."},"finish_reason":"tool_calls"},)"
      R"({"message":{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},)"
      R"("finish_reason":"tool_calls"})";
  const auto reply = decode_chat(lab(), success(R"({"choices":[)" + choices + "]}"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->content, "Let me see.");
  ASSERT_EQ(reply->tool_calls.size(), 1U);
  EXPECT_EQ(reply->tool_calls[0].name, "f");
  const auto asked = decode_chat(lab(),
                                 success(R"({"choices":[{"index":1,"message":{"content":"no"}},)"
                                         R"({"index":0,"message":{"content":"yes"},"finish_reason":"stop"}]})"),
                                 answer_choices::several);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->content, "yes");
}

TEST(openai_choice, has_the_usage_where_kimi_has_it) {
  const std::string counts = R"("usage":{"prompt_tokens":"7","completion_tokens":3.0,"total_tokens":10})";
  const auto end = event(R"("delta":{},"finish_reason":"stop",)" + counts);
  for (const auto* rest : {"", ",\"usage\":null", ",\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}"}) {
    const auto out = run_in_all_pieces(
        lab(), event(R"("delta":{"content":"Hello"})", rest) + end + "data: {\"choices\":[]" + rest + "}\n\n" + done);
    EXPECT_THAT(out.events, ElementsAre("text Hello", "usage 7 3", "finished stop stop")) << rest;
    EXPECT_EQ(out.reply.usage.total_tokens, 10);
  }
  const auto whole =
      decode_chat(lab(), success(R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop",)" + counts + "}]}"));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->usage.input_tokens, 7);
  const auto other = decode_chat(lab(), success(R"({"choices":[{"message":{"content":"a"}}],)"
                                                R"("usage":{"input_tokens":7.9,"output_tokens":3}})"));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->usage, (usage{.input_tokens = 7, .output_tokens = 3}));
}

TEST(openai_choice, finishes_by_the_words_of_the_engines_behind_it) {
  const std::vector<std::pair<std::string, finish_reason>> words{
      {"stop", finish_reason::stop},
      {"STOP", finish_reason::stop},
      {"eos", finish_reason::stop},
      {"end_turn", finish_reason::stop},
      {"length", finish_reason::length},
      {"MAX_TOKENS", finish_reason::length},
      {"model_length", finish_reason::length},
      {"content_filter", finish_reason::content_filter},
      {"SAFETY", finish_reason::content_filter},
      {"tool_calls", finish_reason::tool_calls},
      {"function_call", finish_reason::tool_calls},
      {"insufficient_system_resource", finish_reason::other}};
  for (const auto& [word, reason] : words) {
    const auto out =
        run_in_all_pieces(lab(), event(R"("delta":{"content":"a"},"finish_reason":")" + word + "\"") + done);
    EXPECT_EQ(out.reply.finish, reason) << word;
    EXPECT_EQ(out.reply.finish_text, word);
  }
}

TEST(openai_choice, may_go_on_behind_its_end) {
  const auto text =
      event(R"("delta":{"content":"Hello "},"finish_reason":"stop")") +
      event(
          R"("delta":{"content":"you","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})");
  const auto out = run_in_all_pieces(lab(), text + done);
  EXPECT_TRUE(out.is_finished);
  EXPECT_EQ(out.reply.content, "Hello you");
  ASSERT_EQ(out.reply.tool_calls.size(), 1U);
  EXPECT_EQ(out.reply.finish, finish_reason::tool_calls);
  EXPECT_EQ(out.events.back(), "finished tool_calls stop");
}

}  // namespace
}  // namespace warmwire::providers::openai_choice_test
