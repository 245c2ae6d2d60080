// Which fields are secrets, by name, by what the caller says and by what they hold.
#include "http/credentials.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace warmwire::http::credentials_test {
namespace {

struct field_case {
  std::string name;
  bool is_credential;
  bool is_kept_out;
};

TEST(credentials, are_known_by_name_in_any_case) {
  const std::vector<field_case> cases{
      {"Authorization", true, true},
      {"PROXY-AUTHORIZATION", true, true},
      {"Cookie", true, true},
      {"x-api-key", true, true},
      {"X-Goog-Api-Key", true, true},
      {"api-key", true, true},
      {"Ocp-Apim-Subscription-Key", true, true},
      {"x-auth-token", true, true},
      {"X-Amz-Security-Token", true, true},
      {"cf-aig-authorization", false, true},
      {"Helicone-Auth", false, true},
      {"X-Client-Secret", false, true},
      {"Idempotency-Key", false, true},
      {"X-Session-Id", false, true},
      {"Content-Type", false, false},
      {"User-Agent", false, false},
      {"OpenAI-Organization", false, false},
      {"anthropic-version", false, false},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(is_credential(each.name), each.is_credential) << each.name;
    EXPECT_EQ(secret_fields({}, {}).holds(each.name, "some value"), each.is_kept_out) << each.name;
  }
}

TEST(credentials, are_known_by_the_callers_word) {
  const std::vector<std::string> names{"X-Mine"};
  EXPECT_TRUE(has_credential({{"x-mine", "v"}}, names));
  EXPECT_FALSE(has_credential({{"x-other", "v"}}, names));
  EXPECT_TRUE(has_credential({{"cookie", "v"}}, {}));
  EXPECT_TRUE(secret_fields({}, names).holds("x-mine", "v"));
}

TEST(credentials, are_known_by_what_they_hold) {
  for (const auto* authorization : {"Bearer sk-12345678", "  sk-12345678 ", "Bearer   sk-12345678"}) {
    const headers fields{{"Authorization", authorization}};
    const secret_fields secrets(fields, {});
    EXPECT_TRUE(secrets.holds("x-copy", "sk-12345678")) << authorization;
    EXPECT_TRUE(secrets.holds("x-copy", "id=1;k=sk-12345678;")) << authorization;
    EXPECT_FALSE(secrets.holds("x-copy", "Bearer")) << authorization;
  }
  const headers short_one{{"Authorization", "k"}};
  EXPECT_FALSE(secret_fields(short_one, {}).holds("x-other", "k k k")) << "by chance";
}

}  // namespace
}  // namespace warmwire::http::credentials_test
