#include "http/proxy_rules.hpp"

#include "http/proxy_bypass.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace warmwire::http::proxy_rules_test {
namespace {

using variables = std::map<std::string, std::string>;

proxy_options with_url(const char* text, std::string no_proxy = {}) {
  proxy_options options;
  options.url = secret(text);
  options.no_proxy = std::move(no_proxy);
  return options;
}

environment_lookup reading(const variables& set) {
  return [&set](const char* name) {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
}

/// The proxy's URL as it is shown, "direct", or the error.
std::string way_to(const std::string& to, const variables& set, const proxy_options& options = {}) {
  const auto rules = proxy_rules::make(options, reading(set));
  if (!rules) return rules.error().message;
  const auto chosen = rules->proxy_for(parse_url(to).value());
  if (!chosen) return chosen.error().message;
  return *chosen ? (*chosen)->to_string() : "direct";
}

TEST(proxy_rules, without_variables_there_is_no_proxy) {
  EXPECT_EQ(way_to("https://h/", {}), "direct");
  EXPECT_EQ(way_to("http://h/", {}), "direct");
}

TEST(proxy_rules, each_scheme_has_its_variable) {
  const variables set{{"https_proxy", "s:1"}, {"http_proxy", "p:2"}};
  EXPECT_EQ(way_to("https://h/", set), "http://s:1");
  EXPECT_EQ(way_to("http://h/", set), "http://p:2");
}

TEST(proxy_rules, lower_case_comes_first) {
  EXPECT_EQ(way_to("https://h/", {{"HTTPS_PROXY", "upper:1"}}), "http://upper:1");
  EXPECT_EQ(way_to("https://h/", {{"HTTPS_PROXY", "upper:1"}, {"https_proxy", "lower:1"}}), "http://lower:1");
  EXPECT_EQ(way_to("https://h/", {{"ALL_PROXY", "upper:1"}}), "http://upper:1");
  EXPECT_EQ(way_to("https://h/", {{"ALL_PROXY", "upper:1"}, {"all_proxy", "lower:1"}}), "http://lower:1");
  EXPECT_EQ(way_to("https://h/", {{"ALL_PROXY", "p:1"}, {"NO_PROXY", "h"}, {"no_proxy", "i"}}), "http://p:1");
  EXPECT_EQ(way_to("https://h/", {{"ALL_PROXY", "p:1"}, {"NO_PROXY", "i"}, {"no_proxy", "h"}}), "direct");
}

TEST(proxy_rules, HTTP_PROXY_in_capitals_is_not_read) {
  EXPECT_EQ(way_to("http://h/", {{"HTTP_PROXY", "evil:1"}}), "direct");
  EXPECT_EQ(way_to("https://h/", {{"HTTP_PROXY", "evil:1"}}), "direct");
}

TEST(proxy_rules, the_variable_of_the_scheme_comes_before_the_one_for_all) {
  const variables set{{"HTTPS_PROXY", "s:1"}, {"all_proxy", "socks5h://a:2"}};
  EXPECT_EQ(way_to("https://h/", set), "http://s:1");
  EXPECT_EQ(way_to("http://h/", set), "socks5h://a:2");
}

TEST(proxy_rules, empty_is_as_good_as_unset) {
  EXPECT_EQ(way_to("https://h/", {{"https_proxy", ""}, {"HTTPS_PROXY", "s:1"}}), "http://s:1");
  EXPECT_EQ(way_to("https://h/", {{"https_proxy", ""}, {"HTTPS_PROXY", ""}}), "direct");
  EXPECT_EQ(way_to("https://h/", {{"https_proxy", "s:1"}, {"no_proxy", ""}, {"NO_PROXY", "h"}}), "direct");
}

TEST(proxy_rules, the_environment_can_be_left_unread) {
  proxy_options options;
  options.use_environment = false;
  EXPECT_EQ(way_to("https://h/", {{"https_proxy", "s:1"}}, options), "direct");
}

TEST(proxy_rules, an_explicit_proxy_wins_and_brings_its_own_exceptions) {
  const variables set{{"https_proxy", "env:1"}, {"no_proxy", "h"}};
  EXPECT_EQ(way_to("https://h/", set, with_url("socks5://mine:2")), "socks5://mine:2");
  EXPECT_EQ(way_to("http://h/", set, with_url("socks5://mine:2")), "socks5://mine:2");
  EXPECT_EQ(way_to("https://h/", set, with_url("socks5://mine:2", "h")), "direct");
}

TEST(proxy_rules, this_machine_is_no_exception) {
  const variables set{{"all_proxy", "p:1"}};
  for (const char* to : {"https://localhost/", "https://127.0.0.1/", "http://[::1]/", "http://127.0.0.1:8080/"})
    EXPECT_EQ(way_to(to, set), "http://p:1") << to;
}

TEST(proxy_rules, a_wrong_variable_is_named_when_it_is_needed_and_only_then) {
  const variables set{{"HTTPS_PROXY", "ftp://u:s3cret@p"}, {"no_proxy", "free"}};
  EXPECT_EQ(way_to("https://h/", set),
            "HTTPS_PROXY is not a proxy's URL: its scheme is none of http, https, socks5 and socks5h");
  EXPECT_EQ(way_to("http://h/", set), "direct");
  EXPECT_EQ(way_to("https://free/", set), "direct");
}

TEST(proxy_rules, wrong_options_are_named_at_once) {
  EXPECT_EQ(way_to("http://h/", {}, with_url("ftp://u:s3cret@p")),
            "proxy.url is not a proxy's URL: its scheme is none of http, https, socks5 and socks5h");
  EXPECT_EQ(way_to("http://h/", {}, with_url("", "localhost")),
            "proxy.no_proxy is set without proxy.url; for the environment's proxies set NO_PROXY");
}

TEST(proxy_rules, lists_have_a_length_limit) {
  const std::string most(max_no_proxy_bytes, ',');
  EXPECT_EQ(way_to("http://h/", {}, with_url("p:1", most)), "http://p:1");
  EXPECT_EQ(way_to("http://h/", {}, with_url("p:1", most + ',')),
            "proxy.no_proxy has 65537 bytes; it must have at most 65,536");
  EXPECT_EQ(way_to("http://h/", {{"http_proxy", "p:1"}, {"NO_PROXY", most + ','}}),
            "NO_PROXY has 65537 bytes; it must have at most 65,536");
  EXPECT_EQ(way_to("http://h/", {{"NO_PROXY", most + ','}}), "direct") << "nobody needs it";
}

// NO_PROXY

TEST(proxy_bypass, a_name_stands_for_itself_and_all_below) {
  for (const char* list : {"example.com", ".example.com", "..example.com", "EXAMPLE.com", "example.com.",
                           ".Example.Com.", "other, example.com", "other,example.com,more", "other example.com",
                           "\tother\t,, example.com", "example.com:443"}) {
    EXPECT_TRUE(bypasses_proxy(list, "example.com", 443)) << list;
    EXPECT_TRUE(bypasses_proxy(list, "api.example.com", 443)) << list;
    EXPECT_TRUE(bypasses_proxy(list, "a.b.example.com.", 443)) << list;
    EXPECT_FALSE(bypasses_proxy(list, "notexample.com", 443)) << list;
    EXPECT_FALSE(bypasses_proxy(list, "example.com.evil", 443)) << list;
    EXPECT_FALSE(bypasses_proxy(list, "com", 443)) << list;
  }
}

TEST(proxy_bypass, a_star_stands_for_every_host) {
  for (const char* list : {"*", " * ", "a,*", "*:443"})
    for (const char* host : {"h", "127.0.0.1", "::1", "a.b."})
      EXPECT_TRUE(bypasses_proxy(list, host, 443)) << list << ' ' << host;
  EXPECT_FALSE(bypasses_proxy("*.example.com", "api.example.com", 443)) << "no patterns, as with curl";
}

TEST(proxy_bypass, nothing_names_nothing) {
  for (const char* list : {"", " ", ",", ", ,", ".", "..", ":", ":443", "[]", "/", "/8", "[::1", "example.com/8"})
    for (const char* host : {"h", "example.com", "127.0.0.1", "::1"})
      EXPECT_FALSE(bypasses_proxy(list, host, 443)) << list << ' ' << host;
}

TEST(proxy_bypass, a_port_narrows_an_entry) {
  EXPECT_TRUE(bypasses_proxy("h:8443", "h", 8443));
  EXPECT_FALSE(bypasses_proxy("h:8443", "h", 443));
  EXPECT_TRUE(bypasses_proxy("h:1,h:2", "h", 2));
  EXPECT_TRUE(bypasses_proxy("10.0.0.1:80", "10.0.0.1", 80));
  EXPECT_FALSE(bypasses_proxy("10.0.0.1:80", "10.0.0.1", 81));
  EXPECT_TRUE(bypasses_proxy("10.0.0.0/8:80", "10.0.0.1", 80));
  EXPECT_TRUE(bypasses_proxy("[::1]:80", "::1", 80));
  EXPECT_FALSE(bypasses_proxy("[::1]:80", "::1", 81));
  for (const char* wrong : {"h:", "h:x", "h:65979", "h:-1", "h:443x"})
    EXPECT_FALSE(bypasses_proxy(wrong, "h", 443)) << wrong;
}

TEST(proxy_bypass, addresses_are_compared_as_numbers) {
  EXPECT_TRUE(bypasses_proxy("127.0.0.1", "127.0.0.1", 80));
  EXPECT_FALSE(bypasses_proxy("127.0.0.1", "127.0.0.2", 80));
  EXPECT_TRUE(bypasses_proxy("::1", "0:0:0:0:0:0:0:1", 80));
  EXPECT_TRUE(bypasses_proxy("[2001:DB8::1]", "2001:db8:0::1", 80));
  EXPECT_FALSE(bypasses_proxy("0.0.1", "127.0.0.1", 80)) << "an address has no domains above it";
  EXPECT_FALSE(bypasses_proxy("::ffff:127.0.0.1", "127.0.0.1", 80));
  EXPECT_FALSE(bypasses_proxy("127.0.0.1", "a.127.0.0.1.example", 80));
}

TEST(proxy_bypass, ranges_of_addresses) {
  EXPECT_TRUE(bypasses_proxy("10.0.0.0/8", "10.255.255.255", 80));
  EXPECT_FALSE(bypasses_proxy("10.0.0.0/8", "11.0.0.0", 80));
  EXPECT_TRUE(bypasses_proxy("192.168.2.128/25", "192.168.2.200", 80));
  EXPECT_FALSE(bypasses_proxy("192.168.2.128/25", "192.168.2.127", 80));
  EXPECT_TRUE(bypasses_proxy("1.2.3.4/32", "1.2.3.4", 80));
  EXPECT_FALSE(bypasses_proxy("1.2.3.4/32", "1.2.3.5", 80));
  EXPECT_TRUE(bypasses_proxy("9.9.9.9/0", "1.2.3.4", 80));
  EXPECT_TRUE(bypasses_proxy("fd00::/8", "fdff::1", 80));
  EXPECT_TRUE(bypasses_proxy("[fd00::]/8", "fdff::1", 80));
  EXPECT_FALSE(bypasses_proxy("fd00::/8", "fc00::1", 80));
  EXPECT_TRUE(bypasses_proxy("2001:db8::/127", "2001:db8::1", 80));
  EXPECT_FALSE(bypasses_proxy("2001:db8::/127", "2001:db8::2", 80));
  EXPECT_FALSE(bypasses_proxy("::/0", "1.2.3.4", 80)) << "the families do not mix";
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10.0/8", "10.0.0.0/8/8"})
    EXPECT_FALSE(bypasses_proxy(wrong, "10.0.0.0", 80)) << wrong;
  EXPECT_FALSE(bypasses_proxy("fd00::/129", "fd00::", 80));
  EXPECT_FALSE(bypasses_proxy("10.0.0.0/8", "a.10.0.0.1.example", 80));
}

}  // namespace
}  // namespace warmwire::http::proxy_rules_test
