// Raw JSON of the caller's beside what is nested deeply: it goes out whole, or the error says what is too deep.
#include "tests/unit/providers/fixture.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <variant>

namespace warmwire::providers::extra_json_test {
namespace {

using testing::ask;
using testing::config_of;
using testing::refusal_of;
using testing::sent;

// Of `levels` levels in all.
std::string nested(std::size_t levels) {
  std::string out;
  for (std::size_t i = 1; i < levels; ++i)
    out += R"({"a":)";
  return out.append("{}").append(levels - 1, '}');
}

boost::json::value read_deep(const std::string& text) {
  boost::json::parse_options options;
  options.max_depth = 200;
  return boost::json::parse(text, {}, options);
}

chat_request with_everything_nested(std::size_t levels) {
  auto chat = ask("a");
  chat.tools = {{.name = "f", .parameters = nested(levels)}};
  chat.output = json_output{.schema = nested(levels)};
  chat.messages.push_back({role::assistant, "", {tool_call{.id = "c", .name = "f", .arguments = nested(levels)}}});
  chat.messages.push_back({role::tool, "", {tool_result{.call_id = "c", .content = nested(levels), .name = "f"}}});
  return chat;
}

TEST(extra_json, goes_over_a_body_whose_schemas_are_as_deep_as_they_may_be) {
  auto chat = with_everything_nested(64);
  for (const auto& config :
       {config_of("openai"), config_of("openai", openai_api::responses), config_of("anthropic"), config_of("google")}) {
    chat.extra_json.clear();
    auto expected = read_deep(sent(config, chat));
    expected.as_object()["extra"] = read_deep(nested(63));
    chat.extra_json = R"({"extra":)" + nested(63) + '}';
    EXPECT_EQ(read_deep(sent(config, chat)), expected) << config.provider;
  }
}

TEST(extra_json, is_counted_with_schemas_as_deep_as_they_may_be) {
  auto chat = with_everything_nested(64);
  chat.extra_json = R"({"extra":1})";
  for (const auto* provider : {"anthropic", "google"}) {
    const auto made = encode_count(config_of(provider), chat);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(read_deep(std::get<std::string>(made->body)).is_object()) << provider;
  }
}

TEST(extra_json, and_all_other_json_is_refused_by_its_depth_when_it_is_too_deep) {
  const auto refused = [](const chat_request& chat, const std::string& provider = "openai") {
    return refusal_of(config_of(provider), chat);
  };
  const std::string says = " is nested deeper than the 64 levels that are allowed";
  auto chat = ask("a");
  chat.extra_json = nested(65);
  EXPECT_EQ(refused(chat), "extra_json" + says);
  embed_request what{.model = "m", .input = {"a"}, .extra_json = nested(65)};
  EXPECT_EQ(encode_embed(config_of("openai"), what).error().message, "extra_json" + says);
  chat = ask("a");
  chat.tools = {{.name = "f", .parameters = nested(65)}};
  EXPECT_EQ(refused(chat), "tools[0].parameters" + says);
  chat = ask("a");
  chat.output = json_output{.schema = nested(65)};
  EXPECT_EQ(refused(chat), "output.schema" + says);
  chat = ask("a");
  chat.messages.push_back({role::assistant, "", {tool_call{.id = "c", .name = "f", .arguments = nested(65)}}});
  EXPECT_EQ(refused(chat), "");
  EXPECT_EQ(refused(chat, "anthropic"),
            "messages[1].parts[0] has arguments that are nested deeper than the 64 levels "
            "that are allowed");
}

// What is no argument of a call goes to Gemini as a text.
TEST(extra_json, is_not_hindered_by_the_result_of_a_tool_that_is_too_deep_to_be_an_object) {
  auto chat = ask("a");
  chat.messages.push_back({role::tool, "", {tool_result{.content = nested(65), .name = "f"}}});
  chat.extra_json = R"({"extra":1})";
  const auto body = read_deep(sent(config_of("google"), chat));
  EXPECT_EQ(body.at_pointer("/contents/1/parts/0/functionResponse/response/output"), nested(65).c_str());
}

}  // namespace
}  // namespace warmwire::providers::extra_json_test
