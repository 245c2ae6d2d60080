#include "text/redactor.hpp"

#include "text/base64.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// What a server may do to a key before it says it again.
using escape = std::function<std::string(std::string)>;

enum class digits : std::uint8_t { decimal, lower_hex, upper_hex };

/// Each character as a number between `before` and `after`.
std::string each_as(std::string_view text, std::string_view before, digits how, std::string_view after = {}) {
  std::string out;
  for (const char c : text) {
    std::array<char, 8> number{};
    const auto code = static_cast<unsigned>(static_cast<unsigned char>(c));
    if (how == digits::decimal) std::snprintf(number.data(), number.size(), "%u", code);
    if (how == digits::lower_hex) std::snprintf(number.data(), number.size(), "%02x", code);
    if (how == digits::upper_hex) std::snprintf(number.data(), number.size(), "%02X", code);
    out.append(before).append(number.data()).append(after);
  }
  return out;
}

std::string in_base64(std::string_view text) {
  std::string out;
  append_base64(out, text);
  return out;
}

std::string as_in_urls(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (text.ends_with('='))
    text.pop_back();
  return text;
}

std::vector<std::pair<std::string, escape>> escapes() {
  return {
      {"percent, upper case", [](auto text) { return each_as(text, "%", digits::upper_hex); }},
      {"percent, lower case", [](auto text) { return each_as(text, "%", digits::lower_hex); }},
      {"percent, half of it",
       [](auto text) { return text.substr(0, 7) + each_as(text.substr(7), "%", digits::lower_hex); }},
      {"percent, twice", [](auto text) { return each_as(text, "%25", digits::lower_hex); }},
      {"JSON, lower case", [](auto text) { return each_as(text, "\\u00", digits::lower_hex); }},
      {"JSON, upper case", [](auto text) { return each_as(text, "\\u00", digits::upper_hex); }},
      {"JSON in JSON", [](auto text) { return each_as(text, "\\\\u00", digits::lower_hex); }},
      {"a URL in JSON in JSON", [](auto text) { return each_as(text, "\\\\u0025", digits::lower_hex); }},
      {"HTML, decimal", [](auto text) { return each_as(text, "&#", digits::decimal, ";"); }},
      {"HTML, hexadecimal", [](auto text) { return each_as(text, "&#x", digits::upper_hex, ";"); }},
      {"base64", in_base64},
      {"base64, as a password", [](auto text) { return in_base64("user:" + text); }},
      {"base64, as a user", [](auto text) { return in_base64(text + ":"); }},
      {"base64, in a header", [](auto text) { return in_base64("Bearer " + text + "\r\n"); }},
      {"base64 for URLs", [](auto text) { return as_in_urls(in_base64("user:" + text)); }},
      {"base64 in a URL", [](auto text) { return each_as(in_base64(text), "%", digits::upper_hex); }},
  };
}

TEST(redactor, takes_out_the_key_however_it_is_escaped) {
  for (const std::string secret_text : {key, "sk-12345678", "a b&c<d>\"e'/f\\g%h+i", "AKIAIOSFODNN7EXAMPLE/+="}) {
    const auto redact = knowing(secret_text);
    for (const auto& [name, escaped] : escapes()) {
      const auto text = escaped(secret_text);
      EXPECT_EQ(redact("the key '" + text + "' is wrong"), "the key '[redacted]' is wrong") << name << ": " << text;
      EXPECT_EQ(redact(text), "[redacted]") << name << ": " << text;
    }
  }
}

TEST(redactor, takes_out_an_escaped_key_that_is_cut_off_at_the_end) {
  const std::string whole = "sk-0123456789abcdef";
  const auto redact = knowing(whole);
  for (const auto& [name, escaped] : escapes()) {
    if (name.find("user") != std::string::npos || name.find("password") != std::string::npos) continue;
    const auto text = escaped(whole);
    const auto begun = escaped(whole.substr(0, 12)).size();
    for (auto length = begun; length < text.size(); ++length) {
      const auto shown = redact("key " + text.substr(0, length));
      EXPECT_EQ(shown, "key [redacted]") << name << ", cut off after " << length;
    }
  }
}

TEST(redactor, leaves_texts_alone_that_only_look_escaped) {
  const auto redact = knowing("sk-12345678");
  for (const std::string text : {"100 % of 5%", "%zz %2", "\\", "\\u12", "\\q", "&amp;&unknown;&#;&#x;&#99999;",
                                 "c3Q=", "a%20b&lt;c\\/d", "%%%"}) {
    EXPECT_EQ(redact(text), text);
  }
}

TEST(redactor, shows_one_printable_line_of_the_wanted_length_without_secrets) {
  const auto redact = knowing("sk-12345678");
  EXPECT_EQ(redact.shown("a\x1b[2J\nb sk-12345678 c", 100), "a [2J b [redacted] c");
  EXPECT_EQ(redact.shown(std::string(100'000, 'x'), 10), "xxxxxxxxx…");
  EXPECT_EQ(redact.shown("12345 sk-12345678", 12), "12345 [reda…") << "never the key's own beginning";
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
  reason.message = "two\nlines\x1b[2J";
  reason.request_id =
      "\xc2\x9b"
      "2J";
  EXPECT_EQ(redactor()(reason).message, "two lines [2J");
  EXPECT_EQ(redactor()(reason).request_id, "2J");
}

}  // namespace
}  // namespace warmwire::text::redactor_test
