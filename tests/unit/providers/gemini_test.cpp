#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>

namespace warmwire::providers::gemini_test {
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
  return config_of("google");
}

TEST(gemini, posts_to_the_models_own_url_with_the_key_in_a_header) {
  const auto made = encode_chat(config(), ask("hello"), delivery::whole);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->url, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent");
  EXPECT_EQ(made->headers.get("x-goog-api-key"), "sk-test-key-1234");
  EXPECT_EQ(std::get<std::string>(made->body), R"({"contents":[{"role":"user","parts":[{"text":"hello"}]}]})");
  auto tuned = ask("hello");
  tuned.model = "tunedModels/my model";
  EXPECT_EQ(encode_chat(config(), tuned, delivery::streamed)->url,
            "https://generativelanguage.googleapis.com/v1beta/tunedModels/my%20model:streamGenerateContent?alt=sse");
}

TEST(gemini, sends_a_conversation_with_tools) {
  auto chat = ask("How warm?");
  chat.messages.insert(chat.messages.begin(), {role::system, "Be brief."});
  message called{role::assistant};
  called.parts = {
      reasoning_part{.text = "not sent back"}, text_part{.text = "I look.", .signature = "t1"},
      tool_call{.id = "warmwire-call-0", .name = "weather", .arguments = R"({"city":"Oslo"})", .signature = "t2"},
      tool_call{.id = "own", .name = "time"}};
  chat.messages.push_back(called);
  chat.messages.push_back(tool_answer(std::get<tool_call>(called.parts[2]), R"({"celsius":22})"));
  message failed{role::tool};
  failed.parts = {tool_result{.call_id = "own", .content = "no clock", .is_error = true}};
  chat.messages.push_back(failed);
  EXPECT_EQ(parsed(sent(config(), chat)), parsed(R"({"contents":[
    {"role":"user","parts":[{"text":"How warm?"}]},
    {"role":"model","parts":[{"text":"I look.","thoughtSignature":"t1"},
      {"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"t2"},
      {"functionCall":{"id":"own","name":"time","args":{}}}]},
    {"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"celsius":22}}},
      {"functionResponse":{"id":"own","name":"time","response":{"error":"no clock"}}}]}],
    "systemInstruction":{"parts":[{"text":"Be brief."}]}})"));
}

TEST(gemini, sends_images_by_address_and_by_bytes) {
  auto chat = ask("");
  chat.messages[0].parts = {image_part{.url = "https://a.test/b.png", .media_type = "image/png"},
                            image_part{.bytes = "foob", .media_type = "image/png"}};
  EXPECT_EQ(parsed(sent(config(), chat)).at("contents").at(0).at("parts"), parsed(R"([
    {"fileData":{"mimeType":"image/png","fileUri":"https://a.test/b.png"}},
    {"inlineData":{"mimeType":"image/png","data":"Zm9vYg=="}}])"));
}

TEST(gemini, sends_every_option_that_it_has) {
  auto chat = ask("a");
  chat.temperature = 1.5;
  chat.top_p = 0.9;
  chat.max_tokens = 100;
  chat.stop = {"END"};
  chat.seed = 7;
  chat.tools = {{.name = "f", .description = "does", .parameters = R"({"type":"object"})"}, {.name = "g"}};
  chat.tool_choice = tool_choice{.mode = tool_choice::kind::named, .name = "f"};
  chat.output = json_output{.schema = R"({"type":"object"})"};
  chat.reasoning_effort = reasoning_effort::low;
  chat.show_reasoning = true;
  chat.extra_json = R"({"generationConfig":{"topK":3}})";
  EXPECT_EQ(parsed(sent(config(), chat)), parsed(R"({"contents":[{"role":"user","parts":[{"text":"a"}]}],
    "tools":[{"functionDeclarations":[{"name":"f","description":"does","parametersJsonSchema":{"type":"object"}},
                                      {"name":"g"}]}],
    "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
    "generationConfig":{"temperature":1.5,"topP":0.9,"maxOutputTokens":100,"stopSequences":["END"],"seed":7,
      "responseMimeType":"application/json","responseJsonSchema":{"type":"object"},
      "thinkingConfig":{"thinkingBudget":1024,"includeThoughts":true},"topK":3}})"));
}

TEST(gemini, asks_older_models_for_a_budget_of_thoughts_and_later_ones_for_a_level) {
  const auto thinking = [](const char* model, reasoning_effort effort) {
    auto chat = ask("a");
    chat.model = model;
    chat.reasoning_effort = effort;
    return parsed(sent(config(), chat)).at("generationConfig").at("thinkingConfig");
  };
  EXPECT_EQ(thinking("gemini-2.5-pro", reasoning_effort::none), parsed(R"({"thinkingBudget":0})"));
  EXPECT_EQ(thinking("gemini-2.5-pro", reasoning_effort::medium), parsed(R"({"thinkingBudget":8192})"));
  EXPECT_EQ(thinking("gemini-2.5-pro", reasoning_effort::high), parsed(R"({"thinkingBudget":24576})"));
  EXPECT_EQ(thinking("gemini-3-pro", reasoning_effort::minimal), parsed(R"({"thinkingLevel":"minimal"})"));
  EXPECT_EQ(thinking("gemini-3-pro", reasoning_effort::medium), parsed(R"({"thinkingLevel":"medium"})"));
  EXPECT_EQ(thinking("gemini-3-pro", reasoning_effort::max), parsed(R"({"thinkingLevel":"high"})"));
}

TEST(gemini, names_the_ways_to_choose_a_tool) {
  auto chat = ask("a");
  chat.tool_choice = tool_choice{};
  const auto mode = [&] { return parsed(sent(config(), chat)).at("toolConfig").at("functionCallingConfig"); };
  EXPECT_EQ(mode(), parsed(R"({"mode":"AUTO"})"));
  chat.tool_choice->mode = tool_choice::kind::none;
  EXPECT_EQ(mode(), parsed(R"({"mode":"NONE"})"));
  chat.tool_choice->mode = tool_choice::kind::required;
  EXPECT_EQ(mode(), parsed(R"({"mode":"ANY"})"));
}

const std::string answer_with_call =
    R"({"candidates":[{"content":{"role":"model","parts":[)"
    R"({"text":"Hm.","thought":true},{"text":"Let me ","thoughtSignature":"t1"},)"
    R"({"text":"look."},)"
    R"({"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"t2"},)"
    R"({"functionCall":{"id":"own","name":"time"}}]},"finishReason":"STOP","index":0}],)"
    R"("usageMetadata":{"promptTokenCount":10,"toolUsePromptTokenCount":1,)"
    R"("candidatesTokenCount":7,"thoughtsTokenCount":3,"cachedContentTokenCount":2,)"
    R"("totalTokenCount":21},"modelVersion":"gemini-x","responseId":"r1"})";

TEST(gemini, reads_every_part_of_an_answer) {
  const auto reply = decode_chat(config(), success(answer_with_call));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->content, "Let me look.");
  EXPECT_EQ(reply->reasoning, "Hm.");
  ASSERT_EQ(reply->tool_calls.size(), 2U);
  EXPECT_EQ(reply->tool_calls[0].id, "warmwire-call-r1-0");
  EXPECT_EQ(reply->tool_calls[0].arguments, R"({"city":"Oslo"})");
  EXPECT_EQ(reply->tool_calls[0].signature, "t2");
  EXPECT_EQ(reply->tool_calls[1].id, "own");
  EXPECT_EQ(reply->tool_calls[1].arguments, "{}");
  EXPECT_EQ(reply->finish, finish_reason::tool_calls);
  EXPECT_EQ(
      reply->usage,
      (usage{.input_tokens = 11, .output_tokens = 10, .total_tokens = 21, .cached_tokens = 2, .reasoning_tokens = 3}));
  EXPECT_EQ(reply->model, "gemini-x");
  EXPECT_EQ(reply->id, "r1");

  auto again = ask("a");
  again.messages.push_back(reply->message);
  again.messages.push_back(tool_answer(reply->tool_calls[0], "22"));
  const auto contents = parsed(sent(config(), again)).at("contents");
  EXPECT_EQ(contents.at(1).at("parts"), parsed(R"([{"text":"Hm.","thought":true},
    {"text":"Let me ","thoughtSignature":"t1"},{"text":"look."},
    {"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"t2"},
    {"functionCall":{"id":"own","name":"time"}}])"));
  EXPECT_EQ(contents.at(2).at("parts"),
            parsed(R"([{"functionResponse":{"name":"weather","response":{"output":"22"}}}])"));
}

TEST(gemini, takes_a_blocked_prompt_for_a_refusal) {
  const auto blocked = decode_chat(
      config(), success(R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4}})"));
  ASSERT_TRUE(blocked) << blocked.error().message;
  EXPECT_EQ(blocked->finish, finish_reason::content_filter);
  EXPECT_EQ(blocked->finish_text, "SAFETY");
  EXPECT_EQ(blocked->refusal, "SAFETY");
  const auto nothing = decode_chat(config(), success(R"({"usageMetadata":{}})"));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, errc::unexpected_body);
}

TEST(gemini, tells_the_reasons_to_finish_apart) {
  const auto finish = [](const std::string& word) {
    return decode_chat(config(), success(R"({"candidates":[{"finishReason":")" + word + "\"}]}")).value();
  };
  EXPECT_EQ(finish("STOP").finish, finish_reason::stop);
  EXPECT_EQ(finish("MAX_TOKENS").finish, finish_reason::length);
  for (const auto* word : {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"})
    EXPECT_EQ(finish(word).finish, finish_reason::content_filter) << word;
  EXPECT_EQ(finish("MALFORMED_FUNCTION_CALL").finish, finish_reason::other);
  EXPECT_EQ(finish("MALFORMED_FUNCTION_CALL").finish_text, "MALFORMED_FUNCTION_CALL");
}

std::string event(const std::string& json) {
  return "data: " + json + "\r\n\r\n";
}

const std::string said =
    event(R"({"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}],"responseId":"r1"})") +
    event(
        R"({"candidates":[{"content":{"parts":[{"text":"lo"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}})");
const std::string last = event(
    R"({"candidates":[{"content":{"parts":[{"text":"!"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5}})");

TEST(gemini_stream, gives_texts_usage_and_the_end) {
  const auto out = run_in_all_pieces(config(), said + last);
  EXPECT_FALSE(out.failure) << out.failure->to_string();
  EXPECT_THAT(out.events, ElementsAre("text Hel", "usage 3 1", "text lo", "usage 3 5", "text !", "finished stop STOP"));
  EXPECT_EQ(out.reply.content, "Hello!");
  EXPECT_EQ(out.reply.id, "r1");
}

TEST(gemini_stream, goes_on_after_a_reason_to_finish_that_more_follows) {
  const auto early = event(R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})");
  const auto out = run_stream(config(), early + early + event(R"({"usageMetadata":{"promptTokenCount":3}})"));
  EXPECT_THAT(out.events, ElementsAre("text a", "text a", "usage 3 0", "finished stop STOP"));
}

TEST(gemini_stream, without_a_reason_to_finish_is_interrupted_and_carries_what_arrived) {
  for (const std::size_t events : {0, 1, 2}) {
    std::string part = said;
    if (events < 2) part.resize(events == 0 ? 0 : said.find("\r\n\r\n") + 4);
    const auto out = run_stream(config(), part);
    ASSERT_TRUE(out.failure);
    EXPECT_EQ(out.failure->code, errc::stream_interrupted);
    EXPECT_EQ(out.failure->partial->content, std::string("Hello").substr(0, events == 0 ? 0 : events == 1 ? 3 : 5));
  }
}

TEST(gemini_stream, gives_calls_whole) {
  const auto out = run_in_all_pieces(config(), event(answer_with_call));
  EXPECT_THAT(out.events, ElementsAre("usage 11 10", "reasoning Hm.", "text Let me ", "text look.",
                                      "call 0 warmwire-call-r1-0 weather", R"(arguments 0 {"city":"Oslo"})",
                                      R"(call ended 0 {"city":"Oslo"})", "call 1 own time", "arguments 1 {}",
                                      "call ended 1 {}", "finished tool_calls STOP"));
}

TEST(gemini_stream, takes_a_blocked_prompt_for_a_refusal) {
  const auto out = run_stream(config(), event(R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}})"));
  EXPECT_THAT(out.events, ElementsAre("refusal PROHIBITED_CONTENT", "finished content_filter PROHIBITED_CONTENT"));
}

TEST(gemini_stream, reports_an_error_inside_of_a_success) {
  const std::string error = R"({"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}})";
  for (const auto& text : {error, "[" + error + "]"}) {
    const auto out = run_in_all_pieces(config(), said + event(text) + last);
    ASSERT_TRUE(out.failure) << text;
    EXPECT_EQ(out.failure->code, errc::service_unavailable);
    EXPECT_EQ(out.failure->provider_type, "UNAVAILABLE");
    EXPECT_EQ(out.failure->partial->content, "Hello");
  }
}

TEST(gemini_stream, gives_the_wait_of_an_error_inside_of_a_success) {
  const auto out = run_in_all_pieces(
      config(), said + event(R"({"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[)"
                             R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure"},)"
                             R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}})"));
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::rate_limited);
  EXPECT_EQ(out.failure->http_status, 200);
  EXPECT_EQ(out.failure->message, "slow down");
  EXPECT_EQ(out.failure->retry_after, std::chrono::seconds(34));
  EXPECT_EQ(out.failure->partial->content, "Hello");
}

TEST(gemini_stream, refuses_events_that_are_no_json_and_shows_nothing_of_them) {
  for (const auto* data : {"{", "{\"candidates\":", "sk-test-key-1234", "7", "[]", "[{}]"}) {
    const auto out = run_in_all_pieces(config(), said + event(data) + last);
    ASSERT_TRUE(out.failure) << data;
    EXPECT_EQ(out.failure->code, errc::unexpected_body) << data;
    EXPECT_EQ(out.failure->message.find("sk-"), std::string::npos) << out.failure->message;
    EXPECT_EQ(out.failure->partial->content, "Hello");
  }
}

TEST(gemini_stream, takes_comments_and_empty_events_for_nothing) {
  const std::string nothing = ": keep-alive\r\n\r\n:\n\ndata:\r\n\r\nevent: new\ndata:\n\n";
  const auto out = run_in_all_pieces(config(), nothing + said + nothing + last + nothing);
  EXPECT_TRUE(out.is_finished);
  EXPECT_THAT(out.events, ElementsAre("text Hel", "usage 3 1", "text lo", "usage 3 5", "text !", "finished stop STOP"));
}

TEST(gemini_stream, counts_a_usage_that_comes_twice_once_and_takes_the_last) {
  const auto counted = [](const std::string& tokens) {
    return event(R"({"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":)" + tokens + "}}");
  };
  const auto out = run_in_all_pieces(config(), counted("1") + said + counted("5") + counted("5") + last);
  EXPECT_THAT(out.events, ElementsAre("usage 3 1", "text Hel", "text lo", "usage 3 5", "text !", "finished stop STOP"));
  EXPECT_EQ(out.reply.usage.output_tokens, 5);
}

TEST(gemini, counts_tokens) {
  const auto plain = encode_count(config(), ask("a"));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->url, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:countTokens");
  EXPECT_EQ(std::get<std::string>(plain->body), R"({"contents":[{"role":"user","parts":[{"text":"a"}]}]})");
  auto chat = ask("a");
  chat.messages.push_back({role::system, "b"});
  EXPECT_EQ(parsed(std::get<std::string>(encode_count(config(), chat)->body)), parsed(R"({"generateContentRequest":{
    "model":"models/gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"a"}]}],
    "systemInstruction":{"parts":[{"text":"b"}]}}})"));
  EXPECT_EQ(decode_count(config(), success(R"({"totalTokens":31})"))->input_tokens, 31);
}

TEST(gemini, counts_tokens_with_raw_fields_where_those_of_the_chat_are) {
  auto chat = ask("a");
  chat.extra_json = R"({"generationConfig":{"topK":3},"cachedContent":"cachedContents/1"})";
  EXPECT_EQ(parsed(std::get<std::string>(encode_count(config(), chat)->body)), parsed(R"({"generateContentRequest":{
    "model":"models/gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"a"}]}],
    "generationConfig":{"topK":3},"cachedContent":"cachedContents/1"}})"));
  chat.messages.push_back({role::system, "b"});
  chat.temperature = 1;
  chat.extra_json = R"({"generationConfig":{"topK":3,"temperature":null}})";
  EXPECT_EQ(parsed(std::get<std::string>(encode_count(config(), chat)->body)), parsed(R"({"generateContentRequest":{
    "model":"models/gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"a"}]}],
    "systemInstruction":{"parts":[{"text":"b"}]},"generationConfig":{"topK":3}}})"));
}

}  // namespace
}  // namespace warmwire::providers::gemini_test
