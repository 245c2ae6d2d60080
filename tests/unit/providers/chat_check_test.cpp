// What is refused before anything is sent, whatever the provider.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace warmwire::providers::chat_check_test {
namespace {

using testing::ask;
using testing::config_at;
using testing::config_of;
using ::testing::HasSubstr;
using testing::refusal_of;

std::string refused(const chat_request& chat, const std::string& provider = "openai") {
  return refusal_of(config_of(provider), chat);
}

chat_request with_part(role of, message_part part) {
  auto chat = ask("a");
  chat.messages.push_back({of, "", {std::move(part)}});
  return chat;
}

TEST(chat_check, names_the_part_that_stands_in_the_wrong_place) {
  const image_part image{.url = "https://a.test/b.png"};
  EXPECT_EQ(refused(with_part(role::assistant, image)),
            "messages[1].parts[0] is an image; it must stand in a user's message");
  EXPECT_EQ(refused(with_part(role::user, tool_call{.id = "a", .name = "f"})),
            "messages[1].parts[0] is a tool call; it must stand in an assistant's message");
  EXPECT_EQ(refused(with_part(role::user, reasoning_part{.text = "a"})),
            "messages[1].parts[0] is reasoning; it must stand in an assistant's message");
  EXPECT_EQ(refused(with_part(role::assistant, tool_result{.call_id = "a"})),
            "messages[1].parts[0] is a tool's result; it must stand in a tool's or a user's message");
  EXPECT_EQ(refused(with_part(role::tool, text_part{"a"})),
            "messages[1].parts[0] is a text; a tool's message must hold results alone");
  EXPECT_EQ(refused(with_part(role::user, tool_result{.call_id = "a"})), "");
  auto empty = ask("a");
  empty.messages.push_back({role::tool, "text"});
  EXPECT_EQ(refused(empty), "messages[1] is a tool's; it must hold results alone, see tool_answer");
}

TEST(chat_check, wants_an_image_by_address_or_by_bytes_of_a_known_kind) {
  EXPECT_EQ(refused(with_part(role::user, image_part{})), "messages[1].parts[0] must have either a url or bytes");
  EXPECT_EQ(refused(with_part(role::user, image_part{.url = "u", .bytes = "b", .media_type = "image/png"})),
            "messages[1].parts[0] must have either a url or bytes");
  EXPECT_EQ(refused(with_part(role::user, image_part{.bytes = "b"})),
            "messages[1].parts[0] has bytes and no media_type; it must be such as image/png");
  EXPECT_EQ(refused(with_part(role::user, image_part{.bytes = "b", .media_type = "image/png\",\"x\":\""})),
            "messages[1].parts[0] has a media_type that is none; it must be such as image/png");
}

TEST(chat_check, wants_utf_8_everywhere) {
  const std::string bad = "\xff";
  const std::string says = "messages[1].parts[0] is not UTF-8; it must be";
  EXPECT_EQ(refused(with_part(role::user, text_part{bad})), says);
  EXPECT_EQ(refused(with_part(role::user, image_part{.url = bad})), says);
  EXPECT_EQ(refused(with_part(role::assistant, reasoning_part{.text = bad})), says);
  EXPECT_EQ(refused(with_part(role::assistant, tool_call{.id = bad, .name = "f"})), says);
  EXPECT_EQ(refused(with_part(role::tool, tool_result{.content = bad})), says);
  auto chat = ask("a");
  chat.stop = {"a", bad};
  EXPECT_EQ(refused(chat), "stop[1] is empty or not UTF-8");
}

TEST(chat_check, wants_tools_with_names_and_schemas) {
  auto chat = ask("a");
  chat.tools = {{.name = "f"}, {.name = ""}};
  EXPECT_EQ(refused(chat), "tools[1].name is empty or not UTF-8");
  chat.tools[1] = {.name = "g", .parameters = "[]"};
  EXPECT_EQ(refused(chat), "tools[1].parameters is no JSON object; it must be a JSON Schema");
  chat.tools[1] = {.name = "g", .parameters = "{\"a\":"};
  EXPECT_EQ(refused(chat), "tools[1].parameters is no JSON object; it must be a JSON Schema");
  chat.tools.clear();
  chat.tool_choice = tool_choice{.mode = tool_choice::kind::named};
  EXPECT_EQ(refused(chat), "tool_choice.name must be given with the mode `named`, and only then");
  chat.tool_choice = tool_choice{.name = "f"};
  EXPECT_EQ(refused(chat), "tool_choice.name must be given with the mode `named`, and only then");
}

TEST(chat_check, wants_numbers_within_their_ranges) {
  auto chat = ask("a");
  chat.top_p = 1.1;
  EXPECT_EQ(refused(chat), "top_p is 1.1; it must lie within 0–1");
  chat.top_p = 1;
  chat.temperature = 1.5;
  EXPECT_EQ(refused(chat), "");
  EXPECT_EQ(refused(chat, "anthropic"), "temperature is 1.5; it must lie within 0–1");
}

TEST(chat_check, refuses_numbers_that_json_cannot_hold_or_no_provider_takes) {
  const auto most = std::numeric_limits<std::int64_t>::max();
  auto chat = ask("a");
  for (const auto* provider : {"openai", "anthropic", "google"}) {
    for (const double strange : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity(),
                                 std::numeric_limits<double>::infinity(), -0.1, 1e300}) {
      chat.temperature = strange;
      EXPECT_THAT(refused(chat, provider), HasSubstr("temperature is ")) << strange;
      chat.temperature.reset();
      chat.top_p = strange;
      EXPECT_THAT(refused(chat, provider), HasSubstr("; it must lie within 0–1")) << strange;
      chat.top_p.reset();
    }
    for (const std::int64_t strange : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
      chat.max_tokens = strange;
      EXPECT_EQ(refused(chat, provider), "max_tokens is " + std::to_string(strange) + "; it must be at least 1");
    }
    chat.max_tokens = most;
    EXPECT_EQ(refused(chat, provider), "max_tokens is 9223372036854775807; it must be at most 2147483647");
    chat.max_tokens.reset();
  }
  chat.seed = most;
  EXPECT_EQ(refused(chat), "");
  EXPECT_EQ(refused(chat, "google"),
            "seed is 9223372036854775807; with Google's Gemini it must lie within -2147483648–2147483647");
  chat.seed = -2147483648;
  EXPECT_EQ(refused(chat, "google"), "");
  embed_request what{.model = "m", .input = {"a"}, .dimensions = most};
  EXPECT_EQ(encode_embed(config_of("openai"), what).error().message,
            "dimensions is 9223372036854775807; it must be at most 2147483647");
}

TEST(chat_check, wants_raw_json_to_be_an_object) {
  auto chat = ask("a");
  for (const auto* text : {"[]", "7", "{", "{}x"}) {
    chat.extra_json = text;
    EXPECT_EQ(refused(chat), "extra_json is no JSON object; it must be one") << text;
  }
  chat.extra_json.clear();
  chat.output = json_output{.schema = "true"};
  EXPECT_EQ(refused(chat), "output.schema is no JSON object; it must be a JSON Schema");
}

TEST(chat_check, says_which_option_a_provider_does_not_have) {
  auto chat = ask("a");
  chat.seed = 1;
  EXPECT_EQ(refused(chat, "anthropic"), "seed is set, and Anthropic's Messages does not have it; leave it out");
  EXPECT_EQ(refused(chat), "");
  EXPECT_EQ(refused(chat, "google"), "");
  chat.seed.reset();
  chat.output = json_output{};
  EXPECT_EQ(refused(chat, "anthropic"),
            "output without a schema is set, and Anthropic's Messages does not have it; leave it out");
  EXPECT_EQ(refused(chat), "");
  chat.output.reset();
  chat.parallel_tool_calls = true;
  EXPECT_EQ(refused(chat, "google"), "parallel_tool_calls is set, and Google's Gemini does not have it; leave it out");
}

TEST(chat_check, refuses_to_ask_openai_for_thoughts_that_its_chat_completions_never_show) {
  auto chat = ask("a");
  chat.model = "m";
  chat.show_reasoning = true;
  const std::string says = "show_reasoning is set, and OpenAI's Chat Completions does not have it; leave it out";
  EXPECT_EQ(refused(chat), says);
  EXPECT_EQ(refusal_of(config_at("azure", "https://r.openai.azure.com"), chat), says);
  for (const auto api : {openai_api::chat_completions, openai_api::responses}) {
    for (const auto* provider : {"groq", "mistral", "deepseek", "openrouter", "ollama", "vllm", "gemini-compat"})
      EXPECT_EQ(refusal_of(config_of(provider, api), chat), "") << provider;
    EXPECT_EQ(refusal_of(config_at("mine", "https://a.test/v1", api), chat), "");
  }
  EXPECT_EQ(refusal_of(config_of("openai", openai_api::responses), chat), "");
  EXPECT_EQ(refusal_of(config_at("azure", "https://r.openai.azure.com", openai_api::responses), chat), "");
  EXPECT_EQ(refused(chat, "anthropic"), "");
  EXPECT_EQ(refused(chat, "google"), "");
}

TEST(chat_check, wants_arguments_and_results_that_the_provider_can_take_back) {
  const auto broken = with_part(role::assistant, tool_call{.id = "a", .name = "f", .arguments = "{broken"});
  EXPECT_EQ(refused(broken), "");
  for (const auto* provider : {"anthropic", "google"}) {
    EXPECT_EQ(refused(broken, provider),
              "messages[1].parts[0] has arguments that are no JSON object, which this provider does not take back");
  }
  const auto nameless = with_part(role::tool, tool_result{.call_id = "a", .content = "b"});
  EXPECT_EQ(refused(nameless, "anthropic"), "");
  EXPECT_EQ(refused(nameless, "google"),
            "messages[1].parts[0] is the result of a tool whose name is not known; set its name");
  auto known = nameless;
  known.messages.insert(known.messages.begin(), {role::assistant, "", {tool_call{.id = "a", .name = "f"}}});
  EXPECT_EQ(refused(known, "google"), "");
}

}  // namespace
}  // namespace warmwire::providers::chat_check_test
