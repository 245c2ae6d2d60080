// How streams end, in each of the four APIs alike.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
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

TEST(stream_ends, the_last_event_counts_though_no_blank_line_ends_it) {
  for (const auto& each : samples()) {
    const auto last = each.last.substr(0, each.last.find_last_not_of("\r\n") + 1);
    for (const auto* end : {"", "\n", "\r\n", "\r", "\n\n"}) {
      for (const auto how : {ending::clean, ending::broken}) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, all_at_once}) {
          const auto out = run_stream(each.config, each.said + last + end, piece, how);
          EXPECT_FALSE(out.failure) << each.name << ": " << out.failure->to_string();
          EXPECT_TRUE(out.is_finished) << each.name;
          EXPECT_EQ(out.reply.content, "Hello") << each.name;
          EXPECT_EQ(out.reply.finish, finish_reason::stop) << each.name;
        }
      }
    }
  }
}

TEST(stream_ends, an_event_that_was_cut_is_no_event) {
  for (const auto& each : samples()) {
    const auto last = each.last.substr(0, each.last.find_last_not_of("\r\n") + 1);
    for (std::size_t length = 0; length < last.size(); ++length) {
      const auto out = run_stream(each.config, each.said + last.substr(0, length));
      ASSERT_TRUE(out.failure) << each.name << length;
      EXPECT_EQ(out.failure->code, errc::stream_interrupted) << each.name << length;
      EXPECT_EQ(out.failure->partial->content, "Hello") << each.name;
    }
  }
}

TEST(stream_ends, events_may_be_lines_of_one) {
  for (const auto& each : samples()) {
    std::string lines;
    const auto text = each.said + each.last;
    for (std::string_view rest = text; !rest.empty();) {
      const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
      if (end > 0) lines.append(rest.substr(0, end)).append("\n");
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const auto out = run_stream(each.config, lines + "data: [DONE]\n");
    EXPECT_FALSE(out.failure) << each.name << ": " << out.failure->to_string();
    EXPECT_EQ(out.reply.content, "Hello") << each.name;
    EXPECT_TRUE(out.is_finished) << each.name;
  }
}

TEST(stream_ends, an_empty_answer_says_so) {
  for (const auto& each : samples()) {
    for (const auto* type : {"text/event-stream", "application/json", "text/plain", ""}) {
      const auto out = run_stream(each.config, "", all_at_once, ending::clean, type);
      ASSERT_TRUE(out.failure) << each.name;
      EXPECT_THAT(out.failure->message, ::testing::HasSubstr("empty")) << each.name << type;
    }
    chat_stream nothing(std::make_shared<const provider_config>(each.config), {204, {}, {}, {}});
    nothing.end();
    const auto got = nothing.next();
    ASSERT_FALSE(got) << each.name;
    EXPECT_EQ(got.error().code, errc::unexpected_body) << each.name;
    EXPECT_EQ(got.error().message, "the answer to the request for a stream is empty, with status 204") << each.name;
    const auto whole = decode_chat(each.config, {204, {}, {}, {}});
    ASSERT_FALSE(whole) << each.name;
    EXPECT_EQ(whole.error().code, errc::unexpected_body);
    EXPECT_THAT(whole.error().message, ::testing::HasSubstr("empty")) << each.name;
  }
}

TEST(stream_ends, an_answer_in_one_piece_is_taken_where_a_stream_was_asked_for) {
  for (const auto& each : samples()) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, all_at_once}) {
      for (const auto* type : {"application/json", "text/event-stream", "text/event-stream; charset=utf-8",
                               "text/plain", "application/octet-stream", ""}) {
        for (const auto* before : {"", "\n\n ", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n"}) {
          const auto out = run_stream(each.config, before + each.whole, piece, ending::clean, type);
          EXPECT_FALSE(out.failure) << each.name << type << ": " << out.failure->to_string();
          EXPECT_TRUE(out.is_finished) << each.name << type;
          EXPECT_EQ(out.reply.content, "Hello") << each.name;
          EXPECT_EQ(out.events.size(), 2U) << each.name;
          EXPECT_EQ(out.reply.raw_body, before + each.whole) << each.name;
        }
      }
    }
  }
}

TEST(stream_ends, a_stream_is_one_whatever_it_is_called_and_also_where_none_was_asked_for) {
  for (const auto& each : samples()) {
    for (const auto* type : {"application/json", "text/plain", "application/x-ndjson", "text/html", ""}) {
      for (const auto* before : {"", "\n", ": wait\n\n", "\xEF\xBB\xBF"}) {
        for (const std::size_t piece : {std::size_t{1}, all_at_once}) {
          const auto out = run_stream(each.config, before + each.said + each.last, piece, ending::clean, type);
          EXPECT_FALSE(out.failure) << each.name << type << ": " << out.failure->to_string();
          EXPECT_EQ(out.reply.content, "Hello") << each.name << type;
        }
        const auto body = before + each.said + each.last;
        const auto whole = decode_chat(each.config, {200, {{"Content-Type", type}}, body, {}});
        ASSERT_TRUE(whole) << each.name << type << ": " << whole.error().message;
        EXPECT_EQ(whole->content, "Hello") << each.name;
        EXPECT_EQ(whole->finish, finish_reason::stop) << each.name;
        EXPECT_EQ(whole->raw_body, body) << each.name;
      }
    }
    const auto cut = decode_chat(each.config, {200, {}, each.said, {}});
    ASSERT_FALSE(cut) << each.name;
    EXPECT_EQ(cut.error().code, errc::stream_interrupted) << each.name;
  }
}

TEST(stream_ends, a_list_of_geminis_events_is_its_stream) {
  const std::string list = R"([{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}]},
{"candidates":[{"content":{"parts":[{"text":"lo"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3}}])";
  const auto whole = decode_chat(config_of("google"), testing::success(list));
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->content, "Hello");
  EXPECT_EQ(whole->usage.input_tokens, 3);
  const auto out = run_stream(config_of("google"), list, 5, ending::clean, "application/json");
  EXPECT_TRUE(out.is_finished);
  EXPECT_THAT(out.events, ::testing::ElementsAre("text Hel", "usage 3 0", "text lo", "finished stop STOP"));
  const auto failed = run_stream(config_of("google"),
                                 R"([{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}]},)"
                                 R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}])",
                                 5, ending::clean, "application/json");
  ASSERT_TRUE(failed.failure);
  EXPECT_EQ(failed.failure->code, errc::service_unavailable);
  EXPECT_EQ(failed.failure->partial->content, "Hel");
  const auto cut = decode_chat(config_of("google"),
                               testing::success(R"([{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}]}])"));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, errc::unexpected_body);
}

}  // namespace
}  // namespace warmwire::providers::stream_ends_test
