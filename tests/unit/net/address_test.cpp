#include "net/address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::net::address_test {
namespace {

std::string known_addresses(const std::string& host) {
  std::string text;
  for (const auto& endpoint : endpoints_without_lookup({.host = host, .port = 80}))
    text += to_string(endpoint) + ' ';
  return text;
}

TEST(address, literals_are_their_own_address) {
  EXPECT_EQ(known_addresses("192.0.2.1"), "192.0.2.1:80 ");
  EXPECT_EQ(known_addresses("2001:db8::1"), "[2001:db8::1]:80 ");
  EXPECT_EQ(known_addresses("::1"), "[::1]:80 ");
}

TEST(address, localhost_and_what_is_below_it_is_loopback) {
  for (const auto* host : {"localhost", "LocalHost", "localhost.", "a.b.localhost", "a.localhost."}) {
    EXPECT_EQ(known_addresses(host), "127.0.0.1:80 [::1]:80 ") << host;
  }
}

TEST(address, other_names_must_be_looked_up) {
  for (const auto* host : {"example.com", "notlocalhost", "localhost.example.com", ".localhost",
                           "127.0.0.1.example.com", "", ".", "localhost..", "1.2.3", "[::1]"}) {
    EXPECT_EQ(known_addresses(host), "") << host;
  }
}

TEST(address, text_has_brackets_around_ipv6_only) {
  EXPECT_EQ(to_string(host_port{.host = "::1", .port = 443}), "[::1]:443");
  EXPECT_EQ(to_string(host_port{.host = "example.com", .port = 443}), "example.com:443");
}

}  // namespace
}  // namespace warmwire::net::address_test
