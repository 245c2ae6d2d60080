// Where `warmwire emulate` is told to listen.
#include "cli/emulate.hpp"

#include <gtest/gtest.h>

namespace warmwire::cli::emulate_test {
namespace {

TEST(parse_listen_address, reads_both_families) {
  const auto four = parse_listen_address("127.0.0.1:8443");
  ASSERT_TRUE(four.has_value());
  EXPECT_EQ(four->host, "127.0.0.1");
  EXPECT_EQ(four->port, 8443);
  const auto six = parse_listen_address("[::1]:0");
  ASSERT_TRUE(six.has_value());
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->port, 0);
}

TEST(parse_listen_address, refuses_everything_else) {
  for (const char* text : {"", "8443", ":8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
                           "[::1]", "[127.0.0.1]:80", "127.0.0.1:80x"}) {
    EXPECT_FALSE(parse_listen_address(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace warmwire::cli::emulate_test
