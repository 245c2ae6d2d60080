#include "providers/provider_config.hpp"

#include "providers/calls.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace warmwire::providers::provider_config_test {
namespace {

using namespace std::string_literals;

using variable_map = std::map<std::string, std::string>;

environment environment_of(variable_map values) {
  return [values = std::move(values)](const char* name) -> const char* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

result<provider_config> config_of(const client_options& options, variable_map values = {}) {
  return make_provider_config(own_provider(options), environment_of(std::move(values)));
}

std::string chat_url(const provider_config& config) {
  return url_of(config, "/chat/completions", {});
}

client_options with_key() {
  client_options options;
  options.api_key = secret("sk-option-key");
  return options;
}

client_options at(const std::string& base_url) {
  auto options = with_key();
  options.base_url = base_url;
  return options;
}

TEST(provider_config, talks_to_openai_with_the_key_of_the_environment) {
  const auto config = config_of({}, {{"OPENAI_API_KEY", "sk-from-environment"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->provider, "openai");
  EXPECT_EQ(chat_url(*config), "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(config->default_model, "gpt-5-mini");
  EXPECT_EQ(config->fields.get("authorization"), "Bearer sk-from-environment");
  EXPECT_EQ(config->fields.get("content-type"), "application/json");
  EXPECT_EQ(config->fields.get("accept"), "application/json");
  EXPECT_EQ(config->fields.size(), 3U);
}

TEST(provider_config, reads_every_variable) {
  const auto config = config_of({}, {{"OPENAI_API_KEY", "sk-1234"},
                                     {"OPENAI_BASE_URL", "https://gateway.test/openai/"},
                                     {"OPENAI_ORG_ID", "org-1"},
                                     {"OPENAI_PROJECT_ID", "proj-1"},
                                     {"OPENAI_CUSTOM_HEADERS", "X-Team: search: a\r\n\n X-Cost :7"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(chat_url(*config), "https://gateway.test/openai/chat/completions");
  EXPECT_EQ(config->fields.get("OpenAI-Organization"), "org-1");
  EXPECT_EQ(config->fields.get("OpenAI-Project"), "proj-1");
  EXPECT_EQ(config->fields.get("x-team"), "search: a");
  EXPECT_EQ(config->fields.get("x-cost"), "7");
}

TEST(provider_config, takes_an_empty_variable_for_an_unset_one) {
  const auto config = config_of(with_key(), {{"OPENAI_BASE_URL", ""}, {"OPENAI_ORG_ID", " "}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(chat_url(*config), "https://api.openai.com/v1/chat/completions");
  EXPECT_FALSE(config->fields.contains("OpenAI-Organization"));
}

TEST(provider_config, lets_options_win_over_the_environment) {
  auto options = at("http://127.0.0.1:8000/v1");
  options.extra_headers = {{"X-Team", "options"}, {"accept", "*/*"}};
  const auto config = config_of(options, {{"OPENAI_API_KEY", "sk-environment"},
                                          {"OPENAI_BASE_URL", "https://elsewhere.test"},
                                          {"OPENAI_CUSTOM_HEADERS", "x-team: environment"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(chat_url(*config), "http://127.0.0.1:8000/v1/chat/completions");
  EXPECT_EQ(config->fields.get("Authorization"), "Bearer sk-option-key");
  EXPECT_EQ(config->fields.get("x-team"), "options");
  EXPECT_EQ(config->fields.get("accept"), "*/*");
  EXPECT_EQ(config->fields.size(), 4U);
}

TEST(provider_config, says_which_variable_holds_the_missing_key) {
  const auto config = config_of({});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, errc::missing_api_key);
  EXPECT_NE(config.error().message.find("OPENAI_API_KEY"), std::string::npos) << config.error().message;
}

TEST(provider_config, needs_no_key_for_any_other_server) {
  const auto config = config_of({}, {{"OPENAI_BASE_URL", "http://localhost:11434/v1"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_FALSE(config->fields.contains("Authorization"));
}

TEST(provider_config, takes_a_custom_authorization_for_a_key) {
  client_options options;
  options.extra_headers = {{"authorization", "Bearer from-elsewhere"}};
  const auto config = config_of(options);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->redact("got from-elsewhere"), "got [redacted]");
}

TEST(provider_config, reads_variables_of_another_providers_own_name_and_never_sends_it_openais_key) {
  client_options options;
  options.provider = "my-groq";
  const variable_map all{{"OPENAI_API_KEY", "sk-openai"},   {"OPENAI_ORG_ID", "org-openai"},
                         {"MY_GROQ_API_KEY", "gsk-groq"},   {"MY_GROQ_BASE_URL", "https://api.groq.test/v1"},
                         {"OPENAI_CUSTOM_HEADERS", "a: b"}, {"OPENAI_BASE_URL", "https://elsewhere.test"}};
  const auto config = config_of(options, all);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->provider, "my-groq");
  EXPECT_EQ(chat_url(*config), "https://api.groq.test/v1/chat/completions");
  EXPECT_EQ(config->fields.get("Authorization"), "Bearer gsk-groq");
  EXPECT_EQ(config->fields.size(), 3U);

  options.base_url = "https://other.test/v1";
  const auto without_key = config_of(options, {{"OPENAI_API_KEY", "sk-openai"}});
  ASSERT_TRUE(without_key) << without_key.error().message;
  EXPECT_FALSE(without_key->fields.contains("Authorization"));
}

TEST(provider_config, gives_a_second_pool_to_openai_the_same_key) {
  client_options options;
  options.provider = "openai-batch";
  options.base_url = "https://API.openai.com/v1";
  const auto config = config_of(options, {{"OPENAI_API_KEY", "sk-openai"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->fields.get("Authorization"), "Bearer sk-openai");

  const auto without = config_of(options);
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message.find("OPENAI_BATCH_API_KEY or OPENAI_API_KEY"), std::string::npos)
      << without.error().message;
}

TEST(provider_config, demands_a_base_url_for_another_provider) {
  auto options = with_key();
  options.provider = "my-server";
  const auto config = config_of(options, {{"OPENAI_BASE_URL", "https://elsewhere.test"}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, errc::invalid_option);
  EXPECT_NE(config.error().message.find("MY_SERVER_BASE_URL"), std::string::npos) << config.error().message;
}

TEST(provider_config, appends_to_the_path_of_the_base_url_and_keeps_its_query) {
  EXPECT_EQ(chat_url(config_of(at("https://a.test")).value()), "https://a.test/chat/completions");
  EXPECT_EQ(chat_url(config_of(at("https://a.test//")).value()), "https://a.test/chat/completions");
  EXPECT_EQ(chat_url(config_of(at("http://[::1]:8000/x%20y/#part")).value()),
            "http://[::1]:8000/x%20y/chat/completions");
  EXPECT_EQ(chat_url(config_of(at("https://a.test/deployments/d/?api-version=1")).value()),
            "https://a.test/deployments/d/chat/completions?api-version=1");
}

TEST(provider_config, refuses_base_urls_that_lead_nowhere) {
  EXPECT_EQ(config_of(at("api.openai.com/v1")).error().code, errc::invalid_url);
  EXPECT_EQ(config_of(at("https://")).error().code, errc::invalid_url);
  EXPECT_EQ(config_of(at("https:///v1")).error().code, errc::invalid_url);
  EXPECT_EQ(config_of(at("https://a b/")).error().code, errc::invalid_url);
  EXPECT_EQ(config_of(at("ftp://a.test/")).error().code, errc::unsupported_scheme);
}

TEST(provider_config, shows_no_credentials_of_a_wrong_base_url) {
  for (const auto* url : {"https://user:hunter2@a.test/v1", "a.test/v1?key=hunter2", "ftp://a.test/?key=hunter2",
                          "https://user:hunter2@a b/"}) {
    const auto config = config_of(at(url));
    ASSERT_FALSE(config) << url;
    EXPECT_EQ(config.error().message.find("hunter2"), std::string::npos) << config.error().message;
  }
}

TEST(provider_config, forgives_blanks_around_the_key_but_none_in_it) {
  EXPECT_EQ(config_of({}, {{"OPENAI_API_KEY", " sk-1234\n"}})->fields.get("Authorization"), "Bearer sk-1234");
  for (const auto* key : {"sk-12\n34", "sk-12 34", "sk-12\xc3\xa4", "sk-12\x01"}) {
    const auto config = config_of({}, {{"OPENAI_API_KEY", key}});
    ASSERT_FALSE(config) << key;
    EXPECT_EQ(config.error().code, errc::invalid_option);
    EXPECT_NE(config.error().message.find("api_key"), std::string::npos);
    EXPECT_EQ(config.error().message.find("sk-12"), std::string::npos) << config.error().message;
  }
}

TEST(provider_config, names_the_line_of_a_wrong_custom_header_but_does_not_show_it) {
  const auto config = config_of(with_key(), {{"OPENAI_CUSTOM_HEADERS", "good: 1\nsecret-without-colon"}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, errc::invalid_header);
  EXPECT_NE(config.error().message.find("OPENAI_CUSTOM_HEADERS, line 2"), std::string::npos) << config.error().message;
  EXPECT_EQ(config.error().message.find("secret-without"), std::string::npos) << config.error().message;
}

TEST(provider_config, refuses_headers_that_would_smuggle_others_and_shows_no_value) {
  const auto refused = [](const headers& fields, variable_map values = {}) {
    auto options = with_key();
    options.extra_headers = fields;
    const auto config = config_of(options, std::move(values));
    EXPECT_FALSE(config);
    if (config) return std::string();
    EXPECT_EQ(config.error().code, errc::invalid_header);
    return config.error().message;
  };
  for (const std::string& value : {"hunter2\r\nX-Evil: 1"s, "hunter2\nX-Evil: 1"s, "hunter2\rX"s, "hunter2\0"s})
    EXPECT_EQ(refused({{"X-Team", value}}), "extra_headers: the value of X-Team holds a control character");
  for (const auto* name : {"X Team", "X-Team:", "X-Te\nam", "", "X-T\xc3\xa4m"})
    EXPECT_EQ(refused({{"X-Good", "1"}, {name, "hunter2"}}), "extra_headers: the name of header 2 is not a token");
  EXPECT_EQ(refused({}, {{"OPENAI_CUSTOM_HEADERS", "X-Good: 1\nX-Team: hunter2\rX-Evil: 1"}}),
            "OPENAI_CUSTOM_HEADERS: the value of X-Team holds a control character");
  EXPECT_EQ(refused({}, {{"OPENAI_CUSTOM_HEADERS", "X-Good: 1\nX Team: hunter2"}}),
            "OPENAI_CUSTOM_HEADERS: the name of header 2 is not a token");
}

TEST(provider_config, lets_a_key_of_the_options_win_over_credentials_among_the_environments_headers) {
  const auto custom = [](const char* fields) { return variable_map{{"OPENAI_CUSTOM_HEADERS", fields}}; };
  const auto config = config_of(with_key(), custom("authorization: Bearer other\nAPI-Key: other\nX-Team: a"));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->fields.get("Authorization"), "Bearer sk-option-key");
  EXPECT_FALSE(config->fields.contains("api-key"));
  EXPECT_EQ(config->fields.get("x-team"), "a");

  auto values = custom("Authorization: Bearer other");
  values["OPENAI_API_KEY"] = "sk-environment";
  EXPECT_EQ(config_of({}, values)->fields.get("Authorization"), "Bearer other");
  auto options = with_key();
  options.extra_headers = {{"Authorization", "Bearer mine"}};
  EXPECT_EQ(config_of(options, values)->fields.get("Authorization"), "Bearer mine");
}

TEST(provider_config, knows_what_must_not_be_shown) {
  auto options = with_key();
  options.extra_headers = {{"api-key", "azure-key-1"}};
  const auto config = config_of(options);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->redact("sk-option-key azure-key-1"), "[redacted] [redacted]");
}

TEST(provider_config, knows_the_secrets_in_a_base_url_and_in_basic_credentials) {
  auto options = with_key();
  options.base_url = "https://gateway.test/v1?API_Key=se%2Fcret-1&sig=abcd-1234&deployment=my-model&code=1234-abcd";
  options.extra_headers = {{"Authorization", "Basic dXNlcjpwYXNzd29yZC0x"}};
  const auto config = config_of(options);
  ASSERT_TRUE(config) << config.error().message;
  for (const auto* text :
       {"se/cret-1", "se%2Fcret-1", "se%2fcret-1", "abcd-1234", "1234-abcd", "password-1", "dXNlcjpwYXNzd29yZC0x"}) {
    EXPECT_EQ(config->redact(text), "[redacted]") << text;
  }
  EXPECT_EQ(config->redact("my-model"), "my-model");
}

TEST(provider_config, names_the_headers_that_repeat_the_key) {
  auto options = with_key();
  options.extra_headers = {{"X-Gateway", "key=sk-option-key"}, {"X-Title", "my program"}};
  const auto config = config_of(options);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->secret_headers, std::vector<std::string>{"X-Gateway"});
  EXPECT_EQ(encode_models(*config, {})->secret_headers, config->secret_headers);
}

}  // namespace
}  // namespace warmwire::providers::provider_config_test
