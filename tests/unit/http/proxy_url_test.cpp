#include "http/proxy_url.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace warmwire::http::proxy_url_test {
namespace {

struct good_proxy {
  std::string text;
  std::string shown;
  std::string user{};
  std::string password{};
};

std::ostream& operator<<(std::ostream& out, const good_proxy& value) {
  return out << value.shown;
}

class a_good_proxy : public testing::TestWithParam<good_proxy> {};

TEST_P(a_good_proxy, is_taken_apart) {
  const auto& expected = GetParam();
  const auto parsed = parse_proxy(expected.text, "proxy.url");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().to_string();
  EXPECT_EQ(parsed->to_string(), expected.shown);
  EXPECT_EQ(parsed->credentials.has_value(), !expected.user.empty() || !expected.password.empty());
  if (!parsed->credentials) return;
  EXPECT_EQ(parsed->credentials->user, expected.user);
  EXPECT_EQ(parsed->credentials->password.reveal(), expected.password);
}

INSTANTIATE_TEST_SUITE_P(
    proxy_url, a_good_proxy,
    testing::Values(
        good_proxy{"http://proxy.example:3128", "http://proxy.example:3128"},
        good_proxy{"proxy.example:3128", "http://proxy.example:3128"},
        good_proxy{"proxy.example", "http://proxy.example:1080"}, good_proxy{"http://p/", "http://p:1080"},
        good_proxy{"http://p:/", "http://p:1080"}, good_proxy{"http://p:80", "http://p:80"},
        good_proxy{"https://p", "https://p:443"}, good_proxy{"https://p:3129/", "https://p:3129"},
        good_proxy{"HTTPS://P.Example", "https://p.example:443"}, good_proxy{"socks5://p", "socks5://p:1080"},
        good_proxy{"socks://p", "socks5://p:1080"}, good_proxy{"socks5h://p:9050", "socks5h://p:9050"},
        good_proxy{"http://127.0.0.1:3128", "http://127.0.0.1:3128"}, good_proxy{"[::1]:3128", "http://[::1]:3128"},
        good_proxy{"socks5h://[2001:DB8::1]", "socks5h://[2001:db8::1]:1080"},
        good_proxy{"http://user:pass@p:1", "http://p:1", "user", "pass"},
        good_proxy{"user:pass@p:1", "http://p:1", "user", "pass"}, good_proxy{"user@p", "http://p:1080", "user"},
        good_proxy{"http://@p:1", "http://p:1"}, good_proxy{"http://:key@p:1", "http://p:1", "", "key"},
        good_proxy{"http://us%65r:p%40s%3a%2f@p:1", "http://p:1", "user", "p@s:/"},
        good_proxy{"http://user:a@b/c:d@p:1", "http://p:1", "user", "a@b/c:d"},
        good_proxy{"user:http://x@p:1", "http://p:1", "user", "http://x"},
        good_proxy{"socks5://u%00:%ff@p", "socks5://p:1080", std::string("u\0", 2), "\xff"},
        good_proxy{"socks5h://u:@p", "socks5h://p:1080", "u", ""},
        good_proxy{"http://p:3128/path?query#part", "http://p:3128"}));

struct bad_proxy {
  std::string text;
  std::string complaint;
};

std::ostream& operator<<(std::ostream& out, const bad_proxy& value) {
  return out << value.complaint;
}

class a_bad_proxy : public testing::TestWithParam<bad_proxy> {};

TEST_P(a_bad_proxy, is_refused_without_its_credentials) {
  const auto parsed = parse_proxy(GetParam().text, "HTTPS_PROXY");
  ASSERT_TRUE(parsed.has_error());
  EXPECT_EQ(parsed.error().code, errc::invalid_option);
  EXPECT_EQ(parsed.error().message, "HTTPS_PROXY is not a proxy's URL: " + GetParam().complaint);
  EXPECT_EQ(parsed.error().to_string().find("s3cret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    proxy_url, a_bad_proxy,
    testing::Values(bad_proxy{"socks4://u:s3cret@p", "SOCKS4 is not supported, SOCKS5 is"},
                    bad_proxy{"socks4a://p", "SOCKS4 is not supported, SOCKS5 is"},
                    bad_proxy{"ftp://u:s3cret@p", "its scheme is none of http, https, socks5 and socks5h"},
                    bad_proxy{"", "it has no host"}, bad_proxy{"http://", "it has no host"},
                    bad_proxy{"http://u:s3cret@:3128", "it has no host"},
                    bad_proxy{"http://u:s3cret@p:99999", "it has a port outside 1–65535"},
                    bad_proxy{"http://u:s3cret@p:0", "it has a port outside 1–65535"},
                    bad_proxy{"http://p:s3cret", "it has a port outside 1–65535"},
                    bad_proxy{"http://u:s3cret@[::1", "it has an address without its closing bracket"},
                    bad_proxy{"http://u: s3cret@p", "it holds a space or a control character"},
                    bad_proxy{"http://u:s3cret\r\n@p", "it holds a space or a control character"},
                    bad_proxy{"http://u:s3cret%4@p", "its user or password has a % without two hexadecimal digits"},
                    bad_proxy{"http://u:s3cret%4x@p", "its user or password has a % without two hexadecimal digits"},
                    bad_proxy{"http://u%3a:s3cret@p", "its user holds a colon"},
                    bad_proxy{"http://u:s3cret%0d@p", "its user or password holds a control character"},
                    bad_proxy{"socks5://:s3cret@p", "its user is empty"},
                    bad_proxy{"socks5://" + std::string(256, 'u') + ":s3cret@p", "its user is longer than 255 bytes"},
                    bad_proxy{"socks5://u:s3cret" + std::string(250, 'x') + "@p",
                              "its password is longer than 255 bytes"}),
    [](const auto& each) { return std::to_string(each.index); });

TEST(proxy_url, has_a_length_limit) {
  const std::string most = "http://u:" + std::string(max_proxy_url_bytes - 11, 'x') + "@p";
  ASSERT_EQ(most.size(), max_proxy_url_bytes);
  EXPECT_TRUE(parse_proxy(most, "proxy.url").has_value());
  EXPECT_EQ(parse_proxy(most + "p", "proxy.url").error().message,
            "proxy.url is not a proxy's URL: it is longer than 8 KiB");
}

TEST(proxy_url, identities_differ_by_all_that_matters) {
  const auto identity = [](const char* text) { return parse_proxy(text, "proxy.url").value().identity().reveal(); };
  const std::string one = identity("http://u:p@h:1");
  EXPECT_EQ(one, identity("http://u:p@H:1/"));
  for (const char* other : {"http://h:1", "http://u:q@h:1", "http://v:p@h:1", "http://h:1", "http://u:p@h:2",
                            "http://u:p@i:1", "https://u:p@h:1", "socks5://u:p@h:1", "http://up@h:1", "http://:up@h:1"})
    EXPECT_NE(one, identity(other)) << other;
}

}  // namespace
}  // namespace warmwire::http::proxy_url_test
