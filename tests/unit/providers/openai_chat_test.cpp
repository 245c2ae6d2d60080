#include "providers/calls.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <variant>

namespace warmwire::providers::openai_chat_test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

provider_config config() {
  client_options options;
  options.api_key = secret("sk-test-key-1234");
  return make_provider_config(own_provider(options), [](const char*) -> const char* { return nullptr; }).value();
}

chat_request ask(std::string text) {
  chat_request out;
  out.messages = {{role::user, std::move(text)}};
  return out;
}

json::object body_of(const chat_request& chat) {
  return json::parse(std::get<std::string>(encode_chat(config(), chat, delivery::whole).value().body)).as_object();
}

response success(std::string body) {
  return {200, {{"x-request-id", "req-1"}, {"content-type", "application/json"}}, std::move(body), {}};
}

TEST(encode_chat, posts_json_to_the_pool_of_the_provider) {
  auto chat = ask("hello");
  chat.timeout = 7s;
  chat.tag = "batch 3";
  const auto made = encode_chat(config(), chat, delivery::whole);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->provider, "openai");
  EXPECT_EQ(made->method, "POST");
  EXPECT_EQ(made->url, "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(made->headers.get("authorization"), "Bearer sk-test-key-1234");
  EXPECT_EQ(made->headers.get("content-type"), "application/json");
  EXPECT_EQ(made->timeout, 7s);
  EXPECT_EQ(made->tag, "batch 3");
  EXPECT_EQ(std::get<std::string>(made->body),
            R"({"model":"gpt-5-mini","messages":[{"role":"user","content":"hello"}]})");
}

TEST(encode_chat, sends_what_is_set_and_nothing_else) {
  auto chat = ask("b");
  chat.messages.insert(chat.messages.begin(), {role::system, "a"});
  chat.messages.push_back({role::assistant, "c"});
  chat.model = "gpt-test";
  chat.temperature = 0.7;
  chat.max_tokens = 16;
  EXPECT_EQ(std::get<std::string>(encode_chat(config(), chat, delivery::whole)->body),
            R"({"model":"gpt-test","messages":[{"role":"system","content":"a"},{"role":"user","content":"b"},)"
            R"({"role":"assistant","content":"c"}],"temperature":0.7,"max_completion_tokens":16})");
}

TEST(encode_chat, escapes_what_json_demands) {
  const std::string text("quote \" backslash \\ newline \n nul \0 umlaut ü", 45);
  EXPECT_EQ(body_of(ask(text)).at("messages").at(0).at("content").as_string(), text);
}

TEST(encode_chat, names_the_field_the_value_and_the_range_of_a_wrong_option) {
  const auto message_for = [](const chat_request& chat) {
    const auto made = encode_chat(config(), chat, delivery::whole);
    EXPECT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::invalid_option);
    return made.error().message;
  };
  EXPECT_EQ(message_for({}), "messages is empty; it must hold at least one message");
  auto hot = ask("a");
  hot.temperature = 2.5;
  EXPECT_EQ(message_for(hot), "temperature is 2.5; it must lie within 0–2");
  hot.temperature = -0.1;
  EXPECT_EQ(message_for(hot), "temperature is -0.1; it must lie within 0–2");
  hot.temperature = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_for(hot), "temperature is nan; it must lie within 0–2");
  auto short_answer = ask("a");
  short_answer.max_tokens = 0;
  EXPECT_EQ(message_for(short_answer), "max_tokens is 0; it must be at least 1");
  auto binary = ask("fine");
  binary.messages.push_back({role::user, "\xff"});
  EXPECT_EQ(message_for(binary), "messages[1].content is not UTF-8; it must be");
  auto nameless = config();
  nameless.default_model.clear();
  EXPECT_EQ(encode_chat(nameless, ask("a"), delivery::whole).error().code, errc::invalid_option);
}

TEST(encode_chat, accepts_the_ends_of_each_range) {
  auto chat = ask("");
  for (const double edge : {0.0, 2.0}) {
    chat.temperature = edge;
    EXPECT_TRUE(encode_chat(config(), chat, delivery::whole));
  }
  chat.max_tokens = 1;
  EXPECT_TRUE(encode_chat(config(), chat, delivery::whole));
}

TEST(encode_chat, sends_a_conversation_with_tools_and_images) {
  auto chat = ask("What?");
  chat.messages[0].parts = {image_part{.url = "https://a.test/b.png", .detail = "low"},
                            image_part{.bytes = "foob", .media_type = "image/png"}};
  message called{role::assistant};
  called.parts = {reasoning_part{.text = "not sent back"},
                  tool_call{.id = "call_1", .name = "f", .arguments = "{\"a\":1}"}};
  chat.messages.push_back(called);
  chat.messages.push_back(tool_answer(std::get<tool_call>(called.parts[1]), "22"));
  chat.messages.push_back({role::user, "And?", {tool_result{.call_id = "call_2", .content = "23"}}});
  chat.messages.push_back({role::assistant, "Done", {text_part{"."}}});
  EXPECT_EQ(body_of(chat).at("messages"), json::parse(R"([
    {"role":"user","content":[{"type":"text","text":"What?"},
      {"type":"image_url","image_url":{"url":"https://a.test/b.png","detail":"low"}},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,Zm9vYg=="}}]},
    {"role":"assistant","content":null,"tool_calls":[
      {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
    {"role":"tool","tool_call_id":"call_1","content":"22"},
    {"role":"tool","tool_call_id":"call_2","content":"23"},
    {"role":"user","content":"And?"},
    {"role":"assistant","content":"Done."}])"));
}

TEST(encode_chat, sends_every_option) {
  auto chat = ask("a");
  chat.top_p = 0.5;
  chat.stop = {"x", "y"};
  chat.seed = 7;
  chat.tools = {{.name = "f", .description = "does", .parameters = R"({"type":"object"})", .strict = true},
                {.name = "g"}};
  chat.tool_choice = tool_choice{.mode = tool_choice::kind::named, .name = "f"};
  chat.parallel_tool_calls = false;
  chat.output = json_output{.schema = R"({"type":"object"})", .name = "n", .description = "d", .strict = false};
  chat.reasoning_effort = reasoning_effort::low;
  chat.extra_json = R"({"user":"u","seed":null})";
  EXPECT_EQ(json::parse(std::get<std::string>(encode_chat(config(), chat, delivery::streamed)->body)), json::parse(R"({
    "model":"gpt-5-mini","messages":[{"role":"user","content":"a"}],"top_p":0.5,"stop":["x","y"],
    "tools":[{"type":"function","function":{"name":"f","description":"does","parameters":{"type":"object"},"strict":true}},
             {"type":"function","function":{"name":"g"}}],
    "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,
    "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"type":"object"},"strict":false}},
    "reasoning_effort":"low","stream":true,"stream_options":{"include_usage":true},"user":"u"})"));
  chat.output = json_output{};
  chat.tool_choice = tool_choice{.mode = tool_choice::kind::required};
  EXPECT_EQ(body_of(chat).at("response_format"), json::parse(R"({"type":"json_object"})"));
  EXPECT_EQ(body_of(chat).at("tool_choice"), "required");
}

TEST(decode_chat, reads_tool_calls_and_thoughts) {
  const auto reply = decode_chat(config(), success(R"({"choices":[{"message":{"content":null,"reasoning_content":"Hm.",
      "tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
      "finish_reason":"tool_calls"}]})"));
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(reply->tool_calls.size(), 1U);
  EXPECT_EQ(reply->tool_calls[0].id, "call_1");
  EXPECT_EQ(reply->tool_calls[0].arguments, R"({"a":1})");
  EXPECT_EQ(reply->reasoning, "Hm.");
  EXPECT_EQ(reply->finish, finish_reason::tool_calls);
  EXPECT_EQ(reply->message.parts.size(), 2U);
}

TEST(decode_chat, reads_every_part_of_an_answer) {
  auto answer = success(R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-5-mini-2026",
      "choices":[{"index":0,"message":{"role":"assistant","content":"Hi ü","refusal":null},"finish_reason":"stop"}],
      "usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":2},
               "completion_tokens_details":{"reasoning_tokens":4}},
      "something_new":{"a":[1,2,{"b":null}]}})");
  answer.provenance.connection_id = 7;
  const auto raw = answer.body;
  const auto reply = decode_chat(config(), std::move(answer));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->content, "Hi ü");
  EXPECT_EQ(reply->refusal, "");
  EXPECT_EQ(reply->finish, finish_reason::stop);
  EXPECT_EQ(reply->finish_text, "stop");
  EXPECT_EQ(reply->usage.input_tokens, 3);
  EXPECT_EQ(reply->usage.output_tokens, 5);
  EXPECT_EQ(reply->usage.total_tokens, 8);
  EXPECT_EQ(reply->usage.cached_tokens, 2);
  EXPECT_EQ(reply->usage.reasoning_tokens, 4);
  EXPECT_EQ(reply->id, "chatcmpl-1");
  EXPECT_EQ(reply->model, "gpt-5-mini-2026");
  EXPECT_EQ(reply->request_id, "req-1");
  EXPECT_EQ(reply->http_status, 200);
  EXPECT_EQ(reply->headers.get("content-type"), "application/json");
  EXPECT_EQ(reply->raw_body, raw);
  EXPECT_EQ(reply->provenance.connection_id, 7U);
}

TEST(decode_chat, tells_the_reasons_to_finish_apart) {
  const auto finish = [](const std::string& word) {
    return decode_chat(config(), success(R"({"choices":[{"message":{"content":"a"},"finish_reason":)" + word + "}]}"))
        .value();
  };
  EXPECT_EQ(finish("\"length\"").finish, finish_reason::length);
  EXPECT_EQ(finish("\"content_filter\"").finish, finish_reason::content_filter);
  EXPECT_EQ(finish("\"tool_calls\"").finish, finish_reason::tool_calls);
  EXPECT_EQ(finish("\"function_call\"").finish, finish_reason::tool_calls);
  EXPECT_EQ(finish("\"new_reason\"").finish, finish_reason::other);
  EXPECT_EQ(finish("\"new_reason\"").finish_text, "new_reason");
  EXPECT_EQ(finish("null").finish, finish_reason::other);
  EXPECT_EQ(finish("null").finish_text, "");
}

TEST(decode_chat, takes_null_content_for_an_empty_answer) {
  const auto refused =
      decode_chat(config(), success(R"({"choices":[{"message":{"content":null,"refusal":"I would rather not"}}]})"));
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->content, "");
  EXPECT_EQ(refused->refusal, "I would rather not");
  const auto tools = decode_chat(config(), success(R"({"choices":[{"message":{"tool_calls":[]}}]})"));
  ASSERT_TRUE(tools) << tools.error().message;
  EXPECT_EQ(tools->content, "");
}

TEST(decode_chat, counts_nothing_where_the_server_does_not) {
  const auto reply = decode_chat(
      config(),
      success(R"({"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":12.0,"total_tokens":"x"}})"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->usage.input_tokens, 12);
  EXPECT_EQ(reply->usage.output_tokens, 0);
  EXPECT_EQ(reply->usage.total_tokens, 0);
}

TEST(decode_chat, takes_no_more_calls_than_can_be) {
  std::string calls = R"({"id":"a","function":{"name":"f","arguments":"{}"}})";
  for (int i = 0; i < 11; ++i)
    calls = calls + ',' + calls;
  const auto reply = decode_chat(config(), success(R"({"choices":[{"message":{"tool_calls":[)" + calls + "]}}]}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::response_too_large);
}

TEST(decode_chat, accepts_blanks_before_the_answer) {
  EXPECT_TRUE(decode_chat(config(), success("\n\n\n  {\"choices\":[{\"message\":{\"content\":\"a\"}}]}")));
}

struct wrong_shape {
  std::string body;
  std::string message_begins;
};

TEST(decode_chat, names_what_is_missing_or_of_the_wrong_kind) {
  const std::vector<wrong_shape> shapes{
      {"", "the body is not JSON"},
      {"<html><title>Log in</title></html>", "the body is not JSON"},
      {R"({"choices":[{"message":{"content":"cut)", "the body is not JSON"},
      {"[]", "the body is no JSON object"},
      {"{}", "choices is missing or no array"},
      {R"({"choices":{}})", "choices is missing or no array"},
      {R"({"choices":[]})", "choices is empty"},
      {R"({"choices":[7]})", "choices[0] is no object"},
      {R"({"choices":[{}]})", "choices[0].message is missing or no object"},
      {R"({"choices":[{"message":"a"}]})", "choices[0].message is missing or no object"},
      {R"({"choices":[{"message":{}}]})", "choices[0].message.content is missing"},
      {R"({"choices":[{"message":{"content":7}}]})", "choices[0].message.content is neither a string nor null"},
  };
  for (const auto& [body, begins] : shapes) {
    const auto reply = decode_chat(config(), success(body));
    ASSERT_FALSE(reply) << body;
    const auto& reason = reply.error();
    EXPECT_EQ(reason.code, errc::unexpected_body) << body;
    EXPECT_EQ(reason.message.substr(0, begins.size()), begins);
    EXPECT_EQ(reason.http_status, 200);
    EXPECT_EQ(reason.request_id, "req-1");
    EXPECT_EQ(reason.body_bytes, body.size());
  }
  EXPECT_NE(decode_chat(config(), success("<html><title>Log in</title>")).error().message.find("\"Log in\""),
            std::string::npos);
}

TEST(decode_chat, refuses_json_that_is_nested_too_deeply) {
  const auto nested = [](std::size_t levels) {
    return success(R"({"choices":[{"message":{"content":"a"}}],"more":)" + std::string(levels, '[') +
                   std::string(levels, ']') + '}');
  };
  EXPECT_TRUE(decode_chat(config(), nested(60)));
  for (const std::size_t levels : {64, 100'000}) {
    const auto reply = decode_chat(config(), nested(levels));
    ASSERT_FALSE(reply) << levels;
    EXPECT_EQ(reply.error().code, errc::unexpected_body);
  }
}

TEST(decode_chat, reports_an_error_that_comes_inside_of_a_success) {
  const auto upstream =
      decode_chat(config(), success(R"({"error":{"message":"no credits","code":402},"user_id":"u"})"));
  ASSERT_FALSE(upstream);
  EXPECT_EQ(upstream.error().code, errc::billing);
  EXPECT_EQ(upstream.error().message, "no credits");
  EXPECT_EQ(upstream.error().provider_code, "402");
  EXPECT_EQ(upstream.error().http_status, 200);
  const auto vague = decode_chat(config(), success(R"({"error":{"message":"upstream broke","code":"boom"}})"));
  ASSERT_FALSE(vague);
  EXPECT_EQ(vague.error().code, errc::unexpected_body);
  EXPECT_TRUE(decode_chat(config(), success(R"({"error":null,"choices":[{"message":{"content":"a"}}]})")));
}

TEST(decode_chat, leaves_no_key_in_the_excerpt_of_a_strange_body) {
  const auto reply = decode_chat(config(), success("you sent Bearer sk-test-key-1234"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().message.find("sk-test"), std::string::npos) << reply.error().message;
}

}  // namespace
}  // namespace warmwire::providers::openai_chat_test
