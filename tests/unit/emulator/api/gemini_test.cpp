// Google's Gemini.
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>

namespace warmwire::emulator::gemini_test {
namespace {

using boost::json::parse;
using testing::answer_to;
using testing::call_to;
using testing::events_of;
using testing::field_of;
using ::testing::HasSubstr;
using testing::json_of;
using testing::success_of;
using testing::text_at;
using part = stream_event::part;

const std::string model = "/v1beta/models/gemini-2.5-flash:";
const std::string path = model + "generateContent";
const std::string stream_path = model + "streamGenerateContent?alt=sse";
constexpr std::string_view hello = R"([{"role":"user","parts":[{"text":"Hello there"}]}])";
constexpr std::string_view tool = R"(,"tools":[{"functionDeclarations":[{"name":"get_weather"}]}])";

std::string body(std::string_view more = "", std::string_view contents = hello) {
  std::string made = R"({"contents":)";
  return made.append(contents).append(more).append("}");
}

TEST(gemini, has_every_documented_field) {
  const auto said = success_of(path, body());
  EXPECT_EQ(text_at(said, "/candidates/0/content/parts/0/text"), "You wrote 2 words: Hello there");
  EXPECT_EQ(text_at(said, "/candidates/0/content/role"), "model");
  EXPECT_EQ(text_at(said, "/candidates/0/finishReason"), "STOP");
  EXPECT_EQ(text_at(said, "/modelVersion"), "gemini-2.5-flash");
  const auto& usage = said.at("usageMetadata");
  EXPECT_EQ(usage.at("totalTokenCount").to_number<int>(),
            usage.at("promptTokenCount").to_number<int>() + usage.at("candidatesTokenCount").to_number<int>());
  EXPECT_EQ(answer_to(path, body()).body, answer_to(path, body()).body);
}

TEST(gemini, takes_snake_case_as_well) {
  const auto said = success_of(path, body(R"(,"generation_config":{"max_output_tokens":2})"));
  EXPECT_EQ(text_at(said, "/candidates/0/finishReason"), "MAX_TOKENS");
}

TEST(gemini, calls_a_tool_and_answers_its_result) {
  const auto said = success_of(path, body(tool, R"([{"parts":[{"text":"get_weather {\"city\":\"Oslo\"}"}]}])"));
  EXPECT_EQ(text_at(said, "/candidates/0/content/parts/0/functionCall/args/city"), "Oslo");
  const auto next = success_of(path, body(tool, R"([{"role":"user","parts":[{"text":"x"}]},
      {"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{}}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"output":"21 degrees"}}}]}])"));
  EXPECT_EQ(text_at(next, "/candidates/0/content/parts/0/text"), "get_weather said: 21 degrees");
}

TEST(gemini, refuses_a_prompt_without_a_candidate) {
  const auto said = success_of(path, body("", R"([{"parts":[{"text":"[refuse]"}]}])"));
  EXPECT_FALSE(said.as_object().contains("candidates"));
  EXPECT_EQ(text_at(said, "/promptFeedback/blockReason"), "PROHIBITED_CONTENT");
}

TEST(gemini, shows_thoughts_only_when_asked) {
  const auto hidden = success_of(path, body(R"(,"generationConfig":{"thinkingConfig":{"thinkingBudget":1024}})"));
  EXPECT_EQ(hidden.at_pointer("/candidates/0/content/parts").as_array().size(), 1U);
  EXPECT_GT(hidden.at_pointer("/usageMetadata/thoughtsTokenCount").to_number<int>(), 0);
  const auto shown = success_of(path, body(R"(,"generationConfig":{"thinkingConfig":{"includeThoughts":true}})"));
  EXPECT_TRUE(shown.at_pointer("/candidates/0/content/parts/0/thought").as_bool());
}

TEST(gemini, streams_responses_whose_last_has_the_reason_and_usage) {
  const auto events = events_of(stream_path, body());
  std::string text;
  for (const stream_event& each : events) {
    EXPECT_EQ(each.name, "");
    text += text_at(parse(each.data), "/candidates/0/content/parts/0/text");
    EXPECT_EQ(each.data.find("finishReason") != std::string::npos, &each == &events.back());
  }
  EXPECT_EQ(text, "You wrote 2 words: Hello there");
  EXPECT_EQ(events.back().what, part::finish);
  EXPECT_TRUE(events.back().has_usage);
}

TEST(gemini, streams_a_growing_array_without_alt_sse) {
  const answer listed = answer_to(model + "streamGenerateContent", body());
  ASSERT_TRUE(listed.stream);
  EXPECT_TRUE(listed.stream->is_list);
  EXPECT_FALSE(answer_to(stream_path, body()).stream->is_list);
}

TEST(gemini, counts_tokens) {
  const auto counted = success_of(model + "countTokens", body());
  EXPECT_EQ(counted.at("totalTokens"), success_of(path, body()).at_pointer("/usageMetadata/promptTokenCount"));
}

TEST(gemini, has_no_rate_limit_fields) {
  EXPECT_THAT(answer_to(path, body()).fields, Not(HasSubstr("ratelimit")));
}

TEST(gemini, refuses_what_the_api_would) {
  for (const std::string& wrong :
       {std::string("{}"), body(R"(,"unknown":1)"), body(R"(,"generationConfig":{"temperature":3})"),
        body("", R"([{"role":"system","parts":[{"text":"x"}]}])"), body("", R"([{"role":"user","parts":[]}])"),
        body(R"(,"generationConfig":{"responseSchema":{"type":"object"}})")}) {
    const answer said = answer_to(path, wrong);
    EXPECT_EQ(said.status, 400U) << wrong;
    EXPECT_EQ(text_at(json_of(said), "/error/status"), "INVALID_ARGUMENT");
    EXPECT_EQ(json_of(said).at_pointer("/error/code").to_number<int>(), 400);
  }
}

TEST(gemini, takes_its_key_in_the_head_or_the_query) {
  request asked = call_to(path, body());
  asked.headers.clear();
  EXPECT_EQ(answer_to(asked).status, 403U);
  asked.target += "?key=test";
  EXPECT_EQ(answer_to(asked).status, 200U);
  asked.target = path;
  asked.headers = {{"x-goog-api-key", "wrong"}};
  EXPECT_THAT(answer_to(asked).body, HasSubstr("API_KEY_INVALID"));
}

TEST(gemini_models, come_in_pages) {
  const auto first = success_of("/v1beta/models?pageSize=3");
  EXPECT_EQ(first.at("models").as_array().size(), 3U);
  const auto second = success_of("/v1beta/models?pageSize=3&pageToken=" + text_at(first, "/nextPageToken"));
  EXPECT_EQ(second.at("models").as_array().size(), 1U);
  EXPECT_FALSE(second.as_object().contains("nextPageToken"));
}

}  // namespace
}  // namespace warmwire::emulator::gemini_test
