// Behaviours 4 and 5: packets vanish without a word, as when a NAT has forgotten a connection.
#include "emulator/emulator.hpp"
#include "tests/peers/client.hpp"
#include "tests/peers/network_namespace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace warmwire::test::silent_loss_test {
namespace {

using ::testing::IsEmpty;

/// Three seconds are promised, and fifteen minutes is what the kernel would take.
constexpr auto in_time = 10s;

/// Makes `count` idle connections: no answer comes before each request has a connection of its own.
emulator::emulator_options answering_together(std::uint64_t count) {
  emulator::emulator_options options;
  options.script = {{{{.times = count}, {emulator::fault::delay{300ms}}}}};
  return options;
}

/// The defaults but for the dials, so that what is judged is what users get.
pool_options dialing(std::size_t count) {
  pool_options options;
  options.protocol = http_protocol::http1;
  options.max_concurrent_dials = count;
  return options;
}

struct lost_connections {
  std::size_t count = 1;
  std::size_t requests_afterwards = 1;
};

/// What the requests after the loss took.
struct outcome {
  std::chrono::steady_clock::duration took{};
  pool_stats stats{};
};

outcome lose(private_network& network, lost_connections what) {
  const emulator::server server(answering_together(what.count));
  client test(server.origin(), server.ca_file(), dialing(what.count));
  outcome seen;
  test.run([&]() -> awaitable<void> {
    const auto before = co_await test.send_all({what.count, what.count}, "ping");
    EXPECT_THAT(before.errors, IsEmpty());
    EXPECT_EQ(test.stats().idle, what.count);
    EXPECT_EQ(network.silence_connections_to(server.port()), what.count);
    // A path that was heard from in the last second is not suspected.
    co_await test.pass(1200ms);
    const auto start = std::chrono::steady_clock::now();
    const auto after = co_await test.send_all({what.requests_afterwards, what.requests_afterwards}, "ping");
    seen.took = std::chrono::steady_clock::now() - start;
    seen.stats = test.stats();
    EXPECT_EQ(after.answered, what.requests_afterwards);
    EXPECT_THAT(after.errors, IsEmpty());
  });
  return seen;
}

TEST(silent_loss, behaviour_05_the_next_post_fails_over_within_seconds) {
  const auto obstacle = private_network::run([](private_network& network) {
    const auto seen = lose(network, {});
    EXPECT_LT(seen.took, in_time);
    EXPECT_EQ(seen.stats.replayed_stale, 1U) << seen.stats.to_string();
    EXPECT_EQ(seen.stats.closed_for(close_reason::dead_path), 1U);
    EXPECT_EQ(seen.stats.opened, 2U);
  });
  if (obstacle) GTEST_SKIP() << *obstacle;
}

TEST(silent_loss, behaviour_04_of_twenty_dead_connections_one_is_detected) {
  const auto obstacle = private_network::run([](private_network& network) {
    const auto seen = lose(network, {.count = 20});
    EXPECT_LT(seen.took, in_time);
    EXPECT_EQ(seen.stats.replayed, 1U) << seen.stats.to_string();
    EXPECT_EQ(seen.stats.closed_for(close_reason::dead_path), 1U);
    EXPECT_EQ(seen.stats.closed_for(close_reason::suspect), 19U);
    EXPECT_EQ(seen.stats.opened, 21U);
  });
  if (obstacle) GTEST_SKIP() << *obstacle;
}

TEST(silent_loss, behaviour_04_a_burst_over_twenty_dead_connections_pays_for_one_detection) {
  const auto obstacle = private_network::run([](private_network& network) {
    const auto seen = lose(network, {.count = 20, .requests_afterwards = 20});
    EXPECT_LT(seen.took, in_time);
    EXPECT_EQ(seen.stats.replayed, 20U) << seen.stats.to_string();
  });
  if (obstacle) GTEST_SKIP() << *obstacle;
}

TEST(silent_loss, a_network_of_ones_own_hides_all_others) {
  const emulator::server outside(emulator::emulator_options{});
  const auto obstacle = private_network::run([&](private_network&) {
    client test(outside.origin(), outside.ca_file(), dialing(1));
    test.run([&]() -> awaitable<void> {
      const auto got = co_await test.send(test.post("/echo"));
      EXPECT_TRUE(got.has_error());
      if (got.has_error()) {
        EXPECT_EQ(got.error().code, errc::connect_failed);
      }
    });
  });
  if (obstacle) GTEST_SKIP() << *obstacle;
}

}  // namespace
}  // namespace warmwire::test::silent_loss_test
