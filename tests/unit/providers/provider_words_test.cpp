// The provider's words reach the caller in whatever shape they come, in each of the four APIs: with an error status, in
// a success, as an event of a stream and as lines of one that are no events.
#include "providers/provider_error.hpp"
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace warmwire::providers::provider_words_test {
namespace {

using ::testing::AllOf;
using testing::config_at;
using testing::config_of;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_in_all_pieces;
using testing::run_stream;
using testing::success;

struct spoken {
  std::string name;
  provider_config config;
  std::string half;        // an event that says "Hello"
  std::string whole_half;  // fields of a whole answer that say "Hello"
};

std::vector<spoken> apis() {
  return {{"chat completions", config_at("lab", "http://localhost:1/v1"),
           R"(data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]})",
           R"("choices":[{"message":{"content":"Hello"}}])"},
          {"responses", config_of("openai", openai_api::responses),
           R"(data: {"type":"response.output_text.delta","output_index":0,"delta":"Hello"})",
           R"("output":[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}])"},
          {"messages", config_of("anthropic"),
           R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}})",
           R"("content":[{"type":"text","text":"Hello"}])"},
          {"gemini", config_of("google"), R"(data: {"candidates":[{"content":{"parts":[{"text":"Hello"}]}}]})",
           R"("candidates":[{"content":{"parts":[{"text":"Hello"}]}}])"}};
}

struct shape {
  std::string body;
  std::vector<std::string> words;
  errc code = errc::unexpected_body;  // in a success
};

std::vector<shape> shapes() {
  return {
      {R"({"error":{"message":"no such thing","type":"not_found_error"}})", {"no such thing"}, errc::not_found},
      {R"({"error":{"code":503,"message":"high demand","status":"UNAVAILABLE"}})",
       {"high demand"},
       errc::service_unavailable},
      {R"({"error":"the model is loading"})", {"the model is loading"}},
      {R"({"error":["one thing","another thing"]})", {"one thing", "another thing"}},
      {R"({"error":{"message":["one thing","another thing"],"code":400}})",
       {"one thing", "another thing"},
       errc::bad_request},
      {R"({"error":{"message":{"detail":"deep inside"},"code":"429"}})", {"deep inside"}, errc::rate_limited},
      {R"({"error":{"code":1234,"hint":"by number alone"}})", {"by number alone"}},
      {R"({"error":true,"message":"it went wrong"})", {"it went wrong"}},
      {R"({"error":"invalid_grant","error_description":"the token has expired"})",
       {"the token has expired"},
       errc::bad_request},
      {R"({"errors":[{"message":"one thing"},{"message":"another thing"}],"success":false,"result":null})",
       {"one thing", "another thing"}},
      {R"({"detail":[{"loc":["body","model"],"msg":"Field required"},{"loc":["body","n"],"msg":"Not a number"}]})",
       {"Field required", "\"model\"", "Not a number", "\"n\""}},
      {R"({"detail":"Unauthorized"})", {"Unauthorized"}, errc::authentication},
      {R"({"detail":{"error":"wrapped","code":"x"}})", {"wrapped"}},
      {R"({"object":"error","message":"too long","type":"BadRequestError","code":400})",
       {"too long"},
       errc::bad_request},
      {R"({"object":"Error","message":[{"msg":"Extra inputs are not permitted","loc":["body","x"]}],"type":"y"})",
       {"Extra inputs are not permitted"}},
      {R"({"message":"Too Many Requests: slow down"})", {"slow down"}, errc::rate_limited},
      {R"({"statusCode":400,"message":["a must be b","c must be d"],"error":"Bad Request"})",
       {"a must be b", "c must be d"},
       errc::bad_request},
      {R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"},"choices":null})",
       {"insufficient balance"},
       errc::billing},
      {R"({"base_resp":{"status_code":1002,"status_msg":"slower, please"}})", {"slower, please"}, errc::rate_limited},
      {R"({"error":{"message":"Provider returned error","code":400,"metadata":{"provider_name":"Crucible",
          "raw":"{\"error\":{\"message\":\"at most 1 image\"}}"}}})",
       {"Provider returned error", "at most 1 image", "Crucible"},
       errc::bad_request},
      {R"({"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"limited upstream"}}})",
       {"limited upstream"},
       errc::rate_limited},
      {R"({"error":{"message":"Provider returned error","code":502,"metadata":{"raw":{"detail":"fell over"}}}})",
       {"fell over"},
       errc::server_error},
      {R"([{"error":{"code":429,"message":"one thing","status":"RESOURCE_EXHAUSTED"}}])",
       {"one thing"},
       errc::rate_limited},
      {R"([{"error":{"code":400,"message":"one thing"}},{"error":{"code":400,"message":"another thing"}}])",
       {"one thing", "another thing"},
       errc::bad_request},
      {R"({"type":"error","error":{"type":"overloaded_error","message":"too busy"}})", {"too busy"}, errc::overloaded},
      {R"({"__type":"ThrottlingException","Message":"not so fast"})", {"not so fast"}},
  };
}

void expect_words(const error& reason, const shape& each) {
  for (const auto& word : each.words)
    EXPECT_THAT(reason.message, HasSubstr(word)) << each.body;
}

std::string on_one_line(std::string text) {
  std::erase(text, '\n');
  return text;
}

TEST(provider_words, come_with_an_error_status_however_the_body_is_wrapped) {
  for (const auto& api : apis()) {
    for (const auto& each : shapes()) {
      const auto line = on_one_line(each.body);
      for (const auto& body :
           {each.body, "\n" + each.body + "\n\n", "data: " + line + "\n\n", "event: error\ndata: " + line,
            "error: " + line + "\n\ndata: [DONE]\n\n", "upstream said:\n" + each.body}) {
        const auto reason = decode_error(api.config, answer_of(response{503, {}, body, {}}));
        EXPECT_EQ(reason.code, errc::service_unavailable);
        expect_words(reason, each);
      }
    }
  }
}

TEST(provider_words, come_with_a_success_that_is_none) {
  for (const auto& api : apis()) {
    for (const auto& each : shapes()) {
      SCOPED_TRACE(api.name + each.body);
      const auto reply = decode_chat(api.config, success(each.body));
      ASSERT_FALSE(reply);
      expect_words(reply.error(), each);
      EXPECT_EQ(reply.error().code, each.code);
    }
  }
}

// An object that is only an error where nothing else comes is one at the end.
TEST(provider_words, come_within_a_stream_and_keep_what_had_arrived) {
  for (const auto& api : apis()) {
    for (const auto& each : shapes()) {
      const auto line = on_one_line(each.body);
      for (const auto& text : {"data: " + line + "\n\n", "event: error\ndata: " + line + "\n\n", line + "\n\n",
                               each.body, "error: " + line + "\n\ndata: [DONE]\n\n", "error: " + line}) {
        SCOPED_TRACE(api.name + text);
        const auto out = run_in_all_pieces(api.config, api.half + "\n\n" + text);
        ASSERT_TRUE(out.failure);
        expect_words(*out.failure, each);
        if (each.code != errc::unexpected_body) {
          EXPECT_EQ(out.failure->code, each.code);
        }
        EXPECT_EQ(out.failure->partial->content, "Hello");
      }
    }
  }
}

TEST(provider_words, that_are_no_json_are_quoted) {
  for (const auto& api : apis()) {
    for (const auto* text : {"event: error\ndata: the pipes are frozen\n\n", "error: the pipes are frozen\n\n",
                             "data: the pipes are frozen\n\n", "the pipes are frozen\n\n", "the pipes are frozen",
                             "<html><title>the pipes are frozen</title></html>\n",
                             "event: upstream\ndata: the pipes are frozen\n\ndata: [DONE]\n\n",
                             "{\"broken\": \"the pipes are frozen\n\n"}) {
      SCOPED_TRACE(api.name + text);
      const auto out = run_in_all_pieces(api.config, api.half + "\n\n" + text);
      ASSERT_TRUE(out.failure);
      EXPECT_THAT(out.failure->message, HasSubstr("the pipes are frozen"));
      EXPECT_EQ(out.failure->partial->content, "Hello");
    }
    const auto whole = decode_chat(api.config, success("the pipes are frozen"));
    ASSERT_FALSE(whole);
    EXPECT_THAT(whole.error().message, HasSubstr("the pipes are frozen"));
  }
}

TEST(provider_words, in_the_usual_phrases_tell_the_code) {
  for (const auto& api : apis()) {
    const auto code_of = [&](const std::string& said) {
      const auto out = run_stream(api.config, "event: error\ndata: " + said + "\n\n");
      return out.failure ? out.failure->code : errc::invalid_option;
    };
    EXPECT_EQ(code_of("Too many requests, please slow down"), errc::rate_limited);
    EXPECT_EQ(code_of("503 Service Unavailable"), errc::service_unavailable);
    EXPECT_EQ(code_of("Internal Server Error"), errc::server_error);
    EXPECT_EQ(code_of("the request exceeds the available context size"), errc::bad_request);
    EXPECT_EQ(code_of("something else"), errc::unexpected_body);
  }
}

TEST(provider_words, that_stand_beside_half_an_answer_keep_it) {
  const std::string failure = R"("error":{"message":"fell over","code":500})";
  for (const auto& api : apis()) {
    SCOPED_TRACE(api.name);
    const auto whole = decode_chat(api.config, success("{" + failure + "," + api.whole_half + "}"));
    ASSERT_FALSE(whole);
    EXPECT_EQ(whole.error().message, "fell over");
    EXPECT_EQ(whole.error().code, errc::server_error);
    ASSERT_TRUE(whole.error().partial);
    EXPECT_EQ(whole.error().partial->content, "Hello");
    const auto streamed = run_stream(api.config, "{" + failure + "," + api.whole_half + "}", std::string::npos,
                                     testing::ending::clean, "application/json");
    ASSERT_TRUE(streamed.failure);
    EXPECT_EQ(streamed.failure->message, "fell over");
    EXPECT_EQ(streamed.failure->partial->content, "Hello");
  }
  for (const auto& api : {apis().front(), apis().back()}) {
    const auto event = api.half.substr(0, api.half.size() - 1) + "," + failure + "}\n\n";
    const auto out = run_in_all_pieces(api.config, event);
    ASSERT_TRUE(out.failure) << event;
    EXPECT_EQ(out.failure->message, "fell over");
    EXPECT_EQ(out.failure->partial->content, "Hello");
  }
}

TEST(provider_words, are_bounded_and_cleaned_and_show_no_secret_wherever_they_stand) {
  const std::string said = "a\x1b[2J sk-test-key-1234 " + std::string(100'000, 'x');
  for (const auto& api : apis()) {
    for (const auto& text : {"event: error\ndata: " + said + "\n\n", "error: " + said + "\n\n",
                             "data: " + said + "\n\n", said + "\n\n", "event: upstream\ndata: " + said + "\n\n"}) {
      const auto out = run_stream(api.config, api.half + "\n\n" + text);
      ASSERT_TRUE(out.failure) << api.name;
      EXPECT_THAT(out.failure->message, AllOf(HasSubstr("a [2J"), Not(HasSubstr("sk-test")), Not(HasSubstr("\x1b"))));
      EXPECT_LT(out.failure->message.size(), 2000U);
    }
  }
}

TEST(provider_words, of_a_redirect_say_where_it_points_to) {
  for (const auto& api : apis()) {
    for (const auto* body : {"", "Moved", R"({"error":{"message":"moved"}})"}) {
      const response answer{307, {{"Location", "https://other.example/v2?key=sk-test-key-1234\x01"}}, body, {}};
      const auto reason = decode_error(api.config, answer_of(response(answer)));
      EXPECT_EQ(reason.code, errc::unexpected_status);
      EXPECT_THAT(reason.message,
                  AllOf(HasSubstr("https://other.example/v2"), Not(HasSubstr("sk-test")), Not(HasSubstr("\x01"))));
    }
    EXPECT_THAT(decode_error(api.config, answer_of(response{404, {{"Location", "/x"}}, "", {}})).message,
                Not(HasSubstr("/x")));
  }
}

TEST(provider_words, may_stand_in_the_demand_for_a_key) {
  const response answer{401, {{"WWW-Authenticate", R"(Bearer error="invalid_token")"}}, "", {}};
  EXPECT_THAT(decode_error(config_of("openai"), answer_of(response(answer))).message, HasSubstr("invalid_token"));
}

TEST(provider_words, are_none_where_a_field_for_errors_says_nothing) {
  for (const auto& api : apis()) {
    for (const auto* nothing : {R"("error":null)", R"("error":"")", R"("error":{})", R"("error":false)",
                                R"("errors":[])", R"("base_resp":{"status_code":0,"status_msg":""})"}) {
      SCOPED_TRACE(api.name + nothing);
      const auto end = api.name == "responses" ? std::string(R"(,"status":"completed")") : std::string();
      const auto whole =
          decode_chat(api.config, success("{" + std::string(nothing) + "," + api.whole_half + end + "}"));
      ASSERT_TRUE(whole) << whole.error().message;
      EXPECT_EQ(whole->content, "Hello");
    }
  }
}

}  // namespace
}  // namespace warmwire::providers::provider_words_test
