// Names of models: what no provider can have is refused before it gets into a URL.
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::providers::model_check_test {
namespace {

using testing::ask;
using testing::config_at;
using testing::config_of;
using testing::refusal_of;

std::string refused(const provider_config& config, const std::string& model) {
  auto chat = ask("a");
  chat.model = model;
  const auto said = refusal_of(config, chat);
  if (config.api == wire_api::anthropic || config.api == wire_api::gemini) {
    const auto counted = encode_count(config, chat);
    EXPECT_EQ(counted ? "" : counted.error().message, said) << model;
  }
  if (config.api != wire_api::anthropic) {
    const auto embedded = encode_embed(config, {.model = model, .input = {"a"}});
    EXPECT_EQ(embedded ? "" : embedded.error().message, said) << model;
  }
  return said;
}

std::string url_for(const provider_config& config, const std::string& model) {
  auto chat = ask("a");
  chat.model = model;
  return encode_chat(config, chat, delivery::whole).value().url;
}

TEST(model_check, refuses_everywhere_what_is_no_name) {
  for (const auto& config : {config_of("openai"), config_of("openai", openai_api::responses), config_of("anthropic"),
                             config_of("google"), config_of("openrouter"), config_at("mine", "https://a.test/v1")}) {
    for (const auto* name :
         {" m", "m ", "m\n", "\tm", "m\r\nX-Evil: 1", "m\x1b[2J", "m\x7f", "m  n", "m\xc2\x85", "\xff"})
      EXPECT_EQ(refused(config, name),
                "model holds a control character, a blank too many or what is not UTF-8; it must name a model")
          << config.provider << ' ' << name;
    EXPECT_EQ(refused(config, std::string(513, 'm')), "model has 513 bytes; it may have 512");
    EXPECT_EQ(refused(config, std::string(512, 'm')), "");
    EXPECT_EQ(refused(config, "ft:gpt-5-mini@org_1:my name"), "");
  }
}

TEST(model_check, says_where_a_missing_name_can_come_from) {
  auto config = config_of("openai");
  config.default_model.clear();
  EXPECT_EQ(refusal_of(config, ask("a")), "model is empty; it must name a model, here or in default_model");
  EXPECT_EQ(encode_embed(config_of("openai"), {.input = {"a"}}).error().message,
            "model is empty; it must name a model: the default one chats");
}

TEST(model_check, lets_slashes_stand_where_names_have_them) {
  EXPECT_EQ(refused(config_of("openrouter"), "meta/llama-3"), "");
  EXPECT_EQ(refused(config_of("openai"), "my/own"), "");
  EXPECT_EQ(refused(config_of("vllm"), "/models/My Model"), "");
  EXPECT_EQ(url_for(config_of("google"), "tunedModels/a?b#c"),
            "https://generativelanguage.googleapis.com/v1beta/tunedModels/a%3Fb%23c:generateContent");
}

TEST(model_check, keeps_a_name_from_leading_elsewhere_in_a_url) {
  for (const auto* name :
       {"../files", "./x", "models/", "/x", "models/..", "models/.", "a/b/c", "/", "models//x", "..", "."})
    EXPECT_EQ(refused(config_of("google"), name),
              "model must be a name, or a kind and a name such as tunedModels/NAME, with Google's Gemini")
        << name;
  const auto azure = config_at("azure", "https://r.openai.azure.com/openai?api-version=1");
  ASSERT_TRUE(azure.names_deployments);
  for (const auto* name : {".", ".."})
    EXPECT_EQ(refused(azure, name), "model is \"" + std::string(name) + "\"; it must name a deployment");
  EXPECT_EQ(url_for(azure, "../a"),
            "https://r.openai.azure.com/openai/deployments/..%2Fa/chat/completions?api-version=1");
}

}  // namespace
}  // namespace warmwire::providers::model_check_test
