#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace warmwire::providers::openai_responses_test {
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
  return config_of("openai", openai_api::responses);
}

TEST(openai_responses, posts_items) {
  const auto made = encode_chat(config(), ask("hello"), delivery::whole);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->url, "https://api.openai.com/v1/responses");
  EXPECT_EQ(std::get<std::string>(made->body), R"({"model":"gpt-5-mini","input":[{"role":"user","content":"hello"}]})");
}

TEST(openai_responses, sends_a_conversation_with_tools_images_and_thoughts) {
  auto chat = ask("What?");
  chat.messages[0].parts = {image_part{.url = "https://a.test/b.png"},
                            image_part{.bytes = "foob", .media_type = "image/png", .detail = "low"}};
  message called{role::assistant};
  called.parts = {reasoning_part{.text = "Hm.", .encrypted = "enc", .id = "rs_1"},
                  reasoning_part{.text = "another's", .signature = "sig"}, text_part{"I look."},
                  tool_call{.id = "call_1", .name = "f", .arguments = "{}"}};
  chat.messages.push_back(called);
  chat.messages.push_back(tool_answer(std::get<tool_call>(called.parts[3]), "22"));
  EXPECT_EQ(parsed(sent(config(), chat)).at("input"), parsed(R"([
    {"role":"user","content":[{"type":"input_text","text":"What?"},
      {"type":"input_image","image_url":"https://a.test/b.png","detail":"auto"},
      {"type":"input_image","image_url":"data:image/png;base64,Zm9vYg==","detail":"low"}]},
    {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"enc"},
    {"role":"assistant","content":"I look."},
    {"type":"function_call","call_id":"call_1","name":"f","arguments":"{}"},
    {"type":"function_call_output","call_id":"call_1","output":"22"}])"));
}

TEST(openai_responses, sends_no_empty_text_beside_calls_and_results) {
  auto chat = ask("a");
  chat.messages.push_back({role::assistant, "", {tool_call{.id = "call_1", .name = "f", .arguments = "{}"}}});
  chat.messages.push_back({role::user, "", {tool_result{.call_id = "call_1", .content = "22"}}});
  EXPECT_EQ(parsed(sent(config(), chat)).at("input").as_array().size(), 3U);
}

TEST(openai_responses, sends_every_option_that_it_has) {
  auto chat = ask("a");
  chat.temperature = 0.5;
  chat.top_p = 0.9;
  chat.max_tokens = 100;
  chat.tools = {{.name = "f", .description = "does", .parameters = R"({"type":"object"})", .strict = true}};
  chat.tool_choice = tool_choice{.mode = tool_choice::kind::named, .name = "f"};
  chat.parallel_tool_calls = false;
  chat.output = json_output{.schema = R"({"type":"object"})", .name = "n"};
  chat.reasoning_effort = reasoning_effort::high;
  chat.show_reasoning = true;
  chat.extra_json = R"({"store":false})";
  EXPECT_EQ(parsed(sent(config(), chat, delivery::streamed)), parsed(R"({"model":"gpt-5-mini",
    "input":[{"role":"user","content":"a"}],"temperature":0.5,"top_p":0.9,"max_output_tokens":100,
    "tools":[{"type":"function","name":"f","description":"does","parameters":{"type":"object"},"strict":true}],
    "tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,
    "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},
    "reasoning":{"effort":"high","summary":"auto"},"stream":true,"store":false})"));
  chat.stop = {"END"};
  EXPECT_EQ(testing::refusal_of(config(), chat), "stop is set, and OpenAI's Responses does not have it; leave it out");
  chat.stop.clear();
  chat.seed = 1;
  EXPECT_EQ(testing::refusal_of(config(), chat), "seed is set, and OpenAI's Responses does not have it; leave it out");
}

const std::string answer =
    R"({"id":"resp_1","object":"response","status":"completed","error":null,"model":"gpt-x","output":[)"
    R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"enc"},)"
    R"({"type":"message","content":[{"type":"output_text","text":"Hello"},{"type":"refusal","refusal":"no"}]},)"
    R"({"type":"web_search_call"},)"
    R"({"type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}],)"
    R"("usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":1},"output_tokens":5,)"
    R"("output_tokens_details":{"reasoning_tokens":2},"total_tokens":8}})";

TEST(openai_responses, reads_every_part_of_an_answer) {
  const auto reply = decode_chat(config(), success(answer));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->content, "Hello");
  EXPECT_EQ(reply->refusal, "no");
  EXPECT_EQ(reply->reasoning, "Hm.");
  ASSERT_EQ(reply->tool_calls.size(), 1U);
  EXPECT_EQ(reply->tool_calls[0].id, "call_1");
  EXPECT_EQ(reply->finish, finish_reason::tool_calls);
  EXPECT_EQ(
      reply->usage,
      (usage{.input_tokens = 3, .output_tokens = 5, .total_tokens = 8, .cached_tokens = 1, .reasoning_tokens = 2}));
  EXPECT_EQ(std::get<reasoning_part>(reply->message.parts.at(0)).encrypted, "enc");
}

TEST(openai_responses, tells_the_ends_of_an_answer_apart) {
  const auto read = [](const std::string& fields) {
    return decode_chat(config(), success(R"({"output":[],)" + fields + "}"));
  };
  EXPECT_EQ(read(R"("status":"completed")")->finish, finish_reason::stop);
  EXPECT_EQ(read(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})")->finish,
            finish_reason::length);
  EXPECT_EQ(read(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})")->finish,
            finish_reason::content_filter);
  EXPECT_EQ(read(R"("status":"in_progress")")->finish_text, "in_progress");
  const auto failed = read(R"("status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"})");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::rate_limited);
  const auto cancelled = read(R"("status":"cancelled","error":null)");
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().message, "the response was cancelled");
  EXPECT_EQ(decode_chat(config(), success("{}")).error().code, errc::unexpected_body);
}

std::string event(const std::string& type, const std::string& fields) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":1," + fields + "}\n\n";
}

const std::string begin =
    event("response.created", R"("response":{"id":"resp_1","model":"gpt-x","status":"in_progress"})") +
    event("response.in_progress", R"("response":{"id":"resp_1"})");
const std::string said =
    event("response.output_item.added", R"("output_index":0,"item":{"type":"message","content":[]})") +
    event("response.content_part.added", R"("output_index":0,"part":{"type":"output_text","text":""})") +
    event("response.output_text.delta", R"("output_index":0,"delta":"Hel")") +
    event("response.output_text.delta", R"("output_index":0,"delta":"lo")") +
    event("response.output_text.done", R"("output_index":0,"text":"Hello")") +
    event("response.output_item.done", R"("output_index":0,"item":{"type":"message"})");

std::string end(const std::string& word, const std::string& fields) {
  return event("response." + word, R"("response":{"id":"resp_1","status":")" + word + "\"," + fields +
                                       R"("usage":{"input_tokens":3,"output_tokens":5,"total_tokens":8}})");
}

TEST(openai_responses_stream, gives_texts_usage_and_the_end) {
  const auto out = run_in_all_pieces(config(), begin + said + end("completed", ""));
  EXPECT_FALSE(out.failure) << out.failure->to_string();
  EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo", "usage 3 5", "finished stop completed"));
  EXPECT_EQ(out.reply.content, "Hello");
  EXPECT_EQ(out.reply.id, "resp_1");
  EXPECT_EQ(out.reply.model, "gpt-x");
}

TEST(openai_responses_stream, gives_thoughts_refusals_and_tools) {
  const auto text =
      begin + event("response.output_item.added", R"("output_index":0,"item":{"type":"reasoning","id":"rs_1"})") +
      event("response.reasoning_summary_text.delta", R"("output_index":0,"delta":"Hm.")") +
      event("response.output_item.done",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","encrypted_content":"enc"})") +
      event("response.refusal.delta", R"("output_index":1,"delta":"no")") +
      event("response.output_item.added",
            R"("output_index":2,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":""})") +
      event("response.function_call_arguments.delta", R"("output_index":2,"delta":"{\"a\"")") +
      event("response.function_call_arguments.delta", R"("output_index":2,"delta":":1}")") +
      event("response.function_call_arguments.done", R"("output_index":2,"arguments":"{\"a\":1}")") +
      event("response.output_item.done", R"("output_index":2,"item":{"type":"function_call"})") + end("completed", "");
  const auto out = run_in_all_pieces(config(), text);
  EXPECT_THAT(out.events,
              ElementsAre("reasoning Hm.", "refusal no", "call 0 call_1 f", R"(arguments 0 {"a")", "arguments 0 :1}",
                          R"(call ended 0 {"a":1})", "usage 3 5", "finished tool_calls completed"));
  const auto& thought = std::get<reasoning_part>(out.reply.message.parts.at(0));
  EXPECT_EQ(thought.id, "rs_1");
  EXPECT_EQ(thought.encrypted, "enc");
}

TEST(openai_responses_stream, ends_with_each_of_its_terminal_events) {
  const auto cut =
      run_stream(config(), said + end("incomplete", R"("incomplete_details":{"reason":"max_output_tokens"},)"));
  EXPECT_TRUE(cut.is_finished);
  EXPECT_EQ(cut.reply.finish, finish_reason::length);
  const auto failed =
      run_in_all_pieces(config(), said + end("failed", R"("error":{"code":"server_error","message":"broke"},)"));
  ASSERT_TRUE(failed.failure);
  EXPECT_EQ(failed.failure->code, errc::server_error);
  EXPECT_EQ(failed.failure->message, "broke");
  EXPECT_EQ(failed.failure->partial->content, "Hello");
  const auto error = run_in_all_pieces(
      config(), said + event("error", R"("code":"rate_limit_exceeded","message":"slow down","param":null)") +
                    end("completed", ""));
  ASSERT_TRUE(error.failure);
  EXPECT_EQ(error.failure->code, errc::rate_limited);
  EXPECT_EQ(error.failure->message, "slow down");
}

TEST(openai_responses_stream, cut_anywhere_before_its_terminal_event_is_interrupted_even_with_a_sentinel) {
  for (const auto& part : testing::cut_after_each_event(begin + said + end("completed", ""))) {
    const auto out = run_stream(config(), part + "data: [DONE]\n\n");
    ASSERT_TRUE(out.failure) << part;
    EXPECT_EQ(out.failure->code, errc::stream_interrupted);
    EXPECT_EQ(out.failure->partial->content, out.reply.content);
  }
}

TEST(openai_responses_stream, refuses_events_that_are_no_json_and_shows_nothing_of_them) {
  for (const auto* data : {"{\"type\":", "sk-test-key-1234", "7", "[]"}) {
    const auto strange = "data: " + std::string(data) + "\n\n";
    const auto out = run_in_all_pieces(config(), begin + said + strange + end("completed", ""));
    ASSERT_TRUE(out.failure) << data;
    EXPECT_EQ(out.failure->code, errc::unexpected_body) << data;
    EXPECT_EQ(out.failure->message.find("sk-"), std::string::npos) << out.failure->message;
    EXPECT_EQ(out.failure->partial->content, "Hello");
    EXPECT_FALSE(out.is_finished);
  }
}

TEST(openai_responses_stream, refuses_a_terminal_event_without_the_response) {
  for (const auto* fields : {R"("a":1)", R"("response":null)", R"("response":[])"}) {
    const auto out = run_in_all_pieces(config(), begin + said + event("response.completed", fields));
    ASSERT_TRUE(out.failure) << fields;
    EXPECT_EQ(out.failure->code, errc::unexpected_body) << fields;
    EXPECT_EQ(out.failure->partial->content, "Hello");
  }
}

TEST(openai_responses_stream, takes_comments_and_empty_events_for_nothing) {
  const std::string nothing = ": keep-alive\n\n:\n\ndata:\n\nevent: response.output_text.delta\ndata:\n\n";
  const auto out = run_in_all_pieces(config(), nothing + begin + nothing + said + nothing + end("completed", ""));
  EXPECT_TRUE(out.is_finished);
  EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo", "usage 3 5", "finished stop completed"));
}

TEST(openai_responses_stream, needs_nothing_after_its_end) {
  const auto out = run_stream(config(), said + end("completed", "") + "data: {broken\n\n" + said);
  EXPECT_TRUE(out.is_finished);
  EXPECT_EQ(out.reply.content, "Hello");
}

TEST(openai_responses_stream, ignores_what_it_does_not_know) {
  const auto strange = event("response.web_search_call.searching", R"("output_index":9)") +
                       event("something.new", R"("a":{})") +
                       event("response.function_call_arguments.delta", R"("output_index":77,"delta":"x")");
  const auto out = run_in_all_pieces(config(), begin + strange + said + strange + end("completed", ""));
  EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo", "usage 3 5", "finished stop completed"));
}

}  // namespace
}  // namespace warmwire::providers::openai_responses_test
