// Behaviours 1, 3 and 6 over HTTP/1.1 against nginx: what it closes is noticed, and what it announces is obeyed.
#include "emulator/emulator.hpp"
#include "tests/peers/client.hpp"
#include "tests/peers/servers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace warmwire::test::nginx_test {
namespace {

using ::testing::IsEmpty;

struct nginx : peer_test {
  nginx() : peer_test({"nginx"}) {}
};

pool_options http1() {
  pool_options options;
  options.protocol = http_protocol::http1;
  options.learn_idle_timeout = false;  // so that every close is nginx's own
  return options;
}

std::size_t connections(const std::vector<nginx_request>& seen) {
  std::set<std::uint64_t> numbers;
  for (const auto& each : seen)
    numbers.insert(each.connection);
  return numbers.size();
}

std::size_t different_targets(const std::vector<nginx_request>& seen) {
  std::set<std::string> targets;
  for (const auto& each : seen)
    targets.insert(each.target);
  return targets.size();
}

TEST_F(nginx, behaviour_01_its_end_of_an_idle_connection_is_seen_before_the_next_post) {
  nginx_options closing;
  closing.keepalive_timeout = "1s";
  auto server = start_nginx(closing);
  client test(server.origin(), server.files().ca(), http1());
  constexpr std::size_t rounds = 3;
  test.run([&]() -> awaitable<void> {
    for (std::size_t i = 0; i < rounds; ++i) {
      const auto got = (co_await test.send(test.post("/"))).value();
      EXPECT_EQ(got.body, "nginx\n");
      EXPECT_FALSE(got.provenance.reused);
      co_await test.until([&] { return test.stats().idle == 0; });
    }
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::peer_closed_idle), rounds) << test.stats().to_string();
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(connections(requests_at_end(server)), rounds);
}

TEST_F(nginx, behaviour_01_posts_at_the_very_moment_of_its_end_all_succeed) {
  nginx_options closing;
  closing.keepalive_timeout = "1s";
  auto server = start_nginx(closing);
  client test(server.origin(), server.files().ca(), http1());
  constexpr std::size_t callers = 40;
  std::size_t answered = 0;
  std::vector<std::string> errors;
  // Forty callers, whose second posts fall before, into and after the moment in which nginx closes.
  const auto call_twice = [&](std::size_t caller) -> awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      const auto got = co_await test.send(test.post("/"));
      if (got.has_error()) errors.push_back(got.error().to_string());
      ++answered;
      co_await test.pass(900ms + caller * 5ms);
    }
  };
  test.run([&]() -> awaitable<void> {
    for (std::size_t i = 0; i < callers; ++i)
      boost::asio::co_spawn(test.loop, call_twice(i), boost::asio::detached);
    co_await test.until([&] { return answered == 2 * callers; });
  });
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(test.stats().replayed, test.stats().replayed_stale + test.stats().replayed_unsent);
}

TEST_F(nginx, behaviour_06_a_hint_of_one_second_is_not_pooled) {
  nginx_options hinting;
  hinting.keepalive_timeout = "1s 1s";
  auto server = start_nginx(hinting);
  client test(server.origin(), server.files().ca(), http1());
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto got = (co_await test.send(test.post("/"))).value();
      EXPECT_EQ(*got.headers.find("Keep-Alive"), "timeout=1");
      EXPECT_EQ(test.stats().idle, 0U);
    }
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::keep_alive_hint), 3U) << test.stats().to_string();
}

TEST_F(nginx, behaviour_06_a_connection_is_given_up_before_its_hint_runs_out) {
  nginx_options hinting;
  hinting.keepalive_timeout = "60s 2s";
  auto server = start_nginx(hinting);
  client test(server.origin(), server.files().ca(), http1());
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/"))).value().status, 200);
    EXPECT_EQ(test.stats().idle, 1U);
    EXPECT_TRUE((co_await test.send(test.post("/"))).value().provenance.reused);
    co_await test.until([&] { return test.stats().idle == 0; });
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::keep_alive_hint), 1U) << test.stats().to_string();
}

TEST_F(nginx, ten_thousand_posts_over_connections_of_a_hundred_requests_end_without_an_error) {
  nginx_options limited;
  limited.keepalive_requests = 100;
  auto server = start_nginx(limited);
  client test(server.origin(), server.files().ca(), http1());
  constexpr load work{10'000, 20};
  test.run([&]() -> awaitable<void> {
    const auto outcome = co_await test.send_all(work, "nginx\n");
    EXPECT_EQ(outcome.answered, work.requests);
    EXPECT_THAT(outcome.errors, IsEmpty());
  });
  EXPECT_EQ(test.stats().replayed, 0U) << "the last answer of a connection says that it is the last";
  EXPECT_GE(test.stats().closed_for(close_reason::server_close), 80U) << test.stats().to_string();
  EXPECT_LE(test.stats().opened, 100U + work.callers);

  const auto seen = requests_at_end(server);
  EXPECT_EQ(seen.size(), work.requests);
  EXPECT_EQ(different_targets(seen), work.requests) << "none was sent twice";
  EXPECT_LE(connections(seen), test.stats().opened) << "the last dials may have been overtaken";
}

TEST_F(nginx, what_was_resumed_is_what_nginx_says_was_resumed) {
  for (const auto* version : {"TLSv1.2", "TLSv1.3"}) {
    nginx_options closing;
    closing.keepalive_requests = 1;
    closing.tls_versions = version;
    auto server = start_nginx(closing);
    client test(server.origin("https", "localhost"), server.files().ca(), http1());
    constexpr std::size_t posts = 10;
    test.run([&]() -> awaitable<void> {
      for (std::size_t i = 0; i < posts; ++i) {
        const auto got = (co_await test.send(test.post("/"))).value();
        EXPECT_EQ(got.provenance.tls_resumed, i > 0) << version;
      }
    });
    const auto seen = requests_at_end(server);
    EXPECT_EQ(seen.size(), posts);
    EXPECT_EQ(test.stats().tls_full, 1U) << version;
    EXPECT_EQ(test.stats().tls_resumed, static_cast<std::uint64_t>(std::ranges::count_if(
                                            seen, [](const auto& each) { return each.session_reused; })));
  }
}

TEST_F(nginx, large_bodies_go_both_ways) {
  emulator::emulator_options plain;
  plain.tls = false;
  plain.record = false;
  const emulator::server upstream(plain);
  nginx_options proxying;
  proxying.upstream = upstream.origin();
  const auto server = start_nginx(proxying);
  client test(server.origin(), server.files().ca(), http1());
  std::string body(std::size_t{16} << 20U, 'x');
  for (std::size_t i = 0; i < body.size(); i += 4093)
    body[i] = static_cast<char>('a' + i % 26);
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      const auto got = (co_await test.send(test.post("/echo", body))).value();
      EXPECT_EQ(got.status, 200);
      EXPECT_TRUE(got.body == body) << got.body.size();
      EXPECT_EQ(got.provenance.reused, i > 0);
    }
  });
}

}  // namespace
}  // namespace warmwire::test::nginx_test
