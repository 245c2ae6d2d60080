// OpenAI's Chat Completions as a stream, and what servers like it do differently.
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>

namespace warmwire::emulator::openai_stream_test {
namespace {

using boost::json::parse;
using testing::events_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::success_of;
using testing::text_at;
using part = stream_event::part;

std::string body(std::string_view more, std::string_view text = "Hello there") {
  std::string made = R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":")";
  return made.append(text).append(R"("}],"stream":true)").append(more).append("}");
}

std::vector<stream_event> chunks(std::string_view more, std::string_view text = "Hello there",
                                 std::string target = "/v1/chat/completions") {
  return events_of(std::move(target), body(more, text));
}

std::string text_of(const std::vector<stream_event>& events) {
  std::string text;
  for (const stream_event& each : events) {
    if (each.data.empty() || each.data.front() != '{') continue;
    const auto chunk = parse(each.data);
    if (chunk.at("choices").as_array().empty()) continue;
    if (const auto* content = chunk.at_pointer("/choices/0/delta").as_object().if_contains("content");
        content != nullptr && content->is_string()) {
      text += content->get_string();
    }
  }
  return text;
}

TEST(openai_chat_stream, comes_word_by_word_and_ends_with_its_reason_and_done) {
  const auto events = chunks("");
  ASSERT_GE(events.size(), 4U);
  EXPECT_EQ(text_at(parse(events[0].data), "/object"), "chat.completion.chunk");
  EXPECT_EQ(text_at(parse(events[0].data), "/choices/0/delta/role"), "assistant");
  EXPECT_EQ(text_of(events), "You wrote 2 words: Hello there");
  const stream_event& finish = events[events.size() - 2];
  EXPECT_EQ(finish.what, part::finish);
  EXPECT_EQ(text_at(parse(finish.data), "/choices/0/finish_reason"), "stop");
  EXPECT_EQ(events.back().data, "[DONE]");
  EXPECT_EQ(events.back().what, part::marker);
}

TEST(openai_chat_stream, tells_usage_in_a_chunk_of_its_own_when_asked) {
  const auto events = chunks(R"(,"stream_options":{"include_usage":true})");
  const auto usage = parse(events[events.size() - 2].data);
  EXPECT_TRUE(usage.at("choices").as_array().empty());
  EXPECT_TRUE(parse(events[0].data).at("usage").is_null());
  const auto whole = success_of("/v1/chat/completions",
                                R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello there"}]})");
  EXPECT_EQ(usage.at("usage"), whole.at("usage"));
  for (const stream_event& each : chunks(""))
    EXPECT_FALSE(each.has_usage);
}

TEST(openai_chat_stream, cuts_the_arguments_of_a_call) {
  const auto events = chunks(R"(,"tools":[{"type":"function","function":{"name":"get_weather"}}])",
                             R"(get_weather {\"city\":\"Oslo\"})");
  std::string arguments;
  std::string name;
  for (const stream_event& each : events) {
    if (each.data == "[DONE]") continue;
    const auto chunk = parse(each.data);
    const auto* calls = chunk.at_pointer("/choices/0/delta").as_object().if_contains("tool_calls");
    if (calls == nullptr) continue;
    const auto& function = calls->at(0).at("function").as_object();
    arguments += function.at("arguments").as_string();
    if (function.contains("name")) name = function.at("name").as_string();
  }
  EXPECT_EQ(name, "get_weather");
  EXPECT_EQ(arguments, R"({"city":"Oslo"})");
  EXPECT_EQ(text_at(parse(events[events.size() - 2].data), "/choices/0/finish_reason"), "tool_calls");
}

TEST(openai_chat_stream, finishes_each_choice) {
  int finished = 0;
  for (const stream_event& each : chunks(R"(,"n":3)"))
    finished += each.what == part::finish ? 1 : 0;
  EXPECT_EQ(finished, 3);
}

TEST(openai_chat_stream, is_the_same_to_the_byte) {
  const auto first = chunks("");
  const auto second = chunks("");
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i)
    EXPECT_EQ(first[i].data, second[i].data);
}

TEST(openai_chat_stream, of_azure_begins_with_what_was_filtered) {
  const auto events = chunks("", "Hello", "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21");
  const auto first = parse(events[0].data);
  EXPECT_TRUE(first.at("choices").as_array().empty());
  EXPECT_TRUE(first.as_object().contains("prompt_filter_results"));
}

TEST(openai_chat_stream, of_servers_that_queue_begins_with_comments) {
  for (const std::string server : {"deepseek", "openrouter"}) {
    const auto events = chunks("", "Hello", "/as/" + server + "/v1/chat/completions");
    EXPECT_EQ(events[0].written, stream_event::form::comment);
    EXPECT_EQ(events[0].what, part::noise);
  }
}

TEST(openai_chat_stream, tells_usage_where_each_server_does) {
  const auto groq = chunks("", "Hello", "/as/groq/openai/v1/chat/completions");
  EXPECT_TRUE(parse(groq[groq.size() - 2].data).at("x_groq").as_object().contains("usage"));
  const auto mistral = chunks("", "Hello", "/as/mistral/v1/chat/completions");
  EXPECT_TRUE(parse(mistral[mistral.size() - 2].data).at("usage").is_object());
  EXPECT_EQ(mistral[mistral.size() - 2].what, part::finish);
}

TEST(openai_chat_stream, shows_what_is_thought_where_the_server_does) {
  const auto events = chunks(R"(,"reasoning_effort":"low")", "Hello", "/as/deepseek/chat/completions");
  std::string thought;
  for (const stream_event& each : events) {
    if (each.data.find("reasoning_content") == std::string::npos) continue;
    thought += text_at(parse(each.data), "/choices/0/delta/reasoning_content");
  }
  EXPECT_EQ(thought, "The user wrote 1 word.");
}

}  // namespace
}  // namespace warmwire::emulator::openai_stream_test
