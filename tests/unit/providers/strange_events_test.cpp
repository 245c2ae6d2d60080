// Events that an API does not have, in each of the four alike.
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace warmwire::providers::strange_events_test {
namespace {

using testing::config_of;
using testing::run_in_all_pieces;
using testing::run_stream;

struct sample {
  std::string name;
  provider_config config;
  std::string said;   // "Hello"
  std::string last;   // what makes it complete
  std::string known;  // a name of the API's
};

std::vector<sample> samples() {
  return {
      {"chat completions", config_of("openai"),
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n",
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", "error"},
      {"responses", config_of("openai", openai_api::responses),
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello\"}\n\n",
       "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
       "response.output_text.delta"},
      {"messages", config_of("anthropic"),
       "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}"
       "\n\n",
       "data: {\"type\":\"message_stop\"}\n\n", "content_block_delta"},
      {"gemini", config_of("google"), "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello\"}]}}]}\n\n",
       "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n", "error"}};
}

TEST(strange_events, of_an_unknown_name_are_ignored_whatever_they_hold) {
  for (const auto& each : samples()) {
    for (const auto* data : {"alive", "{\"broken", "7", "[]", "null", "\"text\"", "<p>"}) {
      const auto strange = "event: x-heartbeat\ndata: " + std::string(data) + "\n\n";
      const auto out = run_in_all_pieces(each.config, strange + each.said + strange + each.last);
      EXPECT_FALSE(out.failure) << each.name << ' ' << data << ": " << out.failure->to_string();
      EXPECT_TRUE(out.is_finished) << each.name << ' ' << data;
      EXPECT_EQ(out.reply.content, "Hello") << each.name << ' ' << data;
    }
  }
}

TEST(strange_events, of_a_known_name_or_of_none_must_be_json) {
  for (const auto& each : samples()) {
    for (const auto& name : {std::string(), std::string("event: message\n"), "event: " + each.known + '\n'}) {
      const auto out = run_stream(each.config, each.said + name + "data: alive\n\n" + each.last);
      ASSERT_TRUE(out.failure) << each.name << ' ' << name;
      EXPECT_EQ(out.failure->code, errc::unexpected_body) << each.name << ' ' << name;
      EXPECT_EQ(out.failure->partial->content, "Hello") << each.name;
    }
  }
}

TEST(strange_events, such_as_done_end_each_apis_stream_but_complete_none) {
  for (const auto& each : samples()) {
    for (const auto* done : {"data: [DONE]\n\n", "event: message\ndata: [DONE]\n\n", "event: done\ndata: [DONE]\n\n"}) {
      const auto whole = run_in_all_pieces(each.config, each.said + each.last + done + "data: {broken\n\n");
      EXPECT_FALSE(whole.failure) << each.name << ' ' << done << ": " << whole.failure->to_string();
      EXPECT_TRUE(whole.is_finished) << each.name << ' ' << done;
      const auto cut = run_in_all_pieces(each.config, each.said + done);
      ASSERT_TRUE(cut.failure) << each.name << ' ' << done;
      EXPECT_EQ(cut.failure->code, errc::stream_interrupted) << each.name << ' ' << done;
      EXPECT_EQ(cut.failure->partial->content, "Hello") << each.name;
    }
  }
}

TEST(strange_events, such_as_googles_list_of_one_error_are_that_error) {
  for (const auto& each : samples()) {
    const auto out = run_in_all_pieces(
        each.config,
        each.said + "data: [{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}]\n\n");
    ASSERT_TRUE(out.failure) << each.name;
    EXPECT_EQ(out.failure->code, errc::service_unavailable) << each.name;
    EXPECT_EQ(out.failure->message, "busy") << each.name;
    EXPECT_EQ(out.failure->partial->content, "Hello") << each.name;
  }
}

}  // namespace
}  // namespace warmwire::providers::strange_events_test
