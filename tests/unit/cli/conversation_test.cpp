#include "cli/conversation.hpp"

#include "cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace warmwire::cli::conversation_test {
namespace {

using testing::HasSubstr;

chat_request parse(std::string_view text) {
  return parse_conversation(text, ".");
}

std::string problem_of(std::string_view text) {
  try {
    (void)parse(text);
    return {};
  } catch (const usage_error& wrong) {
    return wrong.what();
  }
}

TEST(conversation, may_be_an_array_of_messages) {
  const auto chat = parse(R"([{"role":"system","content":"Be brief."},{"content":"Hi"}])");
  ASSERT_EQ(chat.messages.size(), 2U);
  EXPECT_EQ(chat.messages[0].role, role::system);
  EXPECT_EQ(chat.messages[0].content, "Be brief.");
  EXPECT_EQ(chat.messages[1].role, role::user);
}

TEST(conversation, may_hold_options) {
  const auto chat = parse(R"({"model":"anthropic/claude","temperature":0.5,"top_p":1,"max_tokens":10,"seed":7,
    "stop":["a","b"],"reasoning_effort":"low","tool_choice":"weather","extra":{"user":"me"},
    "schema":{"type":"object"},"messages":[{"content":"Hi"}],
    "tools":[{"name":"weather","description":"of a city","parameters":{"type":"object"},"strict":true}]})");
  EXPECT_EQ(chat.model, "anthropic/claude");
  EXPECT_EQ(chat.temperature, 0.5);
  EXPECT_EQ(chat.top_p, 1.0);
  EXPECT_EQ(chat.max_tokens, 10);
  EXPECT_EQ(chat.seed, 7);
  EXPECT_EQ(chat.stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(chat.reasoning_effort, reasoning_effort::low);
  EXPECT_EQ(chat.extra_json, R"({"user":"me"})");
  EXPECT_EQ(chat.output.value().schema, R"({"type":"object"})");
  EXPECT_EQ(chat.tool_choice.value().mode, tool_choice::kind::named);
  EXPECT_EQ(chat.tool_choice.value().name, "weather");
  ASSERT_EQ(chat.tools.size(), 1U);
  EXPECT_EQ(chat.tools[0].name, "weather");
  EXPECT_EQ(chat.tools[0].description, "of a city");
  EXPECT_EQ(chat.tools[0].parameters, R"({"type":"object"})");
  EXPECT_EQ(chat.tools[0].strict, true);
}

TEST(conversation, knows_the_modes_of_tool_choice) {
  using kind = tool_choice::kind;
  const std::vector<std::pair<std::string, kind>> words{
      {"auto", kind::automatic}, {"none", kind::none}, {"required", kind::required}};
  for (const auto& [word, mode] : words) {
    const auto chat = parse(R"({"tool_choice":")" + word + R"(","messages":[{"content":"Hi"}]})");
    EXPECT_EQ(chat.tool_choice.value().mode, mode) << word;
    EXPECT_EQ(chat.tool_choice.value().name, "") << word;
  }
}

TEST(conversation, takes_calls_of_tools_and_their_results) {
  const auto chat = parse(R"([
    {"role":"assistant","content":[{"type":"text","text":"Let me see."},
      {"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}]},
    {"role":"tool","content":[{"type":"tool_result","id":"c1","content":"sunny","is_error":true}]}])");
  ASSERT_EQ(chat.messages.size(), 2U);
  EXPECT_EQ(std::get<text_part>(chat.messages[0].parts.at(0)).text, "Let me see.");
  const auto call = std::get<tool_call>(chat.messages[0].parts.at(1));
  EXPECT_EQ(call.id, "c1");
  EXPECT_EQ(call.name, "weather");
  EXPECT_EQ(call.arguments, R"({"city":"Paris"})");
  const auto said = std::get<tool_result>(chat.messages[1].parts.at(0));
  EXPECT_EQ(said.call_id, "c1");
  EXPECT_EQ(said.content, "sunny");
  EXPECT_TRUE(said.is_error);
}

TEST(conversation, takes_images_by_address_and_from_files_beside_it) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "warmwire_conversation_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "cat.png", std::ios::binary) << "bytes of an image";
  const auto path = (folder / "talk.json").string();
  std::ofstream(path) << R"([{"content":[{"type":"image","file":"cat.png","detail":"low"},
    {"type":"image","url":"https://example.com/dog.png"}]}])";
  const auto chat = read_conversation(path);
  const auto cat = std::get<image_part>(chat.messages.at(0).parts.at(0));
  EXPECT_EQ(cat.bytes, "bytes of an image");
  EXPECT_EQ(cat.media_type, "image/png");
  EXPECT_EQ(cat.detail, "low");
  EXPECT_EQ(std::get<image_part>(chat.messages.at(0).parts.at(1)).url, "https://example.com/dog.png");
  std::filesystem::remove_all(folder);
}

TEST(conversation, says_where_it_is_wrong) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"", "it is not JSON"},
      {"{", "it is not JSON"},
      {"7", "the conversation is no object"},
      {"{}", "the conversation has no 'messages'"},
      {"[]", "an empty array"},
      {"[1]", "messages[0] is no object"},
      {R"([{"role":"user"}])", "messages[0] has a wrong 'content': it must be given"},
      {R"([{"role":"king","content":"x"}])",
       "messages[0] has the role 'king'; there are system, user, assistant, tool"},
      {R"([{"content":7}])", "messages[0] has a wrong 'content': it must be a string"},
      {R"([{"content":"x","contents":"y"}])", "messages[0] has a field that means nothing here: 'contents'"},
      {R"([{"content":[{"type":"song"}]}])", "messages[0].content[0] has the type 'song'; there are text"},
      {R"([{"content":[{"type":"image"}]}])", "messages[0].content[0] needs either 'url' or 'file'"},
      {R"([{"content":[{"type":"image","file":"no-such.png"}]}])", "no-such.png"},
      {R"([{"content":[{"type":"image","file":"."}]}])", "cannot read"},
      {R"({"temprature":1,"messages":[{"content":"x"}]})", "means nothing here: 'temprature'"},
      {R"({"temperature":"hot","messages":[{"content":"x"}]})", "'temperature': it must be a number"},
      {R"({"max_tokens":1.5,"messages":[{"content":"x"}]})", "'max_tokens': it must be a whole number"},
      {R"({"tools":{},"messages":[{"content":"x"}]})", "'tools': it must be an array"},
      {R"({"tools":[{"name":"t","strict":1}],"messages":[{"content":"x"}]})", "'strict': it must be true or false"},
      {R"({"extra":[],"messages":[{"content":"x"}]})", "'extra': it must be an object"},
      {R"({"stop":[1],"messages":[{"content":"x"}]})", "'stop' that is no array of strings"},
  };
  for (const auto& [text, said] : wrong)
    EXPECT_THAT(problem_of(text), HasSubstr(said)) << text;
}

TEST(conversation, in_a_file_that_cannot_be_read_is_named) {
  try {
    (void)read_conversation("/no/such/file.json");
    FAIL() << "it was read";
  } catch (const usage_error& wrong) {
    EXPECT_THAT(wrong.what(), HasSubstr("--conversation /no/such/file.json: cannot read"));
  }
}

}  // namespace
}  // namespace warmwire::cli::conversation_test
