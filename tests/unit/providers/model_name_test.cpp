#include "providers/model_name.hpp"

#include "providers/profile.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace warmwire::providers::model_name_test {
namespace {

using choice = std::pair<std::string, std::string>;

choice chosen(const client_options& options, std::string_view name) {
  const auto out = choose_model(options, name);
  return {out.provider, out.model};
}

client_options of(const std::string& provider) {
  client_options out;
  out.provider = provider;
  return out;
}

TEST(model_name, chooses_a_known_provider) {
  EXPECT_EQ(chosen({}, "gpt-5"), choice("openai", "gpt-5"));
  EXPECT_EQ(chosen({}, ""), choice("openai", ""));
  EXPECT_EQ(chosen({}, "openai/gpt-5"), choice("openai", "gpt-5"));
  EXPECT_EQ(chosen({}, "anthropic/claude-x"), choice("anthropic", "claude-x"));
  EXPECT_EQ(chosen({}, "google/gemini-x"), choice("google", "gemini-x"));
  EXPECT_EQ(chosen({}, "openrouter/meta/llama"), choice("openrouter", "meta/llama"));
  EXPECT_EQ(chosen({}, "openrouter/auto"), choice("openrouter", "openrouter/auto"));
  EXPECT_EQ(chosen({}, "llama.cpp/x"), choice("llama.cpp", "x"));
  EXPECT_EQ(chosen({}, "anthropic/"), choice("anthropic", ""));
}

TEST(model_name, chooses_each_known_provider) {
  EXPECT_EQ(known_ids().size(), 12U);
  for (const auto id : known_ids()) {
    const std::string provider(id);
    const bool keeps_its_name = id == "openrouter";  // "openrouter/auto" is a model of its own
    EXPECT_EQ(chosen({}, provider + "/m"), choice(provider, keeps_its_name ? "openrouter/m" : "m"));
  }
}

TEST(model_name, stays_whole_when_its_first_part_names_no_provider) {
  EXPECT_EQ(chosen({}, "meta/llama"), choice("openai", "meta/llama"));
  EXPECT_EQ(chosen({}, "/x"), choice("openai", "/x"));
}

TEST(model_name, stays_whole_for_providers_that_have_such_names) {
  EXPECT_EQ(chosen(of("groq"), "openai/gpt-oss-120b"), choice("groq", "openai/gpt-oss-120b"));
  EXPECT_EQ(chosen(of("openrouter"), "anthropic/claude-x"), choice("openrouter", "anthropic/claude-x"));
  EXPECT_EQ(chosen(of("my-server"), "google/gemma"), choice("my-server", "google/gemma"));
  EXPECT_EQ(chosen(of("groq"), "groq/openai/gpt-oss-120b"), choice("groq", "openai/gpt-oss-120b"));
}

TEST(model_name, chooses_any_configured_provider) {
  auto options = of("groq");
  options.others = {{.provider = "mine", .base_url = "http://a.test"}, {.provider = "openai"}};
  EXPECT_EQ(chosen(options, "mine/x"), choice("mine", "x"));
  EXPECT_EQ(chosen(options, "openai/gpt-5"), choice("openai", "gpt-5"));
  EXPECT_EQ(options_of(options, "mine").base_url, "http://a.test");
  EXPECT_EQ(options_of(options, "google").provider, "google");
  options.base_url = "http://own.test";
  EXPECT_EQ(options_of(options, "groq").base_url, "http://own.test");
}

}  // namespace
}  // namespace warmwire::providers::model_name_test
