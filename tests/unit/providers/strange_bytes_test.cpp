// Bytes that are no text, in each of the four APIs, streamed and whole: at worst U+FFFD stands in their place.
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::strange_bytes_test {
namespace {

using testing::config_of;
using testing::run_in_all_pieces;
using testing::run_stream;
using testing::success;

const std::string text_marker = "@";

struct byte_sample {
  std::string name;
  provider_config config;
  std::string event;  // with a text of `text_marker`
  std::string last;
  std::string whole;
};

std::vector<byte_sample> byte_samples() {
  return {{"chat completions", config_of("openai"), R"({"choices":[{"index":0,"delta":{"content":"@"}}]})",
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})",
           R"({"choices":[{"message":{"content":"@"},"finish_reason":"stop"}]})"},
          {"responses", config_of("openai", openai_api::responses),
           R"({"type":"response.output_text.delta","output_index":0,"delta":"@"})",
           R"({"type":"response.completed","response":{"status":"completed"}})",
           R"({"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"@"}]}]})"},
          {"messages", config_of("anthropic"),
           R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"@"}})",
           R"({"type":"message_stop"})", R"({"content":[{"type":"text","text":"@"}],"stop_reason":"end_turn"})"},
          {"gemini", config_of("google"), R"({"candidates":[{"content":{"parts":[{"text":"@"}]}}]})",
           R"({"candidates":[{"finishReason":"STOP"}]})",
           R"({"candidates":[{"content":{"parts":[{"text":"@"}]},"finishReason":"STOP"}]})"}};
}

std::string said_in(std::string text, const std::string& said) {
  return text.replace(text.find(text_marker), text_marker.size(), said);
}

TEST(strange_bytes, are_replaced_in_streams_and_in_whole_answers_alike) {
  const std::vector<std::pair<std::string, std::string>> texts{
      {"Hi \xFF!", "Hi \xEF\xBF\xBD!"},
      {"Hi \xF0\x9F\x98!", "Hi \xEF\xBF\xBD!"},
      {"Hi \xED\xA0\xBD!", "Hi \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD!"},
      {"Hi \\ud83d!", "Hi \xEF\xBF\xBD!"},
      {"Hi \\ude00!", "Hi \xEF\xBF\xBD!"},
      {"Hi \\ud83d\\ude00!", "Hi \xF0\x9F\x98\x80!"},
      {"Hi \\ud83d\xFF!", "Hi \xEF\xBF\xBD\xEF\xBF\xBD!"},
      {"Hi\tyou", "Hi\tyou"},
  };
  for (const auto& each : byte_samples()) {
    for (const auto& [said, heard] : texts) {
      const auto stream = "data: " + said_in(each.event, said) + "\n\ndata: " + each.last + "\n\n";
      const auto out = run_in_all_pieces(each.config, stream);
      EXPECT_FALSE(out.failure) << each.name << said << out.failure->to_string();
      EXPECT_EQ(out.reply.content, heard) << each.name;
      const auto whole = decode_chat(each.config, success(said_in(each.whole, said)));
      ASSERT_TRUE(whole) << each.name << said << whole.error().message;
      EXPECT_EQ(whole->content, heard) << each.name;
    }
  }
}

TEST(strange_bytes, such_as_halves_of_a_character_in_two_events_do_not_end_the_stream) {
  for (const auto& each : byte_samples()) {
    for (const auto& [first, second] : {std::pair{"Hi \\ud83d", "\\ude00!"}, {"Hi \xF0\x9F", "\x98\x80!"}}) {
      const auto stream = "data: " + said_in(each.event, first) + "\n\ndata: " + said_in(each.event, second) +
                          "\n\ndata: " + each.last + "\n\n";
      const auto out = run_in_all_pieces(each.config, stream);
      EXPECT_FALSE(out.failure) << each.name << out.failure->to_string();
      EXPECT_TRUE(out.reply.content.starts_with("Hi \xEF\xBF\xBD")) << each.name << out.reply.content;
      EXPECT_TRUE(out.reply.content.ends_with("\xEF\xBF\xBD!")) << each.name << out.reply.content;
    }
  }
}

TEST(strange_bytes, such_as_a_mark_in_front_are_left_out) {
  const std::string mark = "\xEF\xBB\xBF";
  for (const auto& each : byte_samples()) {
    const auto whole = decode_chat(each.config, success(mark + said_in(each.whole, "Hi")));
    ASSERT_TRUE(whole) << each.name << whole.error().message;
    EXPECT_EQ(whole->content, "Hi") << each.name;
    const auto stream = mark + "data: " + said_in(each.event, "Hi") + "\n\ndata: " + mark + each.last + "\n\n";
    const auto out = run_in_all_pieces(each.config, stream);
    EXPECT_TRUE(out.is_finished) << each.name;
    EXPECT_EQ(out.reply.content, "Hi") << each.name;
    auto refusal = success(mark + "{\"error\":{\"message\":\"slow \xFF down\"}}");
    refusal.status = 429;
    const auto refused = decode_chat(each.config, std::move(refusal));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "slow \xEF\xBF\xBD down") << each.name;
  }
}

}  // namespace
}  // namespace warmwire::providers::strange_bytes_test
