// An answer means the same whether it comes whole or as a stream, and to a call or to a request for a stream.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace warmwire::providers::whole_answer_test {
namespace {

using testing::config_of;
using testing::ending;
using testing::run_stream;
using testing::success;

struct described_part {
  std::string operator()(const text_part& part) const { return "text " + part.text + "|" + part.signature; }
  std::string operator()(const reasoning_part& part) const {
    return "reasoning " + part.text + "|" + part.signature + "|" + part.encrypted + "|" + part.id;
  }
  std::string operator()(const tool_call& part) const {
    return "call " + part.id + "|" + part.name + "|" + part.arguments + "|" + part.signature;
  }
  std::string operator()(const image_part& /*part*/) const { return "image"; }
  std::string operator()(const tool_result& /*part*/) const { return "result"; }
  std::string operator()(const provider_part& part) const { return "provider's " + part.json; }
};

std::vector<std::string> lines_of(const chat_reply& reply) {
  std::vector<std::string> out{"content " + reply.message.content};
  for (const auto& each : reply.message.parts)
    out.push_back(std::visit(described_part(), each));
  for (const auto& each : reply.tool_calls)
    out.push_back(described_part()(each));
  for (const auto& each : {reply.content, reply.reasoning, reply.refusal, reply.finish_text, reply.id, reply.model})
    out.push_back(each);
  out.push_back(std::to_string(reply.usage.total_tokens));
  return out;
}

struct sample {
  std::string name;
  provider_config config;
  std::string body;
  std::size_t parts;
};

std::vector<sample> samples() {
  return {{"chat completions", config_of("mistral"),
           R"({"id":"1","model":"m","choices":[{"message":{"reasoning_content":"Hm.","content":"Hello","refusal":"no",
           "tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"b","function":{"name":"g"}}]},
           "finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}})",
           4},
          {"responses", config_of("openai", openai_api::responses),
           R"({"id":"1","model":"m","status":"completed","output":[
           {"type":"reasoning","id":"rs_1","summary":[{"text":"Hm."}],"encrypted_content":"enc"},
           {"type":"function_call","call_id":"a","name":"f","arguments":"{\"a\":1}"},
           {"type":"message","content":[{"type":"output_text","text":"Hello"},{"type":"refusal","refusal":"no"}]},
           {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"more"},
           {"type":"function_call","call_id":"b","name":"g","arguments":""},
           {"type":"function_call","name":"h"},{"type":"function_call","name":"h"}],
           "usage":{"input_tokens":3,"output_tokens":5,"total_tokens":8}})",
           7},
          {"messages", config_of("anthropic"),
           R"({"id":"1","model":"m","content":[{"type":"thinking","thinking":"Hm.","signature":"sig"},
           {"type":"tool_use","id":"a","name":"f","input":{"a":1}},{"type":"redacted_thinking","data":"hid"},
           {"type":"text","text":"Hel"},{"type":"text","text":"lo"},{"type":"tool_use","id":"b","name":"g","input":{}}],
           "stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":5}})",
           6},
          {"gemini", config_of("google"),
           R"({"responseId":"1","modelVersion":"m","candidates":[{"content":{"parts":[{"text":"Hm.","thought":true},
           {"text":"Hel","thoughtSignature":"t1"},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"t2"},
           {"text":"lo"},{"functionCall":{"name":"g"}}]},"finishReason":"STOP"}],
           "usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5,"totalTokenCount":8}})",
           5}};
}

TEST(whole_answer, is_the_same_reply_where_a_stream_was_asked_for) {
  for (const auto& each : samples()) {
    SCOPED_TRACE(each.name);
    const auto called = decode_chat(each.config, success(each.body));
    ASSERT_TRUE(called) << called.error().message;
    EXPECT_EQ(called->message.parts.size(), each.parts);
    for (const std::size_t piece : {1, 7, 10'000}) {
      const auto out = run_stream(each.config, each.body, piece, ending::clean, "application/json");
      ASSERT_FALSE(out.failure) << out.failure->to_string();
      EXPECT_TRUE(out.is_finished);
      EXPECT_EQ(lines_of(out.reply), lines_of(*called));
      EXPECT_EQ(out.reply.raw_body, each.body);
      EXPECT_EQ(out.events.back(), "finished tool_calls " + called->finish_text);
    }
  }
}

TEST(whole_answer, gives_a_call_without_arguments_an_empty_object_as_a_stream_does) {
  const std::vector<std::pair<provider_config, std::string>> answers{
      {config_of("openai"),
       R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":""}},
           {"id":"b","function":{"name":"f"}}]},"finish_reason":"tool_calls"}]})"},
      {config_of("openai", openai_api::responses),
       R"({"status":"completed","output":[{"type":"function_call","call_id":"a","name":"f","arguments":""},
           {"type":"function_call","call_id":"b","name":"f"}]})"},
      {config_of("anthropic"), R"({"content":[{"type":"tool_use","id":"a","name":"f","input":{}},
                                   {"type":"tool_use","id":"b","name":"f"}]})"},
      {config_of("google"), R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}},
                                {"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]})"}};
  for (const auto& [config, body] : answers) {
    const auto reply = decode_chat(config, success(body));
    ASSERT_TRUE(reply) << reply.error().message;
    ASSERT_EQ(reply->tool_calls.size(), 2U) << body;
    for (const auto& each : reply->tool_calls)
      EXPECT_EQ(each.arguments, "{}") << body;
    for (const auto& each : reply->message.parts)
      EXPECT_EQ(std::get<tool_call>(each).arguments, "{}") << body;
  }
}

}  // namespace
}  // namespace warmwire::providers::whole_answer_test
