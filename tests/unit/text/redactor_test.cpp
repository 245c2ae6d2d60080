#include "text/redactor.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::text::redactor_test {
namespace {

constexpr auto key = "sk-proj-AbC/123+xyz\"9876";

redactor knowing(const std::string& text) {
  redactor out;
  out.add(secret(text));
  return out;
}

TEST(redactor, takes_out_every_occurrence) {
  EXPECT_EQ(knowing("sk-12345")("no sk-12345, nor sk-12345!"), "no [redacted], nor [redacted]!");
}

TEST(redactor, takes_out_the_key_escaped_for_json_and_for_a_url) {
  const auto redact = knowing(key);
  EXPECT_EQ(redact(R"({"key":"sk-proj-AbC\/123+xyz\"9876"})"), R"({"key":"[redacted]"})");
  EXPECT_EQ(redact("/login?key=sk-proj-AbC%2F123%2Bxyz%229876&a=b"), "/login?key=[redacted]&a=b");
}

TEST(redactor, takes_out_a_key_that_is_cut_off_at_the_end) {
  EXPECT_EQ(knowing(key)("wrong key sk-proj-AbC/12"), "wrong key [redacted]");
  EXPECT_EQ(knowing(key)("keys begin with sk-pro"), "keys begin with sk-pro");
}

// Replacing in place would move the rest of the text for each of them: minutes, not milliseconds.
TEST(redactor, takes_a_long_text_of_nothing_but_keys_in_one_pass) {
  constexpr std::size_t count = std::size_t{4 << 20} / 8;
  std::string text;
  std::string expected;
  for (std::size_t i = 0; i < count; ++i) {
    text += "sk-12345";
    expected += "[redacted]";
  }
  EXPECT_TRUE(knowing("sk-12345")(text) == expected);
  EXPECT_TRUE(knowing("sk-12345")(text + "sk-1") == expected + "sk-1");
}

TEST(redactor, finds_the_longest_beginning_of_a_key_at_the_end) {
  const auto redact = knowing("abababababX-and-more");
  EXPECT_EQ(redact("-ababababab"), "-[redacted]");
  EXPECT_EQ(redact("-abababababab"), "-ab[redacted]");
  EXPECT_EQ(redact("-abababababX-and"), "-[redacted]");
  EXPECT_EQ(redact("-abababa"), "-abababa");
  EXPECT_EQ(redact("abababababX-and-mor"), "[redacted]");
  EXPECT_EQ(redact("abababababX-and-morE"), "abababababX-and-morE");
  // Trying each length in turn would compare some 8 TiB.
  const std::string great(std::size_t{4} << 20, 'a');
  const auto greatly = knowing(great + "b");
  EXPECT_TRUE(greatly(great) == "[redacted]");
  EXPECT_TRUE(greatly(great.substr(1) + "c") == great.substr(1) + "c");
}

TEST(redactor, knows_several_secrets_also_when_one_is_a_part_of_another) {
  redactor redact;
  redact.add(secret("token-1"));
  redact.add(secret("Bearer token-1"));
  EXPECT_EQ(redact("Bearer token-1 and token-1"), "[redacted] and [redacted]");
}

TEST(redactor, leaves_texts_alone_that_are_too_short_to_be_secret) {
  EXPECT_EQ(knowing("key")("the key is wrong"), "the key is wrong");
  EXPECT_EQ(knowing("")("the key is wrong"), "the key is wrong");
}

TEST(redactor, cleans_every_text_of_an_error) {
  error reason;
  reason.message = "message sk-12345";
  reason.provider_type = "type sk-12345";
  reason.provider_code = "code sk-12345";
  reason.request_id = "id sk-12345";
  const auto clean = knowing("sk-12345")(reason);
  EXPECT_EQ(clean.message, "message [redacted]");
  EXPECT_EQ(clean.provider_type, "type [redacted]");
  EXPECT_EQ(clean.provider_code, "code [redacted]");
  EXPECT_EQ(clean.request_id, "id [redacted]");
}

}  // namespace
}  // namespace warmwire::text::redactor_test
