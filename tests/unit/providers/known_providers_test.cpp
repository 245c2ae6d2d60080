// Where each known provider is, how it gets its key, and which variables it may read.
#include "providers/base_url.hpp"
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace warmwire::providers::known_providers_test {
namespace {

using variable_map = std::map<std::string, std::string>;

result<provider_config> made(const provider_options& options, variable_map values = {}) {
  return make_provider_config(options, [&](const char* name) -> const char* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  });
}

result<provider_config> made(const std::string& provider, variable_map values = {}) {
  provider_options options;
  options.provider = provider;
  return made(options, std::move(values));
}

struct known_case {
  std::string provider;
  std::string variable;
  std::string header;
  std::string value;
  std::string chat_url;
};

TEST(known_providers, are_found_with_nothing_but_their_key) {
  const std::vector<known_case> cases{
      {"openai", "OPENAI_API_KEY", "Authorization", "Bearer k-1234", "https://api.openai.com/v1/chat/completions"},
      {"anthropic", "ANTHROPIC_API_KEY", "x-api-key", "k-1234", "https://api.anthropic.com/v1/messages"},
      {"anthropic", "ANTHROPIC_AUTH_TOKEN", "Authorization", "Bearer k-1234", "https://api.anthropic.com/v1/messages"},
      {"google", "GOOGLE_API_KEY", "x-goog-api-key", "k-1234",
       "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent"},
      {"google", "GEMINI_API_KEY", "x-goog-api-key", "k-1234",
       "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent"},
      {"gemini-compat", "GEMINI_API_KEY", "Authorization", "Bearer k-1234",
       "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"},
      {"gemini-compat", "GOOGLE_API_KEY", "Authorization", "Bearer k-1234",
       "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"},
      {"groq", "GROQ_API_KEY", "Authorization", "Bearer k-1234", "https://api.groq.com/openai/v1/chat/completions"},
      {"mistral", "MISTRAL_API_KEY", "Authorization", "Bearer k-1234", "https://api.mistral.ai/v1/chat/completions"},
      {"deepseek", "DEEPSEEK_API_KEY", "Authorization", "Bearer k-1234", "https://api.deepseek.com/chat/completions"},
      {"openrouter", "OPENROUTER_API_KEY", "Authorization", "Bearer k-1234",
       "https://openrouter.ai/api/v1/chat/completions"},
      {"ollama", "", "Authorization", "", "http://localhost:11434/v1/chat/completions"},
      {"ollama", "OLLAMA_API_KEY", "Authorization", "Bearer k-1234", "http://localhost:11434/v1/chat/completions"},
      {"vllm", "VLLM_API_KEY", "Authorization", "Bearer k-1234", "http://localhost:8000/v1/chat/completions"},
      {"llama.cpp", "", "Authorization", "", "http://localhost:8080/v1/chat/completions"},
      {"llama.cpp", "LLAMA_CPP_API_KEY", "Authorization", "Bearer k-1234", "http://localhost:8080/v1/chat/completions"},
  };
  for (const auto& each : cases) {
    const auto config = made(each.provider, {{each.variable, "k-1234"}});
    ASSERT_TRUE(config) << each.provider << ": " << config.error().message;
    EXPECT_EQ(config->fields.get(each.header), each.value) << each.provider;
    auto chat = testing::ask("a");
    chat.model = "m";
    EXPECT_EQ(encode_chat(*config, chat, delivery::whole)->url, each.chat_url);
    EXPECT_EQ(config->redact("k-1234"), each.value.empty() ? "k-1234" : "[redacted]") << each.provider;
  }
}

TEST(known_providers, demand_a_key_where_they_are_at_home) {
  for (const auto* provider :
       {"openai", "anthropic", "google", "gemini-compat", "groq", "mistral", "deepseek", "openrouter"}) {
    const auto config = made(provider);
    ASSERT_FALSE(config) << provider;
    EXPECT_EQ(config.error().code, errc::missing_api_key) << provider;
    EXPECT_NE(config.error().message.find("_API_KEY"), std::string::npos);
  }
  EXPECT_TRUE(made("anthropic", {{"ANTHROPIC_BASE_URL", "http://localhost:1/"}}));
}

TEST(known_providers, prefer_googles_own_key_to_geminis_and_any_key_to_a_token) {
  EXPECT_EQ(made("google", {{"GOOGLE_API_KEY", "first"}, {"GEMINI_API_KEY", "second"}})->fields.get("x-goog-api-key"),
            "first");
  EXPECT_EQ(made("google", {{"GOOGLE_API_KEY", ""}, {"GEMINI_API_KEY", "second"}})->fields.get("x-goog-api-key"),
            "second");
  const auto both = made("anthropic", {{"ANTHROPIC_API_KEY", "key-1"}, {"ANTHROPIC_AUTH_TOKEN", "token-1"}});
  EXPECT_EQ(both->fields.get("x-api-key"), "key-1");
  EXPECT_FALSE(both->fields.contains("authorization"));
}

TEST(known_providers, read_base_urls_and_headers_from_their_variables) {
  const auto google = made("google", {{"GOOGLE_API_KEY", "k"}, {"GOOGLE_GEMINI_BASE_URL", "https://g.test/x/"}});
  EXPECT_EQ(encode_models(*google, {})->url, "https://g.test/x/v1beta/models");
  const auto anthropic = made("anthropic", {{"ANTHROPIC_API_KEY", "k"},
                                            {"ANTHROPIC_BASE_URL", "https://a.test"},
                                            {"ANTHROPIC_CUSTOM_HEADERS", "anthropic-beta: a,b"}});
  EXPECT_EQ(encode_models(*anthropic, {})->url, "https://a.test/v1/models");
  EXPECT_EQ(anthropic->fields.get("anthropic-beta"), "a,b");
  EXPECT_FALSE(made("openai", {{"OPENAI_API_KEY", "k"}, {"OPENAI_ORG_ID", "o"}})->fields.contains("anthropic-version"));
}

TEST(known_providers, read_their_own_variables_wherever_they_are_told_to_be) {
  provider_options options;
  options.provider = "google";
  options.base_url = "https://proxy.test/g?a=b";
  const auto config = made(options, {{"GEMINI_API_KEY", "k-1234"}});
  EXPECT_EQ(config->fields.get("x-goog-api-key"), "k-1234");
  EXPECT_EQ(encode_chat(*config, testing::ask("a"), delivery::streamed)->url,
            "https://proxy.test/g/v1beta/models/gemini-2.5-flash:streamGenerateContent?a=b&alt=sse");
  EXPECT_FALSE(made("groq", {{"GROQ_API_KEY", "k"}, {"GROQ_ORG_ID", "o"}})->fields.contains("OpenAI-Organization"));
}

TEST(known_providers, forgive_a_version_in_the_base_url) {
  EXPECT_EQ(encode_models(*made("anthropic", {{"ANTHROPIC_BASE_URL", "http://a.test/v1"}}), {})->url,
            "http://a.test/v1/models");
  EXPECT_EQ(encode_models(*made("google", {{"GOOGLE_GEMINI_BASE_URL", "http://a.test/v1beta/"}}), {})->url,
            "http://a.test/v1beta/models");
}

std::string azure_url(variable_map values) {
  values["AZURE_OPENAI_API_KEY"] = "azure-key";
  const auto config = made("azure", std::move(values));
  EXPECT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->fields.get("api-key"), "azure-key");
  auto chat = testing::ask("a");
  chat.model = "my deployment";
  return encode_chat(*config, chat, delivery::whole)->url;
}

TEST(known_providers, find_azures_deployments_in_both_forms) {
  EXPECT_EQ(azure_url({{"AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com/"}}),
            "https://res.openai.azure.com/openai/v1/chat/completions");
  EXPECT_EQ(
      azure_url({{"AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com"}, {"OPENAI_API_VERSION", "2024-10-21"}}),
      "https://res.openai.azure.com/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(azure_url({{"AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com/openai/deployments/d?api-version=1"}}),
            "https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=1");
  EXPECT_EQ(made("azure", {{"AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"}, {"AZURE_OPENAI_AD_TOKEN", "t-1"}})
                ->fields.get("authorization"),
            "Bearer t-1");
  EXPECT_EQ(made("azure", {{"AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"}}).error().code,
            errc::missing_api_key);
  const auto nowhere = made("azure");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("AZURE_OPENAI_ENDPOINT"), std::string::npos) << nowhere.error().message;
}

// proofs/azure.cpp: a key went in the clear to a virtual machine, whose name ends in azure.com like those of all
// tenants.
TEST(known_providers, give_azures_key_to_https_and_azures_own_names_only) {
  struct place {
    std::string base_url;
    bool gets_key;
  };
  for (const auto& [base_url, gets_key] : {place{"https://r.openai.azure.com", true},
                                           {"https://r.cognitiveservices.azure.com", true},
                                           {"https://r.services.ai.azure.com", true},
                                           {"https://r.openai.azure.us", true},
                                           {"https://R.OpenAI.Azure.com", true},
                                           {"http://r.openai.azure.com", false},
                                           {"https://openai.azure.com", false},
                                           {"https://ropenai.azure.com", false},
                                           {"https://r.azure.com", false},
                                           {"http://vm.westeurope.cloudapp.azure.com", false},
                                           {"https://vm.westeurope.cloudapp.azure.com", false},
                                           {"https://r.openai.azure.com.evil.example", false},
                                           {"https://r.openai.azure.community", false},
                                           {"http://127.0.0.1:1", false}}) {
    provider_options options;
    options.provider = "mine";
    options.kind = "azure";
    options.base_url = base_url;
    const auto config =
        made(options, {{"AZURE_OPENAI_API_KEY", "azure-key"}, {"AZURE_OPENAI_AD_TOKEN", "azure-token"}});
    ASSERT_TRUE(config.has_value()) << base_url;
    EXPECT_EQ(config->fields.get("api-key"), gets_key ? "azure-key" : "") << base_url;
    EXPECT_EQ(config->fields.get("Authorization"), "") << base_url;
  }
}

TEST(known_providers, give_no_key_to_their_own_host_over_plain_http) {
  for (const auto& [id, url] : {std::pair{"openai", "http://api.openai.com/v1"},
                                {"anthropic", "http://api.anthropic.com"},
                                {"google", "http://generativelanguage.googleapis.com"}}) {
    provider_options options;
    options.provider = "mine";
    options.kind = id;
    options.base_url = url;
    const auto config =
        made(options, {{"OPENAI_API_KEY", "k-1"}, {"ANTHROPIC_API_KEY", "k-1"}, {"GOOGLE_API_KEY", "k-1"}});
    ASSERT_TRUE(config.has_value()) << url;
    for (const auto& [name, value] : config->fields)
      EXPECT_EQ(value.find("k-1"), std::string::npos) << url;
  }
}

TEST(known_providers, put_azures_deployment_into_the_url_only_of_what_is_below_one) {
  provider_options options;
  options.provider = "azure";
  options.base_url = "https://r.openai.azure.com";
  const variable_map values{{"AZURE_OPENAI_API_KEY", "k"}, {"OPENAI_API_VERSION", "2024-10-21"}};
  auto chat = testing::ask("a");
  chat.model = "d";
  const embed_request texts{.model = "e", .input = {"a"}};
  for (const auto api : {openai_api::chat_completions, openai_api::responses}) {
    options.api = api;
    const auto config = made(options, values);
    EXPECT_EQ(encode_models(*config, {})->url, "https://r.openai.azure.com/openai/models?api-version=2024-10-21");
    EXPECT_EQ(encode_embed(*config, texts)->url,
              "https://r.openai.azure.com/openai/deployments/e/embeddings?api-version=2024-10-21");
  }
  const auto request = encode_chat(*made(options, values), chat, delivery::whole);
  EXPECT_EQ(request->url, "https://r.openai.azure.com/openai/responses?api-version=2024-10-21");
  EXPECT_EQ(testing::parsed(std::get<std::string>(request->body)).at("model"), "d");
}

TEST(known_providers, understand_every_form_of_ollamas_host) {
  EXPECT_EQ(ollama_base("localhost"), "http://localhost:11434/v1");
  EXPECT_EQ(ollama_base("10.0.0.7:9999"), "http://10.0.0.7:9999/v1");
  EXPECT_EQ(ollama_base(":9999"), "http://127.0.0.1:9999/v1");
  EXPECT_EQ(ollama_base("0.0.0.0"), "http://127.0.0.1:11434/v1");
  EXPECT_EQ(ollama_base("[::1]"), "http://[::1]:11434/v1");
  EXPECT_EQ(ollama_base("[::1]:9999"), "http://[::1]:9999/v1");
  EXPECT_EQ(ollama_base("https://ollama.test/"), "https://ollama.test/v1");
  EXPECT_EQ(ollama_base("http://ollama.test:1/x"), "http://ollama.test:1/x/v1");
  EXPECT_EQ(ollama_base("http://ollama.test/v1"), "http://ollama.test/v1");
  EXPECT_EQ(made("ollama", {{"OLLAMA_HOST", "host.test"}})->base, "http://host.test:11434/v1");
}

TEST(known_providers, lend_their_kind_to_other_ids_but_their_key_only_at_home) {
  provider_options options;
  options.provider = "claude-batch";
  options.kind = "anthropic";
  const variable_map values{{"ANTHROPIC_API_KEY", "anthropics"}};
  EXPECT_EQ(made(options, values)->fields.get("x-api-key"), "anthropics");
  options.base_url = "https://elsewhere.test";
  const auto elsewhere = made(options, values);
  ASSERT_TRUE(elsewhere) << elsewhere.error().message;
  EXPECT_EQ(elsewhere->api, wire_api::anthropic);
  EXPECT_FALSE(elsewhere->fields.contains("x-api-key"));
  EXPECT_EQ(made(options, {{"CLAUDE_BATCH_API_KEY", "own"}})->fields.get("x-api-key"), "own");
  options.kind = "no-such";
  EXPECT_EQ(made(options).error().code, errc::invalid_option);
}

TEST(known_providers, are_recognised_by_where_they_are) {
  provider_options options;
  options.provider = "mine";
  options.base_url = "https://generativelanguage.googleapis.com/v1beta/openai";
  EXPECT_EQ(made(options, {{"GEMINI_API_KEY", "k-1234"}})->api, wire_api::chat_completions);
  options.base_url = "https://generativelanguage.googleapis.com/v1beta";
  EXPECT_EQ(made(options, {{"GEMINI_API_KEY", "k-1234"}})->api, wire_api::gemini);
  for (const auto* elsewhere : {"https://api.openai.com.evil.test/v1", "https://api.openai.co",
                                "https://api.openai.co/m/v1", "http://api.openai.com/v1"}) {
    options.base_url = elsewhere;
    EXPECT_FALSE(made(options, {{"OPENAI_API_KEY", "k-1234"}})->fields.contains("authorization")) << elsewhere;
  }
}

TEST(known_providers, differ_in_the_names_of_options) {
  auto chat = testing::ask("a");
  chat.model = "m";
  chat.max_tokens = 5;
  chat.seed = 7;
  const auto body = [&](const std::string& provider) {
    return testing::parsed(testing::sent(testing::config_of(provider), chat, delivery::streamed)).as_object();
  };
  EXPECT_TRUE(body("openai").contains("max_completion_tokens"));
  EXPECT_TRUE(body("openai").contains("stream_options"));
  EXPECT_TRUE(body("groq").contains("max_completion_tokens"));
  EXPECT_TRUE(body("deepseek").contains("max_tokens"));
  EXPECT_TRUE(body("deepseek").contains("seed"));
  const auto mistral = body("mistral");
  EXPECT_TRUE(mistral.contains("random_seed"));
  EXPECT_FALSE(mistral.contains("seed"));
  EXPECT_FALSE(mistral.contains("stream_options"));
}

}  // namespace
}  // namespace warmwire::providers::known_providers_test
