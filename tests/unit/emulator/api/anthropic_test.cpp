// Anthropic's Messages.
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace warmwire::emulator::anthropic_test {
namespace {

using boost::json::parse;
using testing::answer_to;
using testing::call_to;
using testing::events_of;
using testing::field_of;
using ::testing::HasSubstr;
using testing::json_of;
using ::testing::StartsWith;
using testing::success_of;
using testing::text_at;
using part = stream_event::part;

constexpr auto path = "/v1/messages";
constexpr std::string_view hello = R"([{"role":"user","content":"Hello there"}])";
constexpr std::string_view tool = R"(,"tools":[{"name":"get_weather","input_schema":{"type":"object"}}])";

std::string body(std::string_view more = "", std::string_view messages = hello) {
  std::string made = R"({"model":"claude-haiku-4-5","max_tokens":2048,"messages":)";
  return made.append(messages).append(more).append("}");
}

TEST(anthropic_messages, has_every_documented_field) {
  const auto said = success_of(path, body());
  EXPECT_EQ(text_at(said, "/type"), "message");
  EXPECT_EQ(text_at(said, "/role"), "assistant");
  EXPECT_EQ(text_at(said, "/model"), "claude-haiku-4-5");
  EXPECT_EQ(text_at(said, "/content/0/text"), "You wrote 2 words: Hello there");
  EXPECT_EQ(text_at(said, "/stop_reason"), "end_turn");
  EXPECT_TRUE(said.at("stop_sequence").is_null());
  EXPECT_GT(said.at_pointer("/usage/input_tokens").to_number<int>(), 0);
  EXPECT_GT(said.at_pointer("/usage/output_tokens").to_number<int>(), 0);
  EXPECT_EQ(answer_to(path, body()).body, answer_to(path, body()).body);
}

TEST(anthropic_messages, says_why_it_stopped) {
  EXPECT_EQ(text_at(success_of(path, body(R"(,"stop_sequences":["there"])")), "/stop_sequence"), "there");
  const auto cut =
      success_of(path, R"({"model":"m","max_tokens":2,"messages":[{"role":"user","content":"Hello there"}]})");
  EXPECT_EQ(text_at(cut, "/stop_reason"), "max_tokens");
  const auto refused = success_of(path, body("", R"([{"role":"user","content":"[refuse]"}])"));
  EXPECT_EQ(text_at(refused, "/stop_reason"), "refusal");
}

TEST(anthropic_messages, calls_a_tool_and_answers_its_result) {
  const auto said = success_of(path, body(tool, R"([{"role":"user","content":"get_weather {\"city\":\"Oslo\"}"}])"));
  EXPECT_EQ(text_at(said, "/content/0/type"), "tool_use");
  EXPECT_EQ(text_at(said, "/content/0/input/city"), "Oslo");
  EXPECT_EQ(text_at(said, "/stop_reason"), "tool_use");
  const auto next = success_of(path, body(tool, R"([{"role":"user","content":"x"},
      {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"21 degrees"}]}])"));
  EXPECT_EQ(text_at(next, "/content/0/text"), "get_weather said: 21 degrees");
}

TEST(anthropic_messages, streams_blocks_between_start_and_stop) {
  const auto events = events_of(path, body(R"(,"stream":true)"));
  std::string text;
  for (const stream_event& each : events) {
    EXPECT_EQ(text_at(parse(each.data), "/type"), each.name);
    if (each.name == "content_block_delta") text += text_at(parse(each.data), "/delta/text");
  }
  EXPECT_EQ(text, "You wrote 2 words: Hello there");
  EXPECT_EQ(events.front().name, "message_start");
  EXPECT_EQ(events[1].name, "content_block_start");
  EXPECT_EQ(events[2].name, "ping");
  EXPECT_EQ(events[events.size() - 2].name, "message_delta");
  EXPECT_EQ(events[events.size() - 2].what, part::finish);
  EXPECT_EQ(events.back().name, "message_stop");
  EXPECT_EQ(parse(events[events.size() - 2].data).at_pointer("/usage/output_tokens"),
            success_of(path, body()).at_pointer("/usage/output_tokens"));
}

TEST(anthropic_messages, streams_thoughts_and_the_input_of_calls) {
  const auto events =
      events_of(path, body(std::string(tool) + R"(,"stream":true,"thinking":{"type":"enabled","budget_tokens":1024})",
                           R"([{"role":"user","content":"get_weather {\"city\":\"Oslo\"}"}])"));
  std::string thought;
  std::string input;
  for (const stream_event& each : events) {
    if (each.data.find("thinking_delta") != std::string::npos) thought += text_at(parse(each.data), "/delta/thinking");
    if (each.data.find("input_json_delta") != std::string::npos)
      input += text_at(parse(each.data), "/delta/partial_json");
  }
  EXPECT_EQ(thought, "The user wrote 2 words.");
  EXPECT_EQ(input, R"({"city":"Oslo"})");
  const bool is_signed = std::any_of(events.begin(), events.end(), [](const stream_event& each) {
    return each.data.find("signature_delta") != std::string::npos;
  });
  EXPECT_TRUE(is_signed);
}

TEST(anthropic_messages, counts_what_is_cached) {
  const auto said = success_of(
      path, body("", R"([{"role":"user","content":[{"type":"text","text":"a b","cache_control":{"type":"ephemeral"}}]},
      {"role":"assistant","content":"c"},{"role":"user","content":"d"}])"));
  EXPECT_GT(said.at_pointer("/usage/cache_read_input_tokens").to_number<int>(), 0);
}

TEST(anthropic_messages, has_limits_and_ids_in_its_head) {
  const answer said = answer_to(path, body());
  for (const std::string what : {"requests", "tokens", "input-tokens", "output-tokens"}) {
    const std::string name = "anthropic-ratelimit-" + what;
    EXPECT_FALSE(field_of(said, name + "-limit").empty()) << name;
    EXPECT_FALSE(field_of(said, name + "-remaining").empty()) << name;
    EXPECT_THAT(field_of(said, name + "-reset"), StartsWith("2023-11-14T22:13:2")) << name;
  }
  EXPECT_EQ(field_of(said, "anthropic-ratelimit-requests-remaining"), "3999");
  EXPECT_EQ(field_of(said, "request-id"), "req_00000000000000000000000000000007");
  EXPECT_EQ(field_of(said, "anthropic-organization-id"), "warmwire-emulator");
}

TEST(anthropic_messages, counts_tokens) {
  const auto counted =
      success_of("/v1/messages/count_tokens", R"({"model":"m","messages":[{"role":"user","content":"Hello there"}]})");
  EXPECT_EQ(counted.at("input_tokens"), success_of(path, body()).at_pointer("/usage/input_tokens"));
}

TEST(anthropic_messages, refuses_what_the_api_would) {
  struct wrong {
    std::string body;
    std::string said;
  };
  const std::vector<wrong> all{
      {R"({"model":"m","messages":[]})", "max_tokens"},
      {R"({"model":"m","max_tokens":1,"messages":[]})", "at least one message"},
      {R"({"model":"m","max_tokens":1,"messages":[{"role":"critic","content":"x"}]})",
       "'user', 'assistant' or 'system'"},
      {R"({"model":"m","max_tokens":1,"messages":[{"role":"system"}]})", "content: Field required"},
      {R"({"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":"x"}]})", "first message"},
      {body(R"(,"temperature":1.5)"), "temperature"},
      {body(R"(,"seed":1)"), "seed"},
      {body(R"(,"thinking":{"type":"enabled","budget_tokens":10})"), "1024"},
      {body("", R"([{"role":"user","content":"x"},
        {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"n","input":{}}]},
        {"role":"user","content":"y"}])"),
       "tool_result"},
  };
  for (const wrong& each : all) {
    const answer said = answer_to(path, each.body);
    EXPECT_EQ(said.status, 400U) << each.body;
    EXPECT_EQ(text_at(json_of(said), "/error/type"), "invalid_request_error");
    EXPECT_THAT(text_at(json_of(said), "/error/message"), HasSubstr(each.said)) << each.body;
  }
}

TEST(anthropic_messages, wants_a_key_and_a_version) {
  request asked = call_to(path, body());
  asked.headers = {{"x-api-key", "sk-test"}};
  EXPECT_EQ(answer_to(asked).status, 400U);
  asked.headers = {{"anthropic-version", "2023-06-01"}};
  const answer said = answer_to(asked);
  EXPECT_EQ(said.status, 401U);
  EXPECT_EQ(text_at(json_of(said), "/type"), "error");
  EXPECT_EQ(text_at(json_of(said), "/error/type"), "authentication_error");
  EXPECT_EQ(text_at(json_of(said), "/request_id"), field_of(said, "request-id"));
}

TEST(anthropic_models, come_in_pages) {
  request asked = call_to("/v1/models?limit=2");
  asked.headers = {{"x-api-key", "k"}, {"anthropic-version", "2023-06-01"}};
  const auto first = json_of(answer_to(asked));
  EXPECT_EQ(first.at("data").as_array().size(), 2U);
  EXPECT_TRUE(first.at("has_more").as_bool());
  asked.target = "/v1/models?limit=2&after_id=" + text_at(first, "/last_id");
  const auto second = json_of(answer_to(asked));
  EXPECT_EQ(second.at("data").as_array().size(), 1U);
  EXPECT_FALSE(second.at("has_more").as_bool());
}

}  // namespace
}  // namespace warmwire::emulator::anthropic_test
