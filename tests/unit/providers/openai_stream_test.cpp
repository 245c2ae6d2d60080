// Streams of Chat Completions, of OpenAI and of the servers that are compatible with it.
#include "providers/chat_stream.hpp"
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace warmwire::providers::openai_stream_test {
namespace {

using testing::config_of;
using ::testing::ElementsAre;
using testing::ending;
using ::testing::IsEmpty;
using testing::run_in_all_pieces;
using testing::run_stream;

std::string event(const std::string& data) {
  return "data: " + data + "\n\n";
}

std::string chunk(const std::string& choices, const std::string& rest = "") {
  return event(R"({"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-5-mini-2026","choices":[)" +
               choices + "]" + rest + "}");
}

std::string delta(const std::string& fields, const std::string& finish = "null") {
  return chunk(R"({"index":0,"delta":{)" + fields + R"(},"finish_reason":)" + finish + "}", R"(,"usage":null)");
}

const std::string said = delta(R"("role":"assistant","content":"")") + delta(R"("content":"Hel")") +
                         delta(R"("content":"lo ü")") + delta("", R"("stop")");
const std::string counted = chunk("", R"(,"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8,)"
                                      R"("prompt_tokens_details":{"cached_tokens":2}})");
const std::string done = event("[DONE]");

TEST(openai_stream, gives_texts_usage_and_the_end) {
  const auto out = run_in_all_pieces(config_of("openai"), said + counted + done);
  EXPECT_FALSE(out.failure) << out.failure->to_string();
  EXPECT_TRUE(out.is_finished);
  EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo ü", "usage 3 5", "finished stop stop"));
  EXPECT_EQ(out.reply.content, "Hello ü");
  EXPECT_EQ(out.reply.id, "chatcmpl-1");
  EXPECT_EQ(out.reply.model, "gpt-5-mini-2026");
  EXPECT_EQ(out.reply.finish, finish_reason::stop);
  EXPECT_EQ(out.reply.usage.cached_tokens, 2);
  EXPECT_EQ(out.reply.request_id, "req-1");
  EXPECT_EQ(out.reply.message.content, "Hello ü");
  EXPECT_EQ(out.reply.message.role, role::assistant);
}

TEST(openai_stream, is_complete_without_the_sentinel_and_not_by_it) {
  const auto without = run_stream(config_of("openai"), said);
  EXPECT_TRUE(without.is_finished);
  const auto only = run_stream(config_of("openai"), delta(R"("content":"Hel")") + done);
  ASSERT_TRUE(only.failure);
  EXPECT_EQ(only.failure->code, errc::stream_interrupted);
  EXPECT_FALSE(only.is_finished);
}

TEST(openai_stream, cut_anywhere_before_its_finish_reason_is_interrupted_and_carries_what_arrived) {
  for (const auto& part : testing::cut_after_each_event(said)) {
    const auto out = run_stream(config_of("openai"), part);
    ASSERT_TRUE(out.failure) << part;
    EXPECT_EQ(out.failure->code, errc::stream_interrupted);
    EXPECT_EQ(out.failure->phase, phase::body);
    EXPECT_EQ(out.failure->http_status, 200);
    EXPECT_EQ(out.failure->request_id, "req-1");
    EXPECT_EQ(out.failure->body_bytes, part.size());
    ASSERT_TRUE(out.failure->partial);
    EXPECT_EQ(out.failure->partial->content, out.reply.content);
  }
  const auto out = run_stream(config_of("openai"), said.substr(0, said.rfind("data:")));
  EXPECT_EQ(out.failure->partial->content, "Hello ü");
}

TEST(openai_stream, that_fails_shows_a_request_id_through_the_gate) {
  auto config = std::make_shared<provider_config>(config_of("openai"));
  config->redact.add(secret("sk-distinctive"));
  chat_stream events(config, {.status = 200,
                              .headers = {{"content-type", "text/event-stream"},
                                          {"x-request-id",
                                           "a\x1b[2J\xc2\x9b"
                                           "b sk-distinctive" +
                                               std::string(300, 'x')}},
                              .body = {},
                              .provenance = {}});
  events.end();
  const auto failed = events.next();
  ASSERT_FALSE(failed);
  const auto& shown = failed.error().request_id;
  EXPECT_TRUE(shown.starts_with("a [2J b [redacted]xxx")) << shown;
  EXPECT_LT(shown.size(), 120U);
}

TEST(openai_stream, broken_off_gives_the_transports_error_unless_it_was_complete) {
  const auto early = run_stream(config_of("openai"), delta(R"("content":"Hel")"), 5, ending::broken);
  ASSERT_TRUE(early.failure);
  EXPECT_EQ(early.failure->code, errc::stream_idle_timeout);
  EXPECT_EQ(early.failure->partial->content, "Hel");
  EXPECT_TRUE(run_stream(config_of("openai"), said, 5, ending::broken).is_finished);
}

TEST(openai_stream, needs_a_finish_reason_for_every_choice_that_was_asked_for) {
  const auto second = chunk(R"({"index":1,"delta":{"content":"other"},"finish_reason":null})");
  const auto end_of_second = chunk(R"({"index":1,"delta":{},"finish_reason":"stop"})");
  EXPECT_FALSE(run_in_all_pieces(config_of("openai"), second + said + done, answer_choices::several).is_finished);
  EXPECT_FALSE(
      run_in_all_pieces(config_of("openai"), second + end_of_second + done, answer_choices::several).is_finished);
  const auto both =
      run_in_all_pieces(config_of("openai"), second + said + end_of_second + done, answer_choices::several);
  EXPECT_TRUE(both.is_finished);
  EXPECT_EQ(both.reply.content, "Hello ü");
}

TEST(openai_stream, gives_tool_calls_side_by_side) {
  const auto text =
      delta(
          R"("tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}])") +
      delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}])") +
      delta(R"("tool_calls":[{"index":1,"id":"call_b","function":{"name":"time","arguments":""}}])") +
      delta(R"("tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}])") + delta("", R"("tool_calls")") + done;
  const auto out = run_in_all_pieces(config_of("openai"), text);
  EXPECT_THAT(out.events, ElementsAre("call 0 call_a weather", R"(arguments 0 {"city":)", "call 1 call_b time",
                                      R"(arguments 0 "Oslo"})", R"(call ended 0 {"city":"Oslo"})", "call ended 1 {}",
                                      "finished tool_calls tool_calls"));
  ASSERT_EQ(out.reply.tool_calls.size(), 2U);
  EXPECT_EQ(out.reply.tool_calls[0].id, "call_a");
  EXPECT_EQ(out.reply.tool_calls[0].arguments, R"({"city":"Oslo"})");
  EXPECT_EQ(out.reply.message.parts.size(), 2U);
}

TEST(openai_stream, tells_calls_apart_by_id_where_a_server_does_not_count_them) {
  const auto text = delta(R"("tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}])") +
                    delta(R"("tool_calls":[{"id":"b","function":{"name":"g","arguments":{"x":1}}}])") +
                    delta("", R"("stop")");
  const auto out = run_stream(config_of("gemini-compat"), text);
  ASSERT_EQ(out.reply.tool_calls.size(), 2U);
  EXPECT_EQ(out.reply.tool_calls[1].arguments, R"({"x":1})");
  EXPECT_EQ(out.reply.finish, finish_reason::tool_calls);
  EXPECT_EQ(out.reply.finish_text, "stop");
}

TEST(openai_stream, reads_the_reasoning_of_compatible_servers) {
  const auto text =
      delta(R"("reasoning_content":"Let me")") + delta(R"("reasoning":" think")") +
      delta(R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"."}]},{"type":"text","text":"4"}])") +
      delta("", R"("stop")");
  const auto out = run_stream(config_of("deepseek"), text);
  EXPECT_THAT(out.events,
              ElementsAre("reasoning Let me", "reasoning  think", "reasoning .", "text 4", "finished stop stop"));
  EXPECT_EQ(out.reply.reasoning, "Let me think.");
}

TEST(openai_stream, takes_comments_empty_events_and_unknown_things_for_nothing) {
  const auto text = ": keep-alive\n\n: OPENROUTER PROCESSING\n\ndata:\n\n" +
                    chunk("", R"(,"prompt_filter_results":[{"a":1}])") + chunk(R"(7,{"index":0,"delta":null})") +
                    "event: something.new\n" + chunk("", R"(,"new":{"b":[]})") + said + done;
  const auto out = run_in_all_pieces(config_of("openai"), text);
  EXPECT_TRUE(out.is_finished);
  EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo ü", "finished stop stop"));
}

TEST(openai_stream, counts_a_usage_that_comes_twice_once_and_takes_the_last) {
  const auto first = chunk("", R"(,"usage":{"prompt_tokens":3,"completion_tokens":1})");
  const auto last = chunk("", R"(,"usage":{"prompt_tokens":3,"completion_tokens":5})");
  const auto out = run_stream(config_of("vllm"), first + first + said + last + last + done);
  EXPECT_THAT(out.events, ElementsAre("usage 3 1", "text Hel", "text lo ü", "usage 3 5", "finished stop stop"));
  EXPECT_EQ(out.reply.usage.output_tokens, 5);
  const auto groq = chunk("", R"(,"x_groq":{"id":"req_1","usage":{"prompt_tokens":7,"completion_tokens":2}})");
  EXPECT_EQ(run_stream(config_of("groq"), said + groq + done).reply.usage.input_tokens, 7);
}

struct error_case {
  std::string data;
  errc code;
  std::string message;
};

TEST(openai_stream, reports_an_error_inside_of_a_success) {
  const std::vector<error_case> cases{
      {event(R"({"error":{"message":"busy","type":"server_error","code":null}})"), errc::server_error, "busy"},
      {event(R"({"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}})"), errc::rate_limited,
       "slow down"},
      {chunk(R"({"index":0,"delta":{},"finish_reason":"error"})", R"(,"error":{"code":502,"message":"upstream"})"),
       errc::server_error, "upstream"},
      {event(R"({"object":"error","message":"too long","type":"BadRequestError","code":400})"), errc::bad_request,
       "too long"},
      {"event: error\ndata: {\"message\":\"no\"}\n\n", errc::unexpected_body, "no"},
      {event(R"({"error":"just a text"})"), errc::unexpected_body, "just a text"},
  };
  for (const auto& each : cases) {
    const auto out = run_in_all_pieces(config_of("openrouter"), delta(R"("content":"Hel")") + each.data + said + done);
    ASSERT_TRUE(out.failure) << each.data;
    EXPECT_THAT(out.events, ElementsAre("text Hel"));
    EXPECT_EQ(out.failure->code, each.code) << each.data;
    EXPECT_EQ(out.failure->message, each.message);
    EXPECT_EQ(out.failure->http_status, 200);
    EXPECT_EQ(out.failure->partial->content, "Hel");
    EXPECT_FALSE(out.is_finished);
  }
}

TEST(openai_stream, refuses_events_that_are_no_json_and_shows_nothing_of_them) {
  for (const auto* data : {"{\"choices\":[", "sk-test-key-1234", "7", "[]"}) {
    const auto out = run_stream(config_of("openai"), delta(R"("content":"Hel")") + event(data) + said + done);
    ASSERT_TRUE(out.failure) << data;
    EXPECT_EQ(out.failure->code, errc::unexpected_body);
    EXPECT_EQ(out.failure->message.find("sk-"), std::string::npos);
    EXPECT_EQ(out.failure->partial->content, "Hel");
  }
}

TEST(openai_stream, takes_no_more_choices_or_calls_than_can_be) {
  std::string choices;
  for (int i = 0; i < 200; ++i)
    choices += (i == 0 ? "{\"index\":" : ",{\"index\":") + std::to_string(i) + "}";
  const auto many = run_in_all_pieces(config_of("openai"), chunk(choices), answer_choices::several);
  ASSERT_TRUE(many.failure);
  EXPECT_EQ(many.failure->code, errc::unexpected_body);
  std::string calls;
  for (int i = 0; i < 1100; ++i)
    calls += delta(R"("tool_calls":[{"index":)" + std::to_string(i) + R"(,"id":"a","function":{"name":"f"}}])");
  const auto called = run_stream(config_of("openai"), calls);
  ASSERT_TRUE(called.failure);
  EXPECT_EQ(called.failure->code, errc::response_too_large);
}

TEST(openai_stream, takes_an_answer_in_one_piece_where_the_server_does_not_stream) {
  const std::string whole =
      R"({"id":"1","model":"m","choices":[{"message":{"content":"Hello","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},
          "finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":5}})";
  for (const std::size_t piece : {1, 10'000}) {
    const auto out = run_stream(config_of("openai"), whole, piece, ending::clean, "application/json; charset=utf-8");
    EXPECT_TRUE(out.is_finished);
    EXPECT_THAT(out.events, ElementsAre("text Hello", "call 0 a f", "arguments 0 {}", "usage 3 5", "call ended 0 {}",
                                        "finished tool_calls tool_calls"));
    EXPECT_EQ(out.reply.raw_body, whole);
  }
  const auto error = run_stream(config_of("openrouter"), R"({"error":{"message":"no credits","code":402}})", 9,
                                ending::clean, "application/json");
  ASSERT_TRUE(error.failure);
  EXPECT_EQ(error.failure->code, errc::billing);
  EXPECT_THAT(error.events, IsEmpty());
  const auto cut = run_stream(config_of("openai"), whole.substr(0, 30), 9, ending::clean, "application/json");
  EXPECT_EQ(cut.failure->code, errc::unexpected_body);
}

TEST(openai_stream, bounds_an_answer_in_one_piece) {
  const auto config = std::make_shared<const provider_config>(config_of("openai"));
  chat_stream stream(config, {200, {{"Content-Type", "application/json"}}, {}, {}});
  const std::string mebibyte(std::size_t{1} << 20, ' ');
  for (std::size_t fed = 0; fed < config->answer_limits.max_bytes; fed += mebibyte.size())
    stream.feed(mebibyte);
  EXPECT_TRUE(stream.next());
  stream.feed("{");
  const auto got = stream.next();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::response_too_large);
}

TEST(openai_stream, needs_nothing_after_its_end) {
  const auto out = run_stream(config_of("openai"), said + done + event("{broken") + said);
  EXPECT_TRUE(out.is_finished);
  EXPECT_EQ(out.reply.content, "Hello ü");
}

}  // namespace
}  // namespace warmwire::providers::openai_stream_test
