#include "cli/conversation.hpp"

#include "cli/command.hpp"
#include "emulator/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace warmwire::cli::conversation_test {
namespace {

using testing::HasSubstr;
using testing::Not;

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

// The first bytes of an image, and enough of others.
std::string image(std::string_view begin) {
  return std::string(begin).append("...the rest of it");
}

constexpr std::string_view png = "\x89PNG\r\n\x1a\n";

/// A folder of a test's own, with a conversation's folder in it.
class conversation_files : public testing::Test {
 protected:
  conversation_files() { std::filesystem::create_directories(talk() / "below"); }

  [[nodiscard]] std::filesystem::path talk() const { return std::filesystem::path(all_.path()) / "talk"; }

  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(std::filesystem::path(all_.path()) / name, std::ios::binary) << bytes;
  }

  /// The media type of the image that a conversation names, or why it is none.
  std::string read(const std::string& file, image_access access = image_access::below_folder) {
    std::ofstream(talk() / "talk.json") << R"([{"content":[{"type":"image","file":")" << file << R"("}]}])";
    try {
      const auto chat = read_conversation((talk() / "talk.json").string(), access);
      return std::get<image_part>(chat.messages.at(0).parts.at(0)).media_type;
    } catch (const usage_error& wrong) {
      return wrong.what();
    }
  }

  const emulator::temporary_directory all_;
};

TEST_F(conversation_files, are_images_below_its_own_folder) {
  write("talk/cat.png", image(png));
  write("talk/below/cat.png", image(png));
  write("outside.png", image(png));
  std::filesystem::create_symlink("../outside.png", talk() / "link.png");
  std::filesystem::create_symlink("cat.png", talk() / "inside.png");
  std::filesystem::create_directory_symlink("..", talk() / "up");
  std::filesystem::create_directories(all_.path() + "/talk-show");
  write("talk-show/cat.png", image(png));
  for (const std::string file : {"cat.png", "below/cat.png", "./below/../cat.png", "../talk/cat.png", "inside.png"})
    EXPECT_EQ(read(file), "image/png") << file;
  for (const auto& file :
       {std::string("../outside.png"), all_.path() + "/outside.png", std::string("link.png"),
        std::string("up/outside.png"), std::string("../talk-show/cat.png"), std::string("below/../../outside.png")}) {
    EXPECT_THAT(read(file), HasSubstr("--allow-any-file")) << file;
    EXPECT_EQ(read(file, image_access::any_file), "image/png") << file;
  }
}

TEST_F(conversation_files, are_images_by_their_bytes) {
  using namespace std::string_literals;
  const std::vector<std::pair<std::string, std::string>> kinds{
      {image(png), "image/png"},
      {image("\xff\xd8\xff\xe0"), "image/jpeg"},
      {image("GIF89a"), "image/gif"},
      {image("GIF87a"), "image/gif"},
      {image("RIFF\x10\x00\x00\x00WEBPVP8 "s), "image/webp"},
      {image("BM\x10\x00\x00\x00\x00\x00\x00\x00"s), "image/bmp"},
      {image("\x00\x00\x00\x18"
             "ftypheic"s),
       "image/heic"},
      {image("\x00\x00\x00\x18"
             "ftypavif"s),
       "image/avif"},
  };
  for (const auto& [bytes, type] : kinds) {
    write("talk/it.png", bytes);
    EXPECT_EQ(read("it.png"), type) << "whatever its ending says";
  }
  for (const auto& bytes : {""s, "\x89PNG"s, "root:x:0:0:root:/root:/bin/bash\n"s, "-----BEGIN PRIVATE KEY-----\n"s,
                            "RIFF\x10\x00\x00\x00WAVEfmt "s, "<svg xmlns='http://www.w3.org/2000/svg'/>"s}) {
    write("talk/it.png", bytes);
    EXPECT_THAT(read("it.png"), HasSubstr("is no image"));
    EXPECT_THAT(read("it.png", image_access::any_file), HasSubstr("is no image"));
    EXPECT_THAT(read("it.png"), Not(HasSubstr("PRIVATE")));
  }
}

TEST_F(conversation_files, are_read_as_far_as_they_may_be) {
  EXPECT_THAT(read("/dev/zero", image_access::any_file), HasSubstr("no regular file"));
  ASSERT_EQ(::mkfifo((talk() / "pipe.png").c_str(), 0600), 0);
  EXPECT_THAT(read("pipe.png"), HasSubstr("no regular file")) << "and nobody waits for who would write to it";
  EXPECT_THAT(read("below"), HasSubstr("no regular file"));
  write("talk/great.png", image(png));
  std::filesystem::resize_file(talk() / "great.png", (std::uintmax_t{64} << 20) + 1);
  EXPECT_THAT(read("great.png"), HasSubstr("longer than 64 MiB"));
  EXPECT_THROW((void)read_conversation("/dev/zero"), usage_error);
}

TEST(conversation, takes_images_by_address_and_from_files_beside_it) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "warmwire_conversation_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "cat.png", std::ios::binary) << image(png);
  const auto path = (folder / "talk.json").string();
  std::ofstream(path) << R"([{"content":[{"type":"image","file":"cat.png","detail":"low"},
    {"type":"image","url":"https://example.com/dog.png"}]}])";
  const auto chat = read_conversation(path);
  const auto cat = std::get<image_part>(chat.messages.at(0).parts.at(0));
  EXPECT_EQ(cat.bytes, image(png));
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
