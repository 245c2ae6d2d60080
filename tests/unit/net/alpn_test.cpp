#include "net/alpn.hpp"

#include <gtest/gtest.h>

namespace warmwire::net {
namespace {

TEST(alpn, names_are_those_of_the_registry) {
  EXPECT_EQ(to_string(protocol::http1), "http/1.1");
  EXPECT_EQ(to_string(protocol::h2), "h2");
  EXPECT_EQ(protocol_named("http/1.1"), protocol::http1);
  EXPECT_EQ(protocol_named("h2"), protocol::h2);
  for (const auto* other : {"", "http/1.0", "h2c", "H2", "h3"})
    EXPECT_EQ(protocol_named(other), std::nullopt) << other;
}

TEST(alpn, each_name_has_its_length_before_it) {
  const protocols both{protocol::h2, protocol::http1};
  EXPECT_EQ(on_the_wire(both), "\x02h2\x08http/1.1");
  EXPECT_EQ(on_the_wire({}), "");
}

}  // namespace
}  // namespace warmwire::net
