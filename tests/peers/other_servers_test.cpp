// The pool over HTTP/1.1 against h2o, and against nghttpd, which does not speak it.
#include "emulator/emulator.hpp"
#include "tests/peers/client.hpp"
#include "tests/peers/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace warmwire::test::other_servers_test {
namespace {

using ::testing::IsEmpty;

struct h2o : peer_test {
  h2o() : peer_test({"h2o"}) {}
  emulator::server upstream{[] {
    emulator::emulator_options plain;
    plain.tls = false;
    return plain;
  }()};
};

struct nghttpd : peer_test {
  nghttpd() : peer_test({"nghttpd"}) {}
};

pool_options http1() {
  pool_options options;
  options.protocol = http_protocol::http1;
  options.learn_idle_timeout = false;
  return options;
}

TEST_F(h2o, posts_reuse_one_connection_and_bodies_go_both_ways) {
  const auto server = start_h2o({.upstream = upstream.origin()});
  client test(server.origin(), server.files().ca(), http1());
  const std::string large(std::size_t{4} << 20U, 'y');
  test.run([&]() -> awaitable<void> {
    for (const auto& body : {std::string("ping"), large, std::string("pong")}) {
      const auto got = (co_await test.send(test.post("/echo", body))).value();
      EXPECT_EQ(got.status, 200);
      EXPECT_TRUE(got.body == body) << got.body.size();
      EXPECT_EQ(got.provenance.protocol, "http/1.1");
    }
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(upstream.report().requests, 3U);
}

TEST_F(h2o, behaviour_01_its_end_of_an_idle_connection_is_seen_before_the_next_post) {
  const auto server = start_h2o({.upstream = upstream.origin(), .idle_seconds = 1});
  client test(server.origin(), server.files().ca(), http1());
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
      co_await test.until([&] { return test.stats().idle == 0; });
    }
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::peer_closed_idle), 2U) << test.stats().to_string();
  EXPECT_EQ(test.stats().replayed, 0U);
}

TEST_F(nghttpd, a_server_without_http1_is_an_error_of_a_pool_that_speaks_nothing_else) {
  const auto server = start_nghttpd();
  client test(server.origin(), server.files().ca(), http1());
  test.run([&]() -> awaitable<void> {
    const auto got = co_await test.send(test.post("/"));
    EXPECT_TRUE(got.has_error());
    if (got.has_error()) {
      EXPECT_THAT((std::array{errc::tls_failed, errc::connection_lost}), ::testing::Contains(got.error().code))
          << got.error().to_string();
    }
  });
  EXPECT_EQ(test.stats().active, 0U);
}

}  // namespace
}  // namespace warmwire::test::other_servers_test
