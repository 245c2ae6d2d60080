// How streams end, in each of the four APIs alike.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace warmwire::providers::stream_ends_test {
namespace {

using testing::config_of;
using testing::ending;
using testing::run_stream;

constexpr auto all_at_once = std::string::npos;

struct sample {
  std::string name;
  provider_config config;
  std::string said;   // "Hello", and not that this was all
  std::string last;   // what makes it complete
  std::string whole;  // the same answer without a stream
};

std::vector<sample> samples() {
  return {
      {"chat completions", config_of("openai"),
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n"
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"}}]}\n\n",
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
       R"({"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]})"},
      {"responses", config_of("openai", openai_api::responses),
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel\"}\n\n"
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"lo\"}\n\n",
       "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
       R"({"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}]})"},
      {"messages", config_of("anthropic"),
       "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hel\"}}\n\n"
       "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"lo\"}}\n\n"
       "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n",
       "data: {\"type\":\"message_stop\"}\n\n",
       R"({"content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn"})"},
      {"gemini", config_of("google"),
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hel\"}]}}]}\r\n\r\n"
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"lo\"}]}}]}\r\n\r\n",
       "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\r\n\r\n",
       R"({"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}]})"}};
}

TEST(stream_ends, a_complete_answer_is_a_success_though_its_connection_broke) {
  for (const auto& each : samples()) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, all_at_once}) {
      const auto out = run_stream(each.config, each.said + each.last, piece, ending::broken);
      EXPECT_FALSE(out.failure) << each.name << ": " << out.failure->to_string();
      EXPECT_TRUE(out.is_finished) << each.name;
      EXPECT_EQ(out.reply.content, "Hello") << each.name;
      EXPECT_EQ(out.reply.finish, finish_reason::stop) << each.name;
    }
  }
}

TEST(stream_ends, an_incomplete_answer_is_an_error_with_what_had_arrived) {
  for (const auto& each : samples()) {
    for (const auto& [how, code] :
         {std::pair{ending::broken, errc::stream_idle_timeout}, {ending::clean, errc::stream_interrupted}}) {
      const auto out = run_stream(each.config, each.said, all_at_once, how);
      ASSERT_TRUE(out.failure) << each.name;
      EXPECT_EQ(out.failure->code, code) << each.name;
      EXPECT_FALSE(out.is_finished) << each.name;
      ASSERT_TRUE(out.failure->partial) << each.name;
      EXPECT_EQ(out.failure->partial->content, "Hello") << each.name;
      EXPECT_EQ(out.failure->request_id, "req-1") << each.name;
    }
  }
}

TEST(stream_ends, an_answer_in_one_piece_is_taken_where_a_stream_was_asked_for) {
  for (const auto& each : samples()) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, all_at_once}) {
      const auto out = run_stream(each.config, each.whole, piece, ending::clean, "application/json");
      EXPECT_FALSE(out.failure) << each.name << ": " << out.failure->to_string();
      EXPECT_TRUE(out.is_finished) << each.name;
      EXPECT_EQ(out.reply.content, "Hello") << each.name;
      EXPECT_EQ(out.events.size(), 2U) << each.name;
      EXPECT_EQ(out.reply.raw_body, each.whole) << each.name;
    }
  }
}

}  // namespace
}  // namespace warmwire::providers::stream_ends_test
