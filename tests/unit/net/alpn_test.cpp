#include "net/alpn.hpp"

#include <gtest/gtest.h>

namespace warmwire::net::alpn_test {
namespace {

TEST(alpn, names_are_those_of_the_registry) {
  EXPECT_EQ(to_string(protocol::http1), "http/1.1");
  EXPECT_EQ(to_string(protocol::h2), "h2");
  EXPECT_EQ(protocol_named("http/1.1"), protocol::http1);
  EXPECT_EQ(protocol_named("h2"), protocol::h2);
  for (const auto* other : {"", "http/1.0", "h2c", "H2", "h3"})
    EXPECT_EQ(protocol_named(other), std::nullopt) << other;
}

TEST(alpn, what_is_picked_must_have_been_offered) {
  const protocols both{protocol::h2, protocol::http1};
  const protocols old{protocol::http1};
  const protocols only_h2{protocol::h2};
  EXPECT_EQ(agreed("h2", both), protocol::h2);
  EXPECT_EQ(agreed("http/1.1", both), protocol::http1);
  EXPECT_EQ(agreed("h2", old), std::nullopt);
  EXPECT_EQ(agreed("h2", {}), std::nullopt);
  EXPECT_EQ(agreed("http/1.1", {}), protocol::http1);
  EXPECT_EQ(agreed("http/1.1", only_h2), std::nullopt);
  EXPECT_EQ(agreed("h3", both), std::nullopt);
}

TEST(alpn, without_a_choice_http_1_is_spoken_if_it_was_offered) {
  const protocols both{protocol::h2, protocol::http1};
  const protocols only_h2{protocol::h2};
  EXPECT_EQ(agreed("", both), protocol::http1);
  EXPECT_EQ(agreed("", {}), protocol::http1);
  EXPECT_EQ(agreed("", only_h2), std::nullopt);
}

TEST(alpn, each_name_has_its_length_before_it) {
  const protocols both{protocol::h2, protocol::http1};
  EXPECT_EQ(on_the_wire(both), "\x02h2\x08http/1.1");
  EXPECT_EQ(on_the_wire({}), "");
}

}  // namespace
}  // namespace warmwire::net::alpn_test
