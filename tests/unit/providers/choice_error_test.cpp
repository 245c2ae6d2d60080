// Errors that stand in a choice of an answer, as OpenRouter reports what its upstream did.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace warmwire::providers::choice_error_test {
namespace {

using testing::config_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::run_in_all_pieces;
using testing::run_stream;
using testing::success;

struct choice_error {
  std::string fields;  // of the choice
  errc code;
  std::string message;
};

const std::vector<choice_error>& choice_errors() {
  static const std::vector<choice_error> all{
      {R"("finish_reason":"error","error":{"code":502,"message":"upstream broke"})", errc::server_error,
       "upstream broke"},
      {R"("finish_reason":"error","error":{"code":429,"message":"slow down"})", errc::rate_limited, "slow down"},
      {R"("finish_reason":"error","error":{"code":403,"message":"moderated"})", errc::permission_denied, "moderated"},
      {R"("finish_reason":null,"error":{"code":503,"message":"no reason to finish"})", errc::service_unavailable,
       "no reason to finish"},
      {R"("finish_reason":"stop","error":{"message":"no code"})", errc::server_error, "no code"},
      {R"("finish_reason":"error","error":null)", errc::server_error, "the provider ended its answer by an error"},
      {R"("finish_reason":"error")", errc::server_error, "the provider ended its answer by an error"},
  };
  return all;
}

std::string event(const std::string& choice) {
  return "data: {\"id\":\"gen-1\",\"choices\":[" + choice + "]}\n\n";
}

const std::string said = event(R"({"index":0,"delta":{"content":"Hel"},"finish_reason":null})");
const std::string done = "data: [DONE]\n\n";

TEST(choice_error, is_the_error_of_a_whole_answer) {
  for (const auto& each : choice_errors()) {
    const auto reply = decode_chat(
        config_of("openrouter"),
        success(R"({"id":"gen-1","choices":[{"index":0,"message":{"content":"Hel"},)" + each.fields + "}]}"));
    ASSERT_FALSE(reply) << each.fields;
    EXPECT_EQ(reply.error().code, each.code) << each.fields;
    EXPECT_EQ(reply.error().message, each.message);
    EXPECT_EQ(reply.error().http_status, 200);
    EXPECT_EQ(reply.error().request_id, "req-1");
    ASSERT_TRUE(reply.error().answer);
    EXPECT_NE(reply.error().answer->raw_body.find("gen-1"), std::string::npos);
  }
}

TEST(choice_error, ends_a_stream_and_carries_what_had_arrived) {
  for (const auto& each : choice_errors()) {
    const auto broken = event(R"({"index":0,"delta":{"content":"lo"},)" + each.fields + "}");
    const auto out = run_in_all_pieces(config_of("openrouter"), said + broken + done);
    ASSERT_TRUE(out.failure) << each.fields;
    EXPECT_FALSE(out.is_finished);
    EXPECT_EQ(out.failure->code, each.code) << each.fields;
    EXPECT_EQ(out.failure->message, each.message);
    EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo"));
    ASSERT_TRUE(out.failure->partial);
    EXPECT_EQ(out.failure->partial->content, "Hello");
    EXPECT_EQ(out.failure->partial->id, "gen-1");
  }
}

TEST(choice_error, may_stand_in_another_choice_than_the_answer) {
  const auto out = run_stream(
      config_of("openrouter"),
      said + event(R"({"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"error"})"));
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::server_error);
}

TEST(choice_error, is_none_where_it_is_null) {
  const auto reply = decode_chat(
      config_of("openrouter"),
      success(R"({"choices":[{"message":{"content":"Hello"},"finish_reason":"stop","error":null}],"error":null})"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->content, "Hello");
}

TEST(choice_error, comes_from_groq_in_a_field_of_its_own) {
  const auto out = run_stream(
      config_of("groq"), said + "data: {\"choices\":[],\"x_groq\":{\"id\":\"req_1\",\"error\":\"cut short\"}}\n\n");
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->message, "cut short");
  EXPECT_EQ(out.failure->partial->content, "Hel");
}

TEST(choice_error, is_told_where_the_answer_to_a_stream_came_whole) {
  const auto out = run_stream(
      config_of("openrouter"),
      R"({"choices":[{"message":{"content":""},"finish_reason":"error","error":{"code":502,"message":"broke"}}]})", 7,
      testing::ending::clean, "application/json");
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::server_error);
  EXPECT_EQ(out.failure->message, "broke");
  EXPECT_THAT(out.events, IsEmpty());
}

}  // namespace
}  // namespace warmwire::providers::choice_error_test
