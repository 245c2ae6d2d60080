// What the emulator does with fields and words that it does not know: by default it takes and names them, a strict one
// refuses them. What is malformed is refused by both.
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>

#include <ostream>
#include <set>
#include <string>

namespace warmwire::emulator::unknown_fields_test {
namespace {

using testing::call_to;
using ::testing::ElementsAre;
using ::testing::Values;

answer answer_under(unknown_fields rule, const std::string& path, const std::string& body) {
  const request what = call_to(path, body);
  return answer_request({.what = what, .others = rule});
}

struct unknown_part {
  const char* name;
  std::string path;
  std::string body;
  std::string place;  ///< as the report has it

  friend std::ostream& operator<<(std::ostream& out, const unknown_part& shown) { return out << shown.name; }
};

constexpr auto chat_path = "/v1/chat/completions";
constexpr auto responses_path = "/v1/responses";
constexpr auto embeddings_path = "/v1/embeddings";
constexpr auto messages_path = "/v1/messages";
constexpr auto tokens_path = "/v1/messages/count_tokens";
constexpr auto gemini_path = "/v1beta/models/m:generateContent";
constexpr auto gemini_stream_path = "/v1beta/models/m:streamGenerateContent?alt=sse";
constexpr auto gemini_tokens_path = "/v1beta/models/m:countTokens";
constexpr auto embed_path = "/v1beta/models/m:embedContent";
constexpr auto batch_path = "/v1beta/models/m:batchEmbedContents";

std::string chat_with(const std::string& more) {
  return R"({"model":"m","messages":[{"role":"user","content":"x"}],)" + more + "}";
}
std::string chat_of(const std::string& message) {
  return R"({"model":"m","messages":[)" + message + "]}";
}
std::string response_with(const std::string& more) {
  return R"({"model":"m","input":"x",)" + more + "}";
}
std::string message_with(const std::string& more) {
  return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],)" + more + "}";
}
std::string content_with(const std::string& more) {
  return R"({"contents":[{"role":"user","parts":[{"text":"x"}]}],)" + more + "}";
}

class unknown_to_the_emulator : public ::testing::TestWithParam<unknown_part> {};

TEST_P(unknown_to_the_emulator, is_named_and_refused_by_a_strict_one_alone) {
  const unknown_part& each = GetParam();
  const answer taken = answer_under(unknown_fields::noted, each.path, each.body);
  EXPECT_EQ(taken.status, 200U) << taken.body;
  EXPECT_THAT(taken.unknown, ElementsAre(each.place));
  const answer refused = answer_under(unknown_fields::refused, each.path, each.body);
  EXPECT_EQ(refused.status, 400U) << refused.body;
  EXPECT_THAT(refused.unknown, ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(
    api, unknown_to_the_emulator,
    Values(
        unknown_part{"chat_field", chat_path, chat_with(R"("new_one":1)"), "new_one"},
        unknown_part{"chat_stream", chat_path, chat_with(R"("new_one":null,"stream":true)"), "new_one"},
        unknown_part{"chat_role", chat_path, chat_of(R"({"role":"critic","content":"x"})"), "messages[].role=critic"},
        unknown_part{"chat_part", chat_path, chat_of(R"({"role":"user","content":[{"type":"song","song":{}}]})"),
                     "messages[].content[].type=song"},
        unknown_part{"chat_tool", chat_path, chat_with(R"("tools":[{"type":"oracle"}])"), "tools[].type=oracle"},
        unknown_part{"chat_choice", chat_path,
                     chat_with(R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"best")"),
                     "tool_choice=best"},
        unknown_part{"chat_format", chat_path, chat_with(R"("response_format":{"type":"xml"})"),
                     "response_format.type=xml"},
        unknown_part{"responses_field", responses_path, response_with(R"("new_one":{})"), "new_one"},
        unknown_part{"responses_stream", responses_path, response_with(R"("new_one":{},"stream":true)"), "new_one"},
        unknown_part{"responses_role", responses_path, R"({"model":"m","input":[{"role":"critic","content":"x"}]})",
                     "input[].role=critic"},
        unknown_part{"responses_part", responses_path,
                     R"({"model":"m","input":[{"role":"user","content":[{"type":"song"}]}]})",
                     "input[].content[].type=song"},
        unknown_part{"responses_choice", responses_path, response_with(R"("tool_choice":"best")"), "tool_choice=best"},
        unknown_part{"responses_format", responses_path, response_with(R"("text":{"format":{"type":"xml"}})"),
                     "text.format.type=xml"},
        unknown_part{"embeddings_field", embeddings_path, R"({"model":"m","input":"x","new_one":1})", "new_one"},
        unknown_part{"embeddings_format", embeddings_path, R"({"model":"m","input":"x","encoding_format":"hex"})",
                     "encoding_format=hex"}),
    [](const auto& each) { return std::string(each.param.name); });

INSTANTIATE_TEST_SUITE_P(
    other_apis, unknown_to_the_emulator,
    Values(unknown_part{"messages_field", messages_path, message_with(R"("new_one":1)"), "new_one"},
           unknown_part{"messages_stream", messages_path, message_with(R"("new_one":1,"stream":true)"), "new_one"},
           unknown_part{"messages_role", messages_path,
                        R"({"model":"m","max_tokens":9,"messages":[{"role":"critic","content":"x"}]})",
                        "messages[].role=critic"},
           unknown_part{"messages_choice", messages_path, message_with(R"("tool_choice":{"type":"best"})"),
                        "tool_choice.type=best"},
           unknown_part{"messages_thinking", messages_path, message_with(R"("thinking":{"type":"deep"})"),
                        "thinking.type=deep"},
           unknown_part{"messages_format", messages_path, message_with(R"("output_config":{"format":{"type":"xml"}})"),
                        "output_config.format.type=xml"},
           unknown_part{"count_field", tokens_path, message_with(R"("new_one":1)"), "new_one"},
           unknown_part{"gemini_field", gemini_path, content_with(R"("new_one":1)"), "newOne"},
           unknown_part{"gemini_stream", gemini_stream_path, content_with(R"("newOne":1)"), "newOne"},
           unknown_part{"gemini_count", gemini_tokens_path, content_with(R"("newOne":1)"), "newOne"},
           unknown_part{"gemini_config", gemini_path, content_with(R"("generationConfig":{"newOne":1})"),
                        "generation_config.newOne"},
           unknown_part{"gemini_thinking", gemini_path,
                        content_with(R"("generationConfig":{"thinkingConfig":{"newOne":1}})"),
                        "generation_config.thinking_config.newOne"},
           unknown_part{"gemini_part", gemini_path, R"({"contents":[{"parts":[{"text":"x","newOne":1}]}]})",
                        "contents[].parts[].newOne"},
           unknown_part{"gemini_role", gemini_path, R"({"contents":[{"role":"critic","parts":[{"text":"x"}]}]})",
                        "contents[].role=critic"},
           unknown_part{"embed_field", embed_path, R"({"content":{"parts":[{"text":"x"}]},"newOne":1})", "newOne"},
           unknown_part{"batch_field", batch_path, R"({"requests":[{"content":{"parts":[{"text":"x"}]},"newOne":1}]})",
                        "requests[].newOne"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(unknown_fields, are_taken_by_a_strict_emulator_of_a_server_that_takes_them) {
  for (const char* server : {"deepseek", "openrouter", "ollama", "vllm", "llamacpp"}) {
    const answer said = answer_under(unknown_fields::refused, std::string("/as/").append(server).append(chat_path),
                                     chat_with(R"("new_one":1)"));
    EXPECT_EQ(said.status, 200U) << server << said.body;
    EXPECT_THAT(said.unknown, ElementsAre("new_one")) << server;
  }
}

TEST(unknown_fields, do_not_excuse_what_is_malformed) {
  const std::pair<const char*, std::string> malformed[] = {
      {chat_path, R"({"model":"m","new_one":1})"},
      {chat_path, chat_with(R"("new_one":1,"temperature":"hot")")},
      {chat_path, chat_with(R"("temperature":2.5)")},
      {chat_path, chat_of(R"({"role":7,"content":"x"})")},
      {responses_path, R"({"model":"m","new_one":1})"},
      {responses_path, response_with(R"("max_output_tokens":"many")")},
      {embeddings_path, R"({"model":"m","new_one":1})"},
      {messages_path, R"({"model":"m","messages":[{"role":"user","content":"x"}],"new_one":1})"},
      {messages_path, message_with(R"("top_p":2)")},
      {messages_path, message_with(R"("thinking":{"type":"enabled"})")},
      {gemini_path, R"({"newOne":1})"},
      {gemini_path, content_with(R"("generationConfig":{"topP":"high"})")},
      {embed_path, R"({"newOne":1})"},
  };
  for (const auto& [path, body] : malformed) {
    for (const auto rule : {unknown_fields::noted, unknown_fields::refused})
      EXPECT_EQ(answer_under(rule, path, body).status, 400U) << path << body;
  }
}

TEST(unknown_fields, are_named_once_printable_and_in_bounds) {
  const answer said =
      answer_under(unknown_fields::noted, chat_path,
                   chat_of(R"({"role":"a\u001b\u00e9","content":"x"},{"role":"a\u001b\u00e9","content":""})"));
  EXPECT_THAT(said.unknown, ElementsAre("messages[].role=a???"));
  std::string many = R"("f":1)";
  for (int i = 0; i < 300; ++i)
    many.append(",\"")
        .append(std::string(200, 'x'))
        .append(std::to_string(i))
        .append("\":1,\"n")
        .append(std::to_string(i))
        .append("\":1");
  const answer bounded = answer_under(unknown_fields::noted, chat_path, chat_with(many));
  EXPECT_EQ(bounded.status, 200U);
  EXPECT_EQ(bounded.unknown.size(), 100U);
  for (const std::string& each : bounded.unknown)
    EXPECT_LE(each.size(), 100U);
}

}  // namespace
}  // namespace warmwire::emulator::unknown_fields_test
