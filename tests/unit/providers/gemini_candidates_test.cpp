// Several candidates in Gemini's answers, of which the first is the answer.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace warmwire::providers::gemini_candidates_test {
namespace {

using testing::config_of;
using ::testing::ElementsAre;
using testing::run_in_all_pieces;
using testing::success;

std::string candidate(const std::string& text, const std::string& rest) {
  return R"({"content":{"parts":[{"text":")" + text + R"("}]})" + rest + "}";
}

std::string event(const std::string& candidates) {
  return "data: {\"candidates\":[" + candidates + "]}\r\n\r\n";
}

TEST(gemini_candidates, are_told_apart_by_their_index_not_by_their_place) {
  const auto text = event(candidate("no", R"(,"index":1)") + ',' + candidate("Hel", "")) +
                    event(candidate("no", R"(,"index":1)")) + event(candidate("lo", R"(,"index":0)")) +
                    event(candidate("no", R"(,"index":1,"finishReason":"MAX_TOKENS")")) +
                    event(candidate("!", R"(,"index":0,"finishReason":"STOP")"));
  const auto out = run_in_all_pieces(config_of("google"), text, answer_choices::several);
  EXPECT_FALSE(out.failure) << out.failure->to_string();
  EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo", "text !", "finished stop STOP"));
}

TEST(gemini_candidates, must_each_have_finished) {
  const auto first = event(candidate("a", ""));
  const auto second = event(candidate("no", R"(,"index":1)"));
  const auto first_end = event(R"({"finishReason":"STOP"})");
  const auto second_end = event(R"({"index":1,"finishReason":"STOP"})");
  const auto is_finished = [](const std::string& text) {
    return run_in_all_pieces(config_of("google"), text, answer_choices::several).is_finished;
  };
  EXPECT_TRUE(is_finished(first + first_end));
  EXPECT_FALSE(is_finished(first + second + second_end));
  EXPECT_FALSE(is_finished(first + second + first_end));
  EXPECT_TRUE(is_finished(first + second + second_end + first_end));
  EXPECT_FALSE(is_finished(second + second_end));
}

TEST(gemini_candidates, of_a_whole_answer_are_told_apart_too) {
  const auto whole = [](const std::string& candidates) {
    return decode_chat(config_of("google"), success(R"({"candidates":[)" + candidates + "]}"), answer_choices::several);
  };
  const auto reply = whole(candidate("no", R"(,"index":1,"finishReason":"MAX_TOKENS")") + ',' +
                           candidate("Hello", R"(,"index":0,"finishReason":"STOP")"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->content, "Hello");
  EXPECT_EQ(reply->finish, finish_reason::stop);
  const auto none = whole(candidate("no", R"(,"index":1,"finishReason":"STOP")"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::unexpected_body);
}

TEST(gemini_candidates, are_pieces_of_the_answer_whatever_their_index_where_one_was_asked_for) {
  for (const auto& [first, second] : {std::pair{1, 1}, {0, 1}, {5, 6}}) {
    const auto index = [](int number) { return ",\"index\":" + std::to_string(number); };
    const auto text =
        event(candidate("Hel", index(first))) + event(candidate("lo", index(second) + R"(,"finishReason":"STOP")"));
    const auto out = run_in_all_pieces(config_of("google"), text);
    EXPECT_TRUE(out.is_finished);
    EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo", "finished stop STOP"));
    const auto whole = decode_chat(
        config_of("google"),
        success(R"({"candidates":[)" + candidate("Hello", index(second) + R"(,"finishReason":"STOP")") + "]}"));
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->content, "Hello");
  }
}

}  // namespace
}  // namespace warmwire::providers::gemini_candidates_test
