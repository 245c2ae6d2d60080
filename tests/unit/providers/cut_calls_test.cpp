// Calls that a limit has cut are never told as calls that may be carried out; all others are, in each of the four APIs.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::cut_calls_test {
namespace {

using testing::config_of;
using testing::run_in_all_pieces;
using testing::run_stream;
using testing::success;

// A call of get_weather with `arguments`, a text of JSON that may be cut, and the word for the end of the answer.
struct cut_sample {
  std::string name;
  provider_config config;
  std::string (*stream)(const std::string& arguments, const std::string& word);
  std::string stop;
  std::string length;
};

std::string as_json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text)
    out.append(c == '"' || c == '\\' ? "\\" : "").append(1, c);
  return out + "\"";
}

std::string chat_stream_of(const std::string& arguments, const std::string& word) {
  return "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":"
         "\"get_weather\",\"arguments\":\"\"}}]}}]}\n\n"
         "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":" +
         as_json_text(arguments) +
         "}}]}}]}\n\n"
         "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"" +
         word + "\"}]}\n\ndata: [DONE]\n\n";
}

std::string responses_stream_of(const std::string& arguments, const std::string& word) {
  const auto status = word == "completed" ? "completed" : "incomplete";
  const auto item = [&](const std::string& text) {
    return R"({"type":"function_call","call_id":"a","name":"get_weather","arguments":)" + as_json_text(text) + "}";
  };
  return "data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":" + item("") +
         "}\n\n"
         "data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":0,\"delta\":" +
         as_json_text(arguments) +
         "}\n\ndata: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":" + item(arguments) +
         "}\n\ndata: {\"type\":\"response." + status + "\",\"response\":{\"status\":\"" + status + "\",\"output\":[" +
         item(arguments) + R"(],"incomplete_details":{"reason":")" + word + "\"}}}\n\n";
}

std::string messages_stream_of(const std::string& arguments, const std::string& word) {
  return "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"a\","
         "\"name\":\"get_weather\",\"input\":{}}}\n\n"
         "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
         "\"partial_json\":" +
         as_json_text(arguments) +
         "}}\n\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" +
         word + "\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
}

std::vector<cut_sample> cut_samples() {
  return {
      {"chat completions", config_of("openai"), &chat_stream_of, "tool_calls", "length"},
      {"responses", config_of("openai", openai_api::responses), &responses_stream_of, "completed", "max_output_tokens"},
      {"messages", config_of("anthropic"), &messages_stream_of, "tool_use", "max_tokens"}};
}

bool may_be_carried_out(const testing::stream_outcome& out) {
  for (const auto& each : out.events)
    if (each.starts_with("call ended")) return true;
  return false;
}

TEST(cut_calls, are_never_told_as_whole) {
  const std::string whole = R"({"city":"Oslo {\"x\"}","list":[1,{}]})";
  for (const auto& each : cut_samples()) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto arguments = whole.substr(0, length);
      const auto cut = run_in_all_pieces(each.config, each.stream(arguments, each.length));
      ASSERT_TRUE(cut.is_finished) << each.name;
      EXPECT_FALSE(may_be_carried_out(cut)) << each.name << arguments;
      EXPECT_EQ(cut.reply.finish, finish_reason::length) << each.name;
      ASSERT_EQ(cut.reply.tool_calls.size(), 1U) << each.name;
      EXPECT_EQ(cut.reply.tool_calls[0].arguments, arguments) << each.name;
    }
    EXPECT_TRUE(may_be_carried_out(run_in_all_pieces(each.config, each.stream(whole, each.length)))) << each.name;
  }
}

TEST(cut_calls, are_only_those_that_a_limit_has_cut) {
  for (const auto& each : cut_samples()) {
    for (const auto* arguments : {"", "{", "no JSON", "{\"a\":1}"}) {
      const auto out = run_in_all_pieces(each.config, each.stream(arguments, each.stop));
      ASSERT_TRUE(out.is_finished) << each.name;
      EXPECT_TRUE(may_be_carried_out(out)) << each.name << arguments;
      EXPECT_EQ(out.reply.finish, finish_reason::tool_calls) << each.name;
      EXPECT_EQ(out.reply.tool_calls.at(0).arguments, *arguments == 0 ? "{}" : arguments) << each.name;
    }
  }
}

TEST(cut_calls, are_not_those_before_the_last) {
  const std::string text =
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"\"}},{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{\\\"x\"}}]}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
  const auto out = run_in_all_pieces(config_of("openai"), text);
  EXPECT_THAT(out.events, ::testing::Contains("call ended 0 {}"));
  EXPECT_THAT(out.events, ::testing::Not(::testing::Contains(::testing::StartsWith("call ended 1"))));
}

TEST(cut_calls, are_told_so_where_the_answer_to_a_stream_came_whole) {
  const auto out =
      run_stream(config_of("openai"),
                 R"({"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x"}}]},)"
                 R"("finish_reason":"length"}]})",
                 std::string::npos, testing::ending::clean, "application/json");
  ASSERT_TRUE(out.is_finished);
  EXPECT_FALSE(may_be_carried_out(out));
  EXPECT_EQ(out.reply.tool_calls.at(0).arguments, "{\"x");
}

TEST(calls_of_old, are_calls) {
  const std::string stream =
      "data: "
      "{\"id\":\"c1\",\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"get_weather\",\"arguments\":\"\"}}}]}"
      "\n\ndata: {\"choices\":[{\"delta\":{\"function_call\":{\"arguments\":\"{\\\"city\\\":\"}}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"function_call\":{\"arguments\":\"\\\"Oslo\\\"}\"}}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"function_call\"}]}\n\n";
  const std::string whole = R"({"id":"c1","choices":[{"message":{"content":null,"function_call":{"name":"get_weather",)"
                            R"("arguments":"{\"city\":\"Oslo\"}"}},"finish_reason":"function_call"}]})";
  const auto streamed = run_in_all_pieces(config_of("openai"), stream).reply;
  const auto called = decode_chat(config_of("openai"), success(whole)).value();
  for (const auto& reply : {streamed, called}) {
    ASSERT_EQ(reply.tool_calls.size(), 1U);
    EXPECT_EQ(reply.tool_calls[0].name, "get_weather");
    EXPECT_EQ(reply.tool_calls[0].arguments, R"({"city":"Oslo"})");
    EXPECT_FALSE(reply.tool_calls[0].id.empty());
    EXPECT_EQ(reply.finish, finish_reason::tool_calls);
  }
}

TEST(calls_of_custom_tools, have_their_input_as_arguments) {
  const auto responses = config_of("openai", openai_api::responses);
  const auto item = [](const std::string& status, const std::string& input) {
    return R"({"type":"custom_tool_call","id":"ctc_1","call_id":"call_1","name":"shell","status":")" + status +
           R"(","input":")" + input + "\"}";
  };
  const auto event = [](const std::string& type, const std::string& fields) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + fields + "}\n\n";
  };
  const std::string end = event("response.completed",
                                R"("response":{"status":"completed","output":[)" + item("completed", "echo {") + "]}");
  const std::string added =
      event("response.output_item.added", R"("output_index":0,"item":)" + item("in_progress", ""));
  const std::string deltas = event("response.custom_tool_call_input.delta", R"("output_index":0,"delta":"echo")") +
                             event("response.custom_tool_call_input.delta", R"("item_id":"ctc_1","delta":" {")") +
                             event("response.custom_tool_call_input.done", R"("output_index":0,"input":"echo {")");
  const std::string item_done =
      event("response.output_item.done", R"("output_index":0,"item":)" + item("completed", "echo {"));
  for (const auto& text : {added + deltas + item_done + end, added + item_done + end, item_done + end, end}) {
    const auto out = run_in_all_pieces(responses, text);
    ASSERT_TRUE(out.is_finished) << text;
    ASSERT_EQ(out.reply.tool_calls.size(), 1U) << text;
    EXPECT_EQ(out.reply.tool_calls[0].name, "shell");
    EXPECT_EQ(out.reply.tool_calls[0].id, "call_1");
    EXPECT_EQ(out.reply.tool_calls[0].arguments, "echo {");
    EXPECT_EQ(out.reply.finish, finish_reason::tool_calls);
    EXPECT_THAT(out.events, ::testing::Contains("call ended 0 echo {"));
  }
  const std::string cut = event("response.incomplete", R"("response":{"status":"incomplete","incomplete_details":)"
                                                       R"({"reason":"max_output_tokens"},"output":[)" +
                                                           item("incomplete", "echo") + "]}");
  for (const auto& text :
       {added + event("response.custom_tool_call_input.delta", R"("output_index":0,"delta":"echo")") + cut, cut}) {
    const auto out = run_in_all_pieces(responses, text);
    ASSERT_TRUE(out.is_finished) << text;
    EXPECT_EQ(out.reply.tool_calls.at(0).arguments, "echo");
    EXPECT_FALSE(may_be_carried_out(out)) << text;
  }
  const auto chat = run_in_all_pieces(
      config_of("openai"),
      "data: "
      "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"custom\",\"custom\":{\"name\":"
      "\"shell\",\"input\":\"echo\"}}]}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"custom\":{\"input\":\" {\"}}]}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n");
  ASSERT_EQ(chat.reply.tool_calls.size(), 1U);
  EXPECT_EQ(chat.reply.tool_calls[0].name, "shell");
  EXPECT_EQ(chat.reply.tool_calls[0].arguments, "echo {");
}

TEST(calls_without_ids, get_some_that_are_unique_in_the_conversation) {
  const std::vector<std::pair<provider_config, std::string>> answers{
      {config_of("openai"),
       R"({"id":"c1","choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}},)"
       R"({"id":"","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})"},
      {config_of("openai", openai_api::responses),
       R"({"id":"c1","status":"completed","output":[{"type":"function_call","name":"f","arguments":"{}"},)"
       R"({"type":"function_call","name":"f","arguments":"{}"}]})"},
      {config_of("anthropic"), R"({"id":"c1","content":[{"type":"tool_use","name":"f","input":{}},)"
                               R"({"type":"tool_use","name":"f","input":{}}],"stop_reason":"tool_use"})"},
      {config_of("google"), R"({"responseId":"c1","candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},)"
                            R"({"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]})"}};
  for (auto [config, body] : answers) {
    std::set<std::string> ids;
    std::uint64_t dice = 7;
    config.dice = [&] { return dice++; };
    for (int turn = 0; turn < 3; ++turn) {
      const auto reply = decode_chat(config, success(body)).value();
      ASSERT_EQ(reply.tool_calls.size(), 2U) << body;
      const auto out = run_stream(config, body, 9, testing::ending::clean, "application/json");
      ASSERT_EQ(out.reply.tool_calls.size(), 2U) << body;
      for (const auto& each :
           {reply.tool_calls[0], reply.tool_calls[1], out.reply.tool_calls[0], out.reply.tool_calls[1]}) {
        EXPECT_FALSE(each.id.empty()) << body;
        EXPECT_LE(each.id.size(), 40U) << "OpenAI takes no longer ones";
        EXPECT_TRUE(ids.insert(each.id).second) << each.id << body;
      }
    }
  }
}

}  // namespace
}  // namespace warmwire::providers::cut_calls_test
