// OpenAI's Responses.
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>

namespace warmwire::emulator::openai_responses_test {
namespace {

using boost::json::parse;
using testing::answer_to;
using testing::events_of;
using testing::field_of;
using testing::json_of;
using ::testing::StartsWith;
using testing::success_of;
using testing::text_at;
using part = stream_event::part;

constexpr auto path = "/v1/responses";

std::string body(std::string_view more = "", std::string_view input = R"("Hello there")") {
  std::string made = R"({"model":"gpt-4o-mini","input":)";
  return made.append(input).append(more).append("}");
}

constexpr std::string_view tool =
    R"(,"tools":[{"type":"function","name":"get_weather","parameters":{"type":"object"}}])";

TEST(openai_responses, answers_with_a_message_and_usage) {
  const auto said = success_of(path, body());
  EXPECT_EQ(text_at(said, "/object"), "response");
  EXPECT_EQ(text_at(said, "/status"), "completed");
  EXPECT_EQ(text_at(said, "/output/0/content/0/text"), "You wrote 2 words: Hello there");
  const auto usage = said.at("usage");
  EXPECT_EQ(usage.at("total_tokens").to_number<int>(),
            usage.at("input_tokens").to_number<int>() + usage.at("output_tokens").to_number<int>());
}

TEST(openai_responses, calls_a_tool_and_answers_its_result) {
  const auto said = success_of(path, body(tool, R"("get_weather {\"city\":\"Oslo\"}")"));
  EXPECT_EQ(text_at(said, "/output/0/type"), "function_call");
  EXPECT_EQ(text_at(said, "/output/0/arguments"), R"({"city":"Oslo"})");
  const auto next = success_of(path, body(tool, R"([{"role":"user","content":"get_weather"},
        {"type":"function_call","call_id":"call_1","name":"get_weather","arguments":"{}"},
        {"type":"function_call_output","call_id":"call_1","output":"21 degrees"}])"));
  EXPECT_EQ(text_at(next, "/output/0/content/0/text"), "get_weather said: 21 degrees");
}

TEST(openai_responses, is_incomplete_when_it_is_cut) {
  const auto said =
      success_of(path, body(R"(,"max_output_tokens":16)", R"("one two three four five six seven eight")"));
  EXPECT_EQ(text_at(said, "/status"), "incomplete");
  EXPECT_EQ(text_at(said, "/incomplete_details/reason"), "max_output_tokens");
}

TEST(openai_responses, streams_named_events_in_order_to_one_terminal) {
  const auto events = events_of(path, body(R"(,"stream":true)"));
  std::string text;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto event = parse(events[i].data);
    EXPECT_EQ(text_at(event, "/type"), events[i].name);
    EXPECT_EQ(event.at("sequence_number").to_number<std::size_t>(), i);
    if (events[i].name == "response.output_text.delta") text += text_at(event, "/delta");
    EXPECT_EQ(events[i].what == part::finish, i + 1 == events.size());
  }
  EXPECT_EQ(events[0].name, "response.created");
  EXPECT_EQ(events.back().name, "response.completed");
  EXPECT_EQ(text, "You wrote 2 words: Hello there");
  EXPECT_EQ(parse(events.back().data).at("response").at("usage"), success_of(path, body()).at("usage"));
}

TEST(openai_responses, streams_the_arguments_of_a_call) {
  std::string arguments;
  for (const stream_event& each :
       events_of(path, body(std::string(tool) + R"(,"stream":true)", R"("get_weather {\"city\":\"Oslo\"}")"))) {
    if (each.name == "response.function_call_arguments.delta") arguments += text_at(parse(each.data), "/delta");
  }
  EXPECT_EQ(arguments, R"({"city":"Oslo"})");
}

TEST(openai_responses, shows_a_summary_of_its_reasoning_when_asked) {
  const auto said = success_of(path, body(R"(,"reasoning":{"effort":"low","summary":"auto"})"));
  EXPECT_EQ(text_at(said, "/output/0/type"), "reasoning");
  EXPECT_EQ(text_at(said, "/output/0/summary/0/text"), "The user wrote 2 words.");
  EXPECT_GT(said.at_pointer("/usage/output_tokens_details/reasoning_tokens").to_number<int>(), 0);
}

TEST(openai_responses, has_limits_in_its_head) {
  const answer said = answer_to(path, body());
  EXPECT_EQ(field_of(said, "x-ratelimit-limit-requests"), "10000");
  EXPECT_THAT(field_of(said, "x-request-id"), StartsWith("req_"));
}

TEST(openai_responses, refuses_what_the_api_would) {
  for (const std::string_view wrong : {R"({"input":"x"})", R"({"model":"m","input":7})",
                                       R"({"model":"m","input":"x","seed":1})", R"({"model":"m","input":)"}) {
    const answer said = answer_to(path, std::string(wrong));
    EXPECT_EQ(said.status, 400U) << wrong;
    EXPECT_EQ(text_at(json_of(said), "/error/type"), "invalid_request_error") << wrong;
  }
}

}  // namespace
}  // namespace warmwire::emulator::openai_responses_test
