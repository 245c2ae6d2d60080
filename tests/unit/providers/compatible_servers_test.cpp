// Servers that are compatible with OpenAI's API are spoken to as OpenAI is, but for what is known to differ.
#include "tests/unit/providers/fixture.hpp"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace warmwire::providers::compatible_servers_test {
namespace {

using testing::ask;
using testing::config_at;
using testing::config_of;
using testing::parsed;
using testing::sent;
using testing::success;

struct server {
  std::string id;
  std::string base_url{};  // empty: its own
  std::string max_tokens = "max_tokens";
  std::string seed = "seed";
  bool takes_stream_options = true;
  bool takes_base64_vectors = true;
};

const std::vector<server>& servers() {
  static const std::vector<server> all{
      {.id = "azure", .base_url = "https://r.openai.azure.com", .max_tokens = "max_completion_tokens"},
      {.id = "groq", .max_tokens = "max_completion_tokens"},
      {.id = "mistral", .seed = "random_seed", .takes_stream_options = false, .takes_base64_vectors = false},
      {.id = "deepseek"},
      {.id = "openrouter"},
      {.id = "ollama"},
      {.id = "vllm"},
      {.id = "llama.cpp"},
      {.id = "gemini-compat", .takes_base64_vectors = false},
      {.id = "mine", .base_url = "https://a.test/v1"}};
  return all;
}

chat_request with_everything() {
  auto chat = ask("What?");
  chat.model = "m";
  chat.messages.insert(chat.messages.begin(), {role::system, "Be brief."});
  chat.messages[1].parts = {image_part{.url = "https://a.test/b.png", .detail = "low"},
                            image_part{.bytes = "foob", .media_type = "image/png"}};
  const tool_call call{.id = "call_1", .name = "f", .arguments = R"({"a":1})"};
  chat.messages.push_back({role::assistant, "", {call}});
  chat.messages.push_back(tool_answer(call, "22"));
  chat.temperature = 0.5;
  chat.top_p = 0.9;
  chat.stop = {"END"};
  chat.tools = {{.name = "f", .description = "does", .parameters = R"({"type":"object"})", .strict = true}};
  chat.tool_choice = tool_choice{.mode = tool_choice::kind::required};
  chat.parallel_tool_calls = false;
  chat.output = json_output{.schema = R"({"type":"object"})"};
  chat.reasoning_effort = reasoning_effort::low;
  chat.seed = 7;
  chat.max_tokens = 100;
  return chat;
}

TEST(compatible_servers, are_sent_what_openai_is_but_for_what_differs) {
  const auto to_openai = parsed(sent(config_of("openai"), with_everything(), delivery::streamed)).as_object();
  for (const auto& each : servers()) {
    auto expected = to_openai;
    const auto rename = [&](const char* name, const std::string& to) {
      const auto value = expected.at(name);
      expected.erase(name);
      expected[to] = value;
    };
    rename("max_completion_tokens", each.max_tokens);
    rename("seed", each.seed);
    if (!each.takes_stream_options) expected.erase("stream_options");
    const auto made = encode_chat(config_at(each.id, each.base_url), with_everything(), delivery::streamed);
    ASSERT_TRUE(made) << each.id << ": " << made.error().message;
    EXPECT_EQ(parsed(std::get<std::string>(made->body)), boost::json::value(expected)) << each.id;
    EXPECT_TRUE(made->url.ends_with("/chat/completions")) << made->url;
    EXPECT_EQ(made->headers.get("content-type"), "application/json") << each.id;
    const auto* key = each.id == "azure" ? "api-key" : "authorization";
    EXPECT_TRUE(made->headers.get(key).ends_with("sk-test-key-1234")) << each.id;
  }
}

TEST(compatible_servers, are_read_with_thoughts_and_with_arguments_that_are_an_object) {
  const std::string answer =
      R"({"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,)"
      R"("reasoning_content":"Hm.","tool_calls":[{"id":"call_1","type":"function",)"
      R"("function":{"name":"f","arguments":{"a":1}}}]},"finish_reason":"tool_calls"}],)"
      R"("usage":{"prompt_tokens":3,"completion_tokens":5}})";
  for (const auto& each : servers()) {
    const auto reply = decode_chat(config_at(each.id, each.base_url), success(answer));
    ASSERT_TRUE(reply) << each.id << ": " << reply.error().message;
    EXPECT_EQ(reply->reasoning, "Hm.") << each.id;
    ASSERT_EQ(reply->tool_calls.size(), 1U) << each.id;
    EXPECT_EQ(reply->tool_calls[0].id, "call_1") << each.id;
    EXPECT_EQ(reply->tool_calls[0].arguments, R"({"a":1})") << each.id;
    EXPECT_EQ(reply->finish, finish_reason::tool_calls) << each.id;
    EXPECT_EQ(reply->usage.output_tokens, 5) << each.id;
  }
}

TEST(compatible_servers, count_no_tokens_as_openai_does_not) {
  auto all = servers();
  all.push_back({.id = "openai"});
  for (const auto& each : all) {
    for (const auto api : {openai_api::chat_completions, openai_api::responses}) {
      const auto made = encode_count(config_at(each.id, each.base_url, api), with_everything());
      ASSERT_FALSE(made) << each.id;
      EXPECT_EQ(made.error().code, errc::unsupported_call) << each.id;
    }
  }
}

TEST(compatible_servers, are_asked_for_base64_vectors_unless_they_refuse_them) {
  for (const auto& each : servers()) {
    const auto made = encode_embed(config_at(each.id, each.base_url), {.model = "e", .input = {"a"}});
    ASSERT_TRUE(made) << each.id << ": " << made.error().message;
    EXPECT_EQ(std::get<std::string>(made->body), each.takes_base64_vectors
                                                     ? R"({"model":"e","input":"a","encoding_format":"base64"})"
                                                     : R"({"model":"e","input":"a"})")
        << each.id;
  }
  const auto url = [](const char* id) { return encode_embed(config_of(id), {.model = "e", .input = {"a"}})->url; };
  EXPECT_EQ(url("ollama"), "http://localhost:11434/v1/embeddings");
  EXPECT_EQ(url("mistral"), "https://api.mistral.ai/v1/embeddings");
}

TEST(compatible_servers, list_their_models_beside_their_chats) {
  EXPECT_EQ(encode_models(config_of("groq"), {})->url, "https://api.groq.com/openai/v1/models");
  EXPECT_EQ(encode_models(config_of("gemini-compat"), {})->url,
            "https://generativelanguage.googleapis.com/v1beta/openai/models");
  EXPECT_EQ(encode_models(config_at("azure", "https://r.openai.azure.com"), {})->url,
            "https://r.openai.azure.com/openai/v1/models");
}

}  // namespace
}  // namespace warmwire::providers::compatible_servers_test
