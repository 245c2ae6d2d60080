// What the emulator answers as OpenAI.
#include "emulator/api/openai_format.hpp"
#include "emulator/routes.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace warmwire::emulator::openai_chat_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::string_view hello = R"([{"role":"user","content":"Hello there"}])";

request request_for(std::string method, std::string target, std::string body = {}) {
  request made;
  made.method = std::move(method);
  made.target = std::move(target);
  made.headers = {{"authorization", "bearer sk-test"}};
  made.body = std::move(body);
  return made;
}

answer chat_answer(std::string body) {
  const request what = request_for("POST", "/v1/chat/completions", std::move(body));
  return answer_request({.what = what, .number = 7, .latency = 120ms, .others = unknown_fields::refused});
}

std::string chat_body(std::string_view more, std::string_view messages = hello) {
  return R"({"model":"gpt-4o-mini","messages":)" + std::string(messages) + std::string(more) + "}";
}

boost::json::value parsed(const answer& said) {
  return boost::json::parse(said.body);
}

boost::json::value chat_of(std::string_view more, std::string_view messages = hello) {
  const answer said = chat_answer(chat_body(more, messages));
  EXPECT_EQ(said.status, 200U) << said.body;
  return parsed(said);
}

std::string content(const boost::json::value& reply) {
  return reply.at_pointer("/choices/0/message/content").as_string().c_str();
}

TEST(openai_chat, has_every_documented_field) {
  const auto reply = chat_of("");
  EXPECT_EQ(reply.at("object").as_string(), "chat.completion");
  EXPECT_EQ(reply.at("id").as_string(), "chatcmpl-00000000000000000000000000007");
  EXPECT_EQ(reply.at("model").as_string(), "gpt-4o-mini");
  EXPECT_TRUE(reply.at("created").is_int64());
  EXPECT_EQ(content(reply), "You wrote 2 words: Hello there");
  EXPECT_EQ(reply.at_pointer("/choices/0/finish_reason").as_string(), "stop");
  EXPECT_EQ(reply.at_pointer("/choices/0/message/role").as_string(), "assistant");
  EXPECT_TRUE(reply.at_pointer("/choices/0/message/refusal").is_null());
  EXPECT_TRUE(reply.at_pointer("/choices/0/logprobs").is_null());
  EXPECT_EQ(reply.at("service_tier").as_string(), "default");
  EXPECT_EQ(reply.at_pointer("/usage/prompt_tokens_details/cached_tokens").as_int64(), 0);
}

TEST(openai_chat, counts_usage_by_the_documented_rule) {
  const auto usage = chat_of("").at("usage");
  EXPECT_EQ(usage.at("prompt_tokens").as_int64(), 3 + 3 + 2 + 2);                  // reply, message, "Hello", "there"
  EXPECT_EQ(usage.at("completion_tokens").as_int64(), 1 + 2 + 1 + 2 + 1 + 2 + 2);  // You wrote 2 words : Hello there
  EXPECT_EQ(usage.at("total_tokens").as_int64(), 10 + 11);
}

TEST(openai_chat, is_the_same_to_the_byte) {
  EXPECT_EQ(chat_answer(chat_body("")).body, chat_answer(chat_body("")).body);
  EXPECT_EQ(chat_answer(chat_body("")).fields, chat_answer(chat_body("")).fields);
}

TEST(openai_chat, answers_the_last_user_message_and_all_its_text_parts) {
  EXPECT_EQ(content(chat_of("", R"([{"role":"user","content":"one"},{"role":"assistant","content":"two"}])")),
            "You wrote 1 word: one");
  EXPECT_EQ(content(chat_of("", R"([{"role":"user","content":[{"type":"text","text":"a "},{"type":"image_url"},
                                    {"type":"text","text":"b"}]}])")),
            "You wrote 2 words: a b");
  EXPECT_EQ(content(chat_of("", R"([{"role":"system","content":"only"}])")), "You wrote 1 word: only");
}

TEST(openai_chat, escapes_what_it_repeats) {
  EXPECT_EQ(content(chat_of("", R"([{"role":"user","content":"\"\\\n\u0001ü"}])")), "You wrote 2 words: \"\\\n\x01ü");
}

TEST(openai_chat, repeats_at_most_4096_bytes) {
  const std::string text(10'000, 'x');
  EXPECT_LT(content(chat_of("", R"([{"role":"user","content":")" + text + R"("}])")).size(), 4200U);
}

TEST(openai_chat, is_cut_at_max_tokens) {
  for (const char* field : {R"(,"max_tokens":3)", R"(,"max_completion_tokens":3,"max_tokens":9)"}) {
    const auto reply = chat_of(field);
    EXPECT_EQ(content(reply), "You wrote ");
    EXPECT_EQ(reply.at_pointer("/choices/0/finish_reason").as_string(), "length");
    EXPECT_EQ(reply.at_pointer("/usage/completion_tokens").as_int64(), 3);
  }
  EXPECT_EQ(chat_of(R"(,"max_tokens":11)").at_pointer("/choices/0/finish_reason").as_string(), "stop");
}

TEST(openai_chat, stops_at_a_stop_sequence) {
  EXPECT_EQ(content(chat_of(R"(,"stop":" Hello")")), "You wrote 2 words:");
  EXPECT_EQ(content(chat_of(R"(,"stop":["there","words"])")), "You wrote 2 ");
}

TEST(openai_chat, gives_as_many_choices_as_asked_for) {
  const auto reply = chat_of(R"(,"n":3)");
  EXPECT_EQ(reply.at("choices").as_array().size(), 3U);
  EXPECT_EQ(reply.at_pointer("/choices/2/index").as_int64(), 2);
  EXPECT_EQ(reply.at_pointer("/usage/completion_tokens").as_int64(), 33);
}

TEST(openai_chat, comes_with_the_documented_header_fields) {
  const answer said = chat_answer(chat_body(""));
  for (const char* line : {"Content-Type: application/json\r\n", "openai-organization: warmwire-emulator\r\n",
                           "openai-processing-ms: 120\r\n", "openai-version: 2020-10-01\r\n",
                           "x-request-id: req_00000000000000000000000000000007\r\n",
                           "x-ratelimit-limit-requests: 10000\r\n", "x-ratelimit-remaining-requests: 9999\r\n",
                           "x-ratelimit-reset-requests: 6ms\r\n", "x-ratelimit-limit-tokens: 2000000\r\n",
                           "x-ratelimit-remaining-tokens: 1999979\r\n", "x-ratelimit-reset-tokens: 1ms\r\n"}) {
    EXPECT_THAT(said.fields, HasSubstr(line));
  }
}

struct wrong_chat {
  const char* name;
  const char* body;
  const char* code;   ///< empty for null
  const char* param;  ///< empty for null
  unsigned status = 400;
};

class refused_chat : public ::testing::TestWithParam<wrong_chat> {};

TEST_P(refused_chat, has_the_documented_error) {
  const answer said = chat_answer(GetParam().body);
  EXPECT_EQ(said.status, GetParam().status) << said.body;
  const auto error = parsed(said).at("error");
  const auto text = [&error](const char* name) {
    return error.at(name).is_null() ? std::string() : std::string(error.at(name).as_string());
  };
  EXPECT_EQ(text("type"), "invalid_request_error");
  EXPECT_EQ(text("code"), GetParam().code) << said.body;
  EXPECT_EQ(text("param"), GetParam().param) << said.body;
  EXPECT_FALSE(text("message").empty());
}

#define MESSAGES R"("messages":[{"role":"user","content":"x"}])"
#define MODEL R"("model":"m")"
INSTANTIATE_TEST_SUITE_P(
    openai_chat, refused_chat,
    ::testing::Values(
        wrong_chat{"no_json", "{", "", ""}, wrong_chat{"no_object", "[]", "", ""}, wrong_chat{"empty", "", "", ""},
        wrong_chat{"no_model", "{" MESSAGES "}", "missing_required_parameter", "model"},
        wrong_chat{"model_type", R"({"model":1,)" MESSAGES "}", "invalid_type", "model"},
        wrong_chat{"model_null", R"({"model":null,)" MESSAGES "}", "invalid_type", "model"},
        wrong_chat{"missing_model", R"({"model":"no-such-model",)" MESSAGES "}", "model_not_found", "", 404},
        wrong_chat{"no_messages", "{" MODEL "}", "missing_required_parameter", "messages"},
        wrong_chat{"messages_type", "{" MODEL R"(,"messages":"x"})", "invalid_type", "messages"},
        wrong_chat{"messages_empty", "{" MODEL R"(,"messages":[]})", "empty_array", "messages"},
        wrong_chat{"message_type", "{" MODEL R"(,"messages":["x"]})", "invalid_type", "messages[0]"},
        wrong_chat{"no_role", "{" MODEL R"(,"messages":[{"content":"x"}]})", "missing_required_parameter",
                   "messages[0].role"},
        wrong_chat{"bad_role", "{" MODEL R"(,"messages":[{"role":"boss","content":"x"}]})", "invalid_value",
                   "messages[0].role"},
        wrong_chat{"no_content", "{" MODEL R"(,"messages":[{"role":"user"}]})", "missing_required_parameter",
                   "messages[0].content"},
        wrong_chat{"null_content", "{" MODEL R"(,"messages":[{"role":"user","content":null}]})", "invalid_type",
                   "messages[0].content"},
        wrong_chat{"content_type", "{" MODEL R"(,"messages":[{"role":"user","content":5}]})", "invalid_type",
                   "messages[0].content"},
        wrong_chat{"part_type", "{" MODEL R"(,"messages":[{"role":"user","content":[{"type":"song"}]}]})",
                   "invalid_value", "messages[0].content[0].type"},
        wrong_chat{"part_text", "{" MODEL R"(,"messages":[{"role":"user","content":[{"type":"text"}]}]})",
                   "missing_required_parameter", "messages[0].content[0].text"},
        wrong_chat{"tool_call_id", "{" MODEL R"(,"messages":[{"role":"tool","content":"x"}]})",
                   "missing_required_parameter", "messages[0].tool_call_id"},
        wrong_chat{"unknown", "{" MODEL "," MESSAGES R"(,"temprature":1})", "unknown_parameter", "temprature"},
        wrong_chat{"temperature_type", "{" MODEL "," MESSAGES R"(,"temperature":"hot"})", "invalid_type",
                   "temperature"},
        wrong_chat{"temperature_high", "{" MODEL "," MESSAGES R"(,"temperature":2.5})", "decimal_above_max_value",
                   "temperature"},
        wrong_chat{"max_tokens_low", "{" MODEL "," MESSAGES R"(,"max_tokens":0})", "integer_below_min_value",
                   "max_tokens"},
        wrong_chat{"max_tokens_type", "{" MODEL "," MESSAGES R"(,"max_tokens":1.5})", "invalid_type", "max_tokens"},
        wrong_chat{"stop_type", "{" MODEL "," MESSAGES R"(,"stop":[1]})", "invalid_type", "stop"},
        wrong_chat{"stop_count", "{" MODEL "," MESSAGES R"(,"stop":["a","b","c","d","e"]})", "array_above_max_length",
                   "stop"},
        wrong_chat{"stream_options", "{" MODEL "," MESSAGES R"(,"stream_options":{}})", "invalid_value",
                   "stream_options"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(openai_chat, takes_every_documented_parameter) {
  chat_of(R"(,"temperature":0.5,"top_p":1,"n":1,"stop":null,"seed":-5,"logprobs":false,"top_logprobs":0,
    "max_completion_tokens":100,"reasoning_effort":"low","verbosity":"low","response_format":{"type":"text"},
    "tools":[],"parallel_tool_calls":true,"stream":false,"stream_options":null,
    "service_tier":"auto","store":false,"metadata":{},"user":"u","safety_identifier":"s","prompt_cache_key":"k",
    "prompt_cache_retention":"24h","modalities":["text"],"logit_bias":{},"frequency_penalty":0,"presence_penalty":-1)");
}

TEST(openai_api, wants_a_key) {
  auto what = request_for("GET", "/v1/models");
  for (const char* wrong : {"", "Bearer", "Bearer ", "Basic abc"}) {
    what.headers = {{"Authorization", wrong}};
    const answer said = answer_request({.what = what});
    EXPECT_EQ(said.status, 401U) << wrong;
    EXPECT_THAT(said.body, HasSubstr(R"("code":"invalid_api_key")"));
  }
  what.headers.clear();
  EXPECT_EQ(answer_request({.what = what}).status, 401U);
}

TEST(openai_api, refuses_the_wrong_key_and_shows_only_its_ends) {
  auto what = request_for("GET", "/v1/models");
  what.headers = {{"Authorization", "Bearer sk-wrong-0123456789"}};
  EXPECT_THAT(answer_request({.what = what}).body, HasSubstr("provided: sk-wrong*******6789."));
  what.headers = {{"Authorization", "Bearer sk-wrong"}};
  EXPECT_THAT(answer_request({.what = what}).body, HasSubstr("provided: sk-***ng."));
}

TEST(openai_api, knows_its_routes_and_their_methods) {
  const auto status = [](std::string method, std::string target) {
    const request what = request_for(std::move(method), std::move(target), chat_body(""));
    return answer_request({.what = what}).status;
  };
  EXPECT_EQ(status("POST", "/v1/chat/completions?x=1"), 200U);
  EXPECT_EQ(status("GET", "/v1/chat/completions"), 405U);
  EXPECT_EQ(status("GET", "/v1/models"), 200U);
  EXPECT_EQ(status("POST", "/v1/models"), 405U);
  EXPECT_EQ(status("GET", "/v1/models/any"), 200U);
  EXPECT_EQ(status("GET", "/v1/models/no-such-model"), 404U);
  EXPECT_EQ(status("GET", "/v1/modelsx"), 404U);
  EXPECT_EQ(status("POST", "/v1/nothing"), 404U);
}

TEST(go_duration, is_written_as_go_does) {
  EXPECT_EQ(go_duration(0ms), "0s");
  EXPECT_EQ(go_duration(12ms), "12ms");
  EXPECT_EQ(go_duration(1s), "1s");
  EXPECT_EQ(go_duration(1050ms), "1.05s");
  EXPECT_EQ(go_duration(6min), "6m0s");
  EXPECT_EQ(go_duration(1h + 500ms), "1h0m0.5s");
}

}  // namespace
}  // namespace warmwire::emulator::openai_chat_test
