#include "http/url.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <random>
#include <string>

namespace warmwire::http::url_test {
namespace {

struct good_url {
  std::string text;
  std::string origin;
  std::string host;
  int port;
  std::string target;
};

std::ostream& operator<<(std::ostream& out, const good_url& value) {
  return out << value.text;
}

class a_good_url : public testing::TestWithParam<good_url> {};

TEST_P(a_good_url, is_taken_apart) {
  const auto& expected = GetParam();
  const auto parts = parse_url(expected.text);
  ASSERT_TRUE(parts.has_value()) << parts.error().to_string();
  EXPECT_EQ(parts->origin(), expected.origin);
  EXPECT_EQ(parts->host, expected.host);
  EXPECT_EQ(parts->port, expected.port);
  EXPECT_EQ(parts->target, expected.target);
}

INSTANTIATE_TEST_SUITE_P(
    url, a_good_url,
    testing::Values(
        good_url{"https://api.example.com/v1/chat", "https://api.example.com", "api.example.com", 443, "/v1/chat"},
        good_url{"http://api.example.com", "http://api.example.com", "api.example.com", 80, "/"},
        good_url{"HTTPS://API.Example.COM/V1", "https://api.example.com", "api.example.com", 443, "/V1"},
        good_url{"https://h:443/", "https://h", "h", 443, "/"}, good_url{"https://h:80/", "https://h:80", "h", 80, "/"},
        good_url{"http://h:443/", "http://h:443", "h", 443, "/"}, good_url{"http://h:/p", "http://h", "h", 80, "/p"},
        good_url{"http://h:00080/p", "http://h", "h", 80, "/p"},
        good_url{"http://h:65535/", "http://h:65535", "h", 65535, "/"},
        good_url{"http://h?q=1", "http://h", "h", 80, "/?q=1"},
        good_url{"http://h/a?q=a%20b&c=/#part", "http://h", "h", 80, "/a?q=a%20b&c=/"},
        good_url{"http://h#part", "http://h", "h", 80, "/"},
        good_url{"http://127.0.0.1:8080/", "http://127.0.0.1:8080", "127.0.0.1", 8080, "/"},
        good_url{"https://[::1]:8443/x", "https://[::1]:8443", "::1", 8443, "/x"},
        good_url{"https://[2001:DB8::1]/", "https://[2001:db8::1]", "2001:db8::1", 443, "/"},
        good_url{"http://127.0.0.1.example.com/p", "http://127.0.0.1.example.com", "127.0.0.1.example.com", 80, "/p"},
        good_url{"http://h/?a=b?c/d", "http://h", "h", 80, "/?a=b?c/d"},
        good_url{"http://my_host.internal./", "http://my_host.internal.", "my_host.internal.", 80, "/"},
        good_url{"http://h//a/../b", "http://h", "h", 80, "//a/../b"}));

struct bad_url {
  std::string text;
  errc code;
  std::string says;
};

std::ostream& operator<<(std::ostream& out, const bad_url& value) {
  return out << value.text.substr(0, 40);
}

class a_bad_url : public testing::TestWithParam<bad_url> {};

TEST_P(a_bad_url, is_refused_with_the_reason) {
  const auto parts = parse_url(GetParam().text);
  ASSERT_FALSE(parts.has_value());
  EXPECT_EQ(parts.error().code, GetParam().code) << parts.error().to_string();
  EXPECT_NE(parts.error().message.find(GetParam().says), std::string::npos) << parts.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    url, a_bad_url,
    testing::Values(
        bad_url{"", errc::invalid_url, "is empty"}, bad_url{"/v1/chat", errc::invalid_url, "not absolute"},
        bad_url{"api.example.com/v1", errc::invalid_url, "not absolute"},
        bad_url{"http:///v1", errc::invalid_url, "no host"}, bad_url{"http://:80/", errc::invalid_url, "no host"},
        bad_url{"http:/h", errc::invalid_url, "no host"}, bad_url{"https://./", errc::invalid_url, "empty part"},
        bad_url{"https://../", errc::invalid_url, "empty part"},
        bad_url{"https://.h/", errc::invalid_url, "empty part"},
        bad_url{"https://a..b:443/", errc::invalid_url, "empty part"},
        bad_url{"https:api.example.com", errc::invalid_url, "no host"},
        bad_url{"http://h:65536/", errc::invalid_url, "port"}, bad_url{"http://h:0/", errc::invalid_url, "port"},
        bad_url{"http://h:99999999999999999999/", errc::invalid_url, "port"},
        bad_url{"http://h:8a/", errc::invalid_url, "port"}, bad_url{"http://h:8:9/", errc::invalid_url, "port"},
        bad_url{"http://[::1]x/", errc::invalid_url, "after its host"},
        bad_url{"http://[h]/", errc::invalid_url, "no IPv6"}, bad_url{"http://h/%zz", errc::invalid_url, "%XX"},
        bad_url{"http://h/?a=[b]", errc::invalid_url, "%XX"}, bad_url{":http://h/", errc::invalid_url, "not absolute"},
        bad_url{"9://h/", errc::invalid_url, "not absolute"}, bad_url{"http://h/a b", errc::invalid_url, "position 11"},
        bad_url{"http://h/a\r\nX: y", errc::invalid_url, "position 11"},
        bad_url{"http://h/a\tb", errc::invalid_url, "position 11"},
        bad_url{std::string("http://h/\0", 10), errc::invalid_url, "position 10"},
        bad_url{"http://h\x7f/", errc::invalid_url, "position 9"},
        bad_url{"http://h/\xc3\xa9", errc::invalid_url, "%XX"},
        bad_url{"http://h%00.com/", errc::invalid_url, "characters other than"},
        bad_url{"http://a%2Fb/", errc::invalid_url, "characters other than"},
        bad_url{"http://h%C3%A9/", errc::invalid_url, "xn--"},
        bad_url{"http://h,x/", errc::invalid_url, "characters other than"},
        bad_url{"http://[v1.x]/", errc::invalid_url, "no IPv6"},
        bad_url{"http://[::1/", errc::invalid_url, "closing bracket"},
        bad_url{"http://" + std::string(254, 'a') + "/", errc::invalid_url, "253"},
        bad_url{"http://h/" + std::string(max_url_bytes, 'a'), errc::invalid_url, "64 KiB"},
        bad_url{"ftp://h/", errc::unsupported_scheme, "neither http nor https"},
        bad_url{"file:///etc/passwd", errc::unsupported_scheme, "neither http nor https"},
        bad_url{"wss://h/", errc::unsupported_scheme, "neither http nor https"}));

TEST(url, of_64_kib_is_taken) {
  const std::string start = "http://h/";
  EXPECT_TRUE(parse_url(start + std::string(max_url_bytes - start.size(), 'a')).has_value());
}

TEST(url, credentials_are_refused_and_not_repeated) {
  for (const auto* text : {"https://user:hunter2@h/", "https://hunter2@h/", "https://:hunter2@h/"}) {
    const auto parts = parse_url(text);
    ASSERT_FALSE(parts.has_value()) << text;
    EXPECT_EQ(parts.error().code, errc::invalid_url);
    EXPECT_NE(parts.error().message.find("credentials"), std::string::npos);
    EXPECT_EQ(parts.error().message.find("hunter2"), std::string::npos);
  }
}

TEST(url, an_error_never_repeats_path_or_query) {
  for (const auto* text : {"http://h/s3cret?key=s3cret x", "http:///s3cret", "http://h:0/?key=s3cret", "s3cret://h/"}) {
    const auto parts = parse_url(text);
    ASSERT_FALSE(parts.has_value()) << text;
    EXPECT_EQ(parts.error().to_string().find("s3cret"), std::string::npos) << text;
  }
}

/// Whatever comes in, what comes out is fit for a request line and a Host field.
TEST(url, random_bytes_never_yield_parts_that_break_a_request) {
  std::mt19937 random(20261101);
  const std::string alphabet = "https://[]:@%?#.aZ09-_ \r\n\t\0\x7f\xc3\xa9,;\\\"'";
  std::size_t taken = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = round % 2 == 0 ? "http://" : "";
    const auto size = random() % 24;
    for (std::size_t i = 0; i < size; ++i) {
      text += random() % 8 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    }
    const auto parts = parse_url(text);
    if (!parts) continue;
    ++taken;
    const auto is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
    ASSERT_TRUE(parts->target.starts_with('/') && std::all_of(parts->target.begin(), parts->target.end(), is_plain))
        << text;
    ASSERT_FALSE(parts->host.empty());
    ASSERT_EQ(parts->authority.find_first_of("@/?#\\ "), std::string::npos) << text;
    ASSERT_NE(parts->port, 0);
    const auto again = parse_url(parts->origin() + parts->target);
    ASSERT_TRUE(again.has_value()) << text;
    ASSERT_EQ(again->target, parts->target);
    ASSERT_EQ(again->host, parts->host);
  }
  EXPECT_GT(taken, 1000U);
}

}  // namespace
}  // namespace warmwire::http::url_test
