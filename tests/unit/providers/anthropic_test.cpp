#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>

namespace warmwire::providers::anthropic_test {
namespace {

using testing::ask;
using testing::config_of;
using ::testing::ElementsAre;
using testing::parsed;
using testing::run_in_all_pieces;
using testing::run_stream;
using testing::sent;
using testing::success;

provider_config config() {
  return config_of("anthropic");
}

chat_request with_tools() {
  auto chat = ask("How warm is it in Oslo?");
  chat.messages.insert(chat.messages.begin(), {role::system, "Be brief."});
  message called{role::assistant, ""};
  called.parts = {reasoning_part{.text = "I need the weather.", .signature = "sig"},
                  reasoning_part{.text = "", .encrypted = "hidden"},
                  reasoning_part{.text = "of another provider", .encrypted = "x", .id = "rs_1"},
                  text_part{"Let me look."},
                  tool_call{.id = "toolu_1", .name = "weather", .arguments = R"({"city":"Oslo"})"},
                  tool_call{.id = "toolu_2", .name = "time"}};
  chat.messages.push_back(called);
  chat.messages.push_back(tool_answer(std::get<tool_call>(called.parts[4]), "22"));
  message failed{role::tool};
  failed.parts = {tool_result{.call_id = "toolu_2", .content = "no clock", .is_error = true}};
  chat.messages.push_back(failed);
  chat.messages.push_back({role::user, "And?"});
  return chat;
}

TEST(anthropic, posts_to_messages_with_its_own_headers) {
  const auto made = encode_chat(config(), ask("hello"), delivery::whole);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->url, "https://api.anthropic.com/v1/messages");
  EXPECT_EQ(made->method, "POST");
  EXPECT_EQ(made->headers.get("x-api-key"), "sk-test-key-1234");
  EXPECT_EQ(made->headers.get("anthropic-version"), "2023-06-01");
  EXPECT_FALSE(made->headers.contains("authorization"));
  EXPECT_EQ(std::get<std::string>(made->body),
            R"({"model":"claude-sonnet-5-5","max_tokens":8192,"messages":[{"role":"user","content":"hello"}]})");
}

TEST(anthropic, sends_a_conversation_with_tools_and_thoughts) {
  EXPECT_EQ(parsed(sent(config(), with_tools())), parsed(R"({"model":"claude-sonnet-5-5","max_tokens":8192,
    "system":"Be brief.","messages":[
    {"role":"user","content":"How warm is it in Oslo?"},
    {"role":"assistant","content":[
      {"type":"thinking","thinking":"I need the weather.","signature":"sig"},
      {"type":"redacted_thinking","data":"hidden"},
      {"type":"text","text":"Let me look."},
      {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}},
      {"type":"tool_use","id":"toolu_2","name":"time","input":{}}]},
    {"role":"user","content":[
      {"type":"tool_result","tool_use_id":"toolu_1","content":"22"},
      {"type":"tool_result","tool_use_id":"toolu_2","content":"no clock","is_error":true},
      {"type":"text","text":"And?"}]}]})"));
}

TEST(anthropic, gathers_instructions_from_wherever_they_stand) {
  auto chat = ask("a");
  chat.messages.insert(chat.messages.begin(), {role::system, "one"});
  chat.messages.push_back({role::system, "two"});
  const auto body = parsed(sent(config(), chat));
  EXPECT_EQ(body.at("system").as_string(), "one\n\ntwo");
  EXPECT_EQ(body.at("messages").as_array().size(), 1U);
}

TEST(anthropic, sends_images_by_address_and_by_bytes) {
  auto chat = ask("What?");
  chat.messages[0].parts = {image_part{.url = "https://a.test/b.png"},
                            image_part{.bytes = "foob", .media_type = "image/png"}};
  EXPECT_EQ(parsed(sent(config(), chat)).at("messages").at(0).at("content"), parsed(R"([{"type":"text","text":"What?"},
    {"type":"image","source":{"type":"url","url":"https://a.test/b.png"}},
    {"type":"image","source":{"type":"base64","media_type":"image/png","data":"Zm9vYg=="}}])"));
}

TEST(anthropic, sends_every_option_that_it_has) {
  auto chat = ask("a");
  chat.temperature = 0.5;
  chat.top_p = 0.9;
  chat.max_tokens = 100;
  chat.stop = {"END"};
  chat.tools = {{.name = "f", .description = "does", .parameters = R"({"type":"object"})", .strict = true},
                {.name = "g"}};
  chat.tool_choice = tool_choice{.mode = tool_choice::kind::named, .name = "f"};
  chat.parallel_tool_calls = false;
  chat.output = json_output{.schema = R"({"type":"object"})"};
  chat.model = "claude-sonnet-4-6";
  chat.reasoning_effort = reasoning_effort::minimal;
  chat.show_reasoning = true;
  chat.extra_json = R"({"metadata":{"user_id":"u"},"top_p":null})";
  EXPECT_EQ(parsed(sent(config(), chat, delivery::streamed)), parsed(R"({"model":"claude-sonnet-4-6","max_tokens":100,
    "messages":[{"role":"user","content":"a"}],"temperature":0.5,"stop_sequences":["END"],
    "tools":[{"name":"f","description":"does","input_schema":{"type":"object"},"strict":true},
             {"name":"g","input_schema":{"type":"object","properties":{}}}],
    "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
    "thinking":{"type":"adaptive","display":"summarized"},
    "output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},
    "stream":true,"metadata":{"user_id":"u"}})"));
}

TEST(anthropic, names_the_ways_to_choose_a_tool_and_not_to_think) {
  auto chat = ask("a");
  chat.tool_choice = tool_choice{};
  EXPECT_EQ(parsed(sent(config(), chat)).at("tool_choice"), parsed(R"({"type":"auto"})"));
  chat.tool_choice->mode = tool_choice::kind::required;
  EXPECT_EQ(parsed(sent(config(), chat)).at("tool_choice"), parsed(R"({"type":"any"})"));
  chat.tool_choice->mode = tool_choice::kind::none;
  chat.parallel_tool_calls = true;
  EXPECT_EQ(parsed(sent(config(), chat)).at("tool_choice"), parsed(R"({"type":"none"})"));
  chat.reasoning_effort = reasoning_effort::none;
  const auto body = parsed(sent(config(), chat));
  EXPECT_EQ(body.at("thinking"), parsed(R"({"type":"disabled"})"));
  EXPECT_FALSE(body.as_object().contains("output_config"));
}

TEST(anthropic, demands_a_stream_or_a_timeout_for_answers_of_over_600_s) {
  auto chat = ask("a");
  chat.max_tokens = 21'333;
  EXPECT_EQ(testing::refusal_of(config(), chat), "");
  chat.max_tokens = 21'334;
  EXPECT_EQ(testing::refusal_of(config(), chat),
            "max_tokens is 21334; an answer of more than 21333 may take over 600 s, and must be streamed or given a "
            "timeout");
  EXPECT_EQ(testing::refusal_of(config(), chat, delivery::streamed), "");
  chat.timeout = std::chrono::hours(1);
  EXPECT_EQ(testing::refusal_of(config(), chat), "");
}

TEST(anthropic, reads_every_part_of_an_answer) {
  auto answer = success(R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[
      {"type":"thinking","thinking":"Hm.","signature":"sig"},{"type":"redacted_thinking","data":"hid"},
      {"type":"text","text":"It is "},{"type":"server_tool_use","id":"s","name":"web"},{"type":"text","text":"warm."},
      {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}}],
      "stop_reason":"tool_use","stop_sequence":null,
      "usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,"output_tokens":7}})");
  answer.headers.add("request-id", "req_anthropic");
  answer.headers.remove("x-request-id");
  const auto reply = decode_chat(config(), std::move(answer));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->content, "It is warm.");
  EXPECT_EQ(reply->reasoning, "Hm.");
  ASSERT_EQ(reply->tool_calls.size(), 1U);
  EXPECT_EQ(reply->tool_calls[0].arguments, R"({"city":"Oslo"})");
  EXPECT_EQ(reply->finish, finish_reason::tool_calls);
  EXPECT_EQ(reply->finish_text, "tool_use");
  EXPECT_EQ(
      reply->usage,
      (usage{.input_tokens = 16, .output_tokens = 7, .total_tokens = 23, .cached_tokens = 4, .cache_write_tokens = 2}));
  EXPECT_EQ(reply->request_id, "req_anthropic");
  EXPECT_EQ(reply->id, "msg_1");
  ASSERT_EQ(reply->message.parts.size(), 6U);

  auto again = ask("a");
  again.messages.push_back(reply->message);
  EXPECT_EQ(parsed(sent(config(), again)).at("messages").at(1).at("content"), parsed(R"([
      {"type":"thinking","thinking":"Hm.","signature":"sig"},{"type":"redacted_thinking","data":"hid"},
      {"type":"text","text":"It is "},{"type":"server_tool_use","id":"s","name":"web"},{"type":"text","text":"warm."},
      {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}}])"));
}

TEST(anthropic, tells_the_reasons_to_finish_apart) {
  const auto finish = [](const std::string& word) {
    return decode_chat(config(), success(R"({"content":[],"stop_reason":)" + word + "}")).value();
  };
  EXPECT_EQ(finish("\"end_turn\"").finish, finish_reason::stop);
  EXPECT_EQ(finish("\"stop_sequence\"").finish, finish_reason::stop);
  EXPECT_EQ(finish("\"max_tokens\"").finish, finish_reason::length);
  EXPECT_EQ(finish("\"model_context_window_exceeded\"").finish, finish_reason::length);
  EXPECT_EQ(finish("\"refusal\"").finish, finish_reason::content_filter);
  EXPECT_EQ(finish("\"refusal\"").refusal, "refusal");
  EXPECT_EQ(finish("\"pause_turn\"").finish, finish_reason::other);
  EXPECT_EQ(finish("\"pause_turn\"").finish_text, "pause_turn");
  const auto strange = decode_chat(config(), success("{}"));
  ASSERT_FALSE(strange);
  EXPECT_EQ(strange.error().message.substr(0, 30), "content is missing or no array");
}

std::string event(const std::string& type, const std::string& fields = "") {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + fields + "}\n\n";
}

std::string block(int index, const std::string& start, const std::vector<std::string>& deltas) {
  const auto place = ",\"index\":" + std::to_string(index);
  auto out = event("content_block_start", place + ",\"content_block\":" + start);
  for (const auto& each : deltas)
    out += event("content_block_delta", place + ",\"delta\":" + each);
  return out + event("content_block_stop", place);
}

const std::string begin =
    event("message_start", R"(,"message":{"id":"msg_1","model":"claude-x","content":[],"stop_reason":null,)"
                           R"("usage":{"input_tokens":10,"cache_read_input_tokens":4,"output_tokens":1}})");
const std::string text_block = block(0, R"({"type":"text","text":""})",
                                     {R"({"type":"text_delta","text":"Hel"})", R"({"type":"text_delta","text":"lo"})"});
const std::string end = event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9})") +
                        event("message_stop");

std::string stream_of(const std::string& blocks) {
  return begin + blocks + end;
}

TEST(anthropic_stream, gives_texts_usage_and_the_end) {
  const auto out = run_in_all_pieces(config(), stream_of(text_block));
  EXPECT_FALSE(out.failure) << out.failure->to_string();
  EXPECT_THAT(out.events, ElementsAre("usage 14 1", "text Hel", "text lo", "usage 14 9", "finished stop end_turn"));
  EXPECT_EQ(out.reply.content, "Hello");
  EXPECT_EQ(out.reply.id, "msg_1");
  EXPECT_EQ(out.reply.usage.cached_tokens, 4);
  EXPECT_EQ(out.reply.usage.total_tokens, 23);
}

TEST(anthropic_stream, gives_thoughts_with_their_proof_and_tools) {
  const auto text = stream_of(
      block(0, R"({"type":"thinking","thinking":"","signature":""})",
            {R"({"type":"thinking_delta","thinking":"Hm."})", R"({"type":"signature_delta","signature":"sig"})"}) +
      block(1, R"({"type":"redacted_thinking","data":"hid"})", {}) +
      block(2, R"({"type":"text","text":"I "})",
            {R"({"type":"text_delta","text":"look."})", R"({"type":"citations_delta","citation":{}})"}) +
      block(3, R"({"type":"server_tool_use","id":"s","name":"web","input":{}})",
            {R"({"type":"input_json_delta","partial_json":"{}"})"}) +
      block(4, R"({"type":"tool_use","id":"toolu_1","name":"weather","input":{}})",
            {R"({"type":"input_json_delta","partial_json":""})",
             R"({"type":"input_json_delta","partial_json":"{\"city\":"})",
             R"({"type":"input_json_delta","partial_json":"\"Oslo\"}"})"}) +
      block(5, R"({"type":"tool_use","id":"toolu_2","name":"time","input":{}})", {}));
  const auto out = run_in_all_pieces(config(), text);
  EXPECT_THAT(out.events,
              ElementsAre("usage 14 1", "reasoning Hm.", "text I ", "text look.", "call 0 toolu_1 weather",
                          R"(arguments 0 {"city":)", R"(arguments 0 "Oslo"})", R"(call ended 0 {"city":"Oslo"})",
                          "call 1 toolu_2 time", "call ended 1 {}", "usage 14 9", "finished tool_calls end_turn"));
  ASSERT_EQ(out.reply.message.parts.size(), 6U);
  EXPECT_EQ(std::get<reasoning_part>(out.reply.message.parts[0]).signature, "sig");
  EXPECT_EQ(std::get<reasoning_part>(out.reply.message.parts[1]).encrypted, "hid");
}

TEST(anthropic_stream, cut_anywhere_before_message_stop_is_interrupted_and_carries_what_arrived) {
  for (const auto& part : testing::cut_after_each_event(stream_of(text_block))) {
    const auto out = run_stream(config(), part);
    ASSERT_TRUE(out.failure) << part;
    EXPECT_EQ(out.failure->code, errc::stream_interrupted);
    EXPECT_EQ(out.failure->partial->content, out.reply.content);
  }
}

TEST(anthropic_stream, needs_nothing_after_its_end) {
  const auto out = run_stream(config(), stream_of(text_block) + "data: {broken\n\n" + text_block);
  EXPECT_TRUE(out.is_finished);
  EXPECT_EQ(out.reply.content, "Hello");
}

TEST(anthropic_stream, forwards_pings_and_ignores_what_it_does_not_know) {
  const auto out = run_in_all_pieces(
      config(), stream_of(event("ping") + event("something_new", R"(,"a":[1])") + text_block + event("ping")));
  EXPECT_THAT(out.events,
              ElementsAre("usage 14 1", "ping", "text Hel", "text lo", "ping", "usage 14 9", "finished stop end_turn"));
}

TEST(anthropic_stream, reports_an_error_inside_of_a_success) {
  const auto error_event =
      event("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_2")");
  const auto out = run_in_all_pieces(config(), text_block + error_event + end);
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::overloaded);
  EXPECT_EQ(out.failure->message, "Overloaded");
  EXPECT_EQ(out.failure->provider_type, "overloaded_error");
  EXPECT_EQ(out.failure->partial->content, "Hello");
}

TEST(anthropic_stream, refuses_events_that_are_no_json_and_shows_nothing_of_them) {
  for (const auto* data : {"{\"type\"", "{\"type\":", "sk-test-key-1234", "7", "[]", "[DONE]"}) {
    const auto strange = "event: content_block_delta\ndata: " + std::string(data) + "\n\n";
    const auto out = run_in_all_pieces(config(), begin + text_block + strange + end);
    ASSERT_TRUE(out.failure) << data;
    EXPECT_EQ(out.failure->code, errc::unexpected_body) << data;
    EXPECT_EQ(out.failure->message.find("sk-"), std::string::npos) << out.failure->message;
    EXPECT_EQ(out.failure->partial->content, "Hello");
  }
}

TEST(anthropic_stream, takes_comments_and_empty_events_for_nothing) {
  const std::string nothing = ": keep-alive\n\n:\n\ndata:\n\nevent: message_stop\ndata:\n\n";
  const auto out = run_in_all_pieces(config(), nothing + begin + nothing + text_block + nothing + end);
  EXPECT_TRUE(out.is_finished);
  EXPECT_THAT(out.events, ElementsAre("usage 14 1", "text Hel", "text lo", "usage 14 9", "finished stop end_turn"));
}

TEST(anthropic_stream, counts_a_usage_that_comes_twice_once_and_takes_the_last) {
  const auto delta = [](const std::string& tokens) {
    return event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":)" + tokens + "}");
  };
  const auto out =
      run_in_all_pieces(config(), begin + text_block + delta("5") + delta("5") + delta("9") + delta("9") + end);
  EXPECT_THAT(out.events,
              ElementsAre("usage 14 1", "text Hel", "text lo", "usage 14 5", "usage 14 9", "finished stop end_turn"));
  EXPECT_EQ(out.reply.usage.output_tokens, 9);
  EXPECT_EQ(out.reply.usage.total_tokens, 23);
}

TEST(anthropic, counts_tokens) {
  auto chat = with_tools();
  chat.temperature = 0.5;
  const auto made = encode_count(config(), chat);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->url, "https://api.anthropic.com/v1/messages/count_tokens");
  const auto body = parsed(std::get<std::string>(made->body));
  EXPECT_EQ(body.at("system").as_string(), "Be brief.");
  EXPECT_FALSE(body.as_object().contains("max_tokens"));
  EXPECT_FALSE(body.as_object().contains("temperature"));
  EXPECT_EQ(decode_count(config(), success(R"({"input_tokens":42})"))->input_tokens, 42);
  EXPECT_EQ(decode_count(config(), success("{}")).error().code, errc::unexpected_body);
  EXPECT_EQ(encode_count(config_of("openai"), chat).error().code, errc::unsupported_call);
}

}  // namespace
}  // namespace warmwire::providers::anthropic_test
