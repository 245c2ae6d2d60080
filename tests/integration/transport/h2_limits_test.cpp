// Behaviours 10, 11, 17 and 18 over HTTP/2: how many streams a connection gets, and how many connections are dialed.
#include "h2_wire.hpp"

#include <algorithm>
#include <numeric>

namespace warmwire::test::h2_limits_test {
namespace {

std::uint64_t refused(const emulator::report& seen) {
  return std::accumulate(seen.history.begin(), seen.history.end(), std::uint64_t{0},
                         [](auto sum, const auto& each) { return sum + each.streams_refused; });
}

std::uint64_t most_streams_at_once(const emulator::report& seen) {
  std::uint64_t most = 0;
  for (const auto& each : seen.history)
    most = std::max(most, each.max_streams_at_once);
  return most;
}

TEST(h2_limits, behaviour_10_more_connections_when_streams_are_full) {
  wire test({}, http2_only(), streams_at_once(10));
  test.run([&]() -> awaitable<void> {
    openings all(test);
    all.start(35, test.get(unread));
    co_await all.wait_for_success();
    EXPECT_EQ(test.stats().opened, 4U);
    EXPECT_EQ(test.stats().streams, 35U);
    for (std::size_t i = 0; i < all.size(); ++i)
      EXPECT_EQ((co_await read_all(all.stream(i))).value().size(), unread_bytes);
  });
  const auto seen = test.server.report();
  EXPECT_EQ(seen.connections, 4U);
  EXPECT_EQ(refused(seen), 0U);
  EXPECT_EQ(most_streams_at_once(seen), 10U);
}

TEST(h2_limits, behaviour_10_a_limit_that_is_lowered_in_flight_is_waited_for) {
  wire test(rules("path /echo times 1: settings max-streams 1"), one_connection());
  test.run([&]() -> awaitable<void> {
    constexpr std::size_t running = 5;
    openings streams(test);
    streams.start(running, test.get(unread));
    co_await streams.wait_for_success();
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value()) << "its answer comes behind the SETTINGS";
    sendings late(test);
    late.start(3, test.post("/echo"));
    for (std::size_t i = 0; i < running; ++i) {
      EXPECT_EQ(test.stats().pending, 3U) << i << " of " << running << " have ended";
      EXPECT_EQ(test.server.report().history.at(0).streams, running + 1);
      EXPECT_EQ((co_await read_all(streams.stream(i))).value().size(), unread_bytes);
    }
    co_await late.wait_for_success();
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return !seen.history.at(0).ended_by.empty(); }));
  const auto seen = test.server.report();
  EXPECT_EQ(refused(seen), 0U);
  EXPECT_EQ(seen.history.at(0).ended_by, "client") << "it did not break the limit";
}

TEST(h2_limits, behaviour_10_a_limit_of_zero_is_a_pause_and_what_follows_it_is_heard) {
  wire test(rules("request 1: delay 100ms, settings max-streams 0\nrequest 2: delay 300ms, settings max-streams 10"),
            one_connection());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await prewarm(test, 1)).has_value());
    openings first(test);
    first.start(test.get(unread));
    openings second(test);
    second.start(test.get(unread));
    co_await first.wait_for_success();
    sendings all(test);
    all.start(10, test.post("/echo"));
    co_await all.wait_for_success();
    co_await second.wait_for_success();
  });
  EXPECT_EQ(test.stats().opened, 1U) << test.stats().to_string();
}

TEST(h2_limits, behaviour_10_a_limit_of_zero_on_the_only_connection_does_not_hang_the_queue) {
  // With a second connection allowed, those that wait get one.
  wire test(rules("request 1: settings max-streams 0"), http2_only());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    sendings all(test);
    all.start(10, test.post("/echo"));
    co_await all.wait_for_success();
  });
  EXPECT_EQ(test.stats().opened, 2U) << test.stats().to_string();
}

TEST(h2_limits, behaviour_11_a_learned_limit_makes_the_next_cold_burst_dial_what_it_needs) {
  wire test({}, http2_only(), streams_at_once(8));
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    EXPECT_EQ(test.pools.close_idle(), 1U);
    openings burst(test);
    burst.start(32, test.get(unread));
    co_await burst.wait_for_success();
    EXPECT_EQ(test.stats().opened, 1U + 4U);
  });
  const auto seen = test.server.report();
  EXPECT_EQ(seen.connections, 5U);
  EXPECT_EQ(refused(seen), 0U);
  EXPECT_EQ(most_streams_at_once(seen), 8U);
}

TEST(h2_limits, behaviour_11_what_was_learned_outlives_the_close_of_the_pool) {
  wire test({}, http2_only(), streams_at_once(8));
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    (void)co_await test.pools.async_close("default", 0ms, use_awaitable);
    openings burst(test);
    burst.start(32, test.get(unread));
    EXPECT_EQ(test.stats().connecting, 2U) << "as many dials at once as are allowed, at once";
    co_await burst.wait_for_success();
    EXPECT_EQ(test.stats().opened, 1U + 4U);
  });
  EXPECT_EQ(refused(test.server.report()), 0U);
}

TEST(h2_limits, behaviour_17_a_cold_burst_dials_no_more_than_its_streams_need) {
  constexpr std::size_t limit = 10;
  constexpr std::size_t burst = 100;
  auto options = http2_only();
  options.max_h2_connections = 50;
  wire test({}, options, streams_at_once(limit));
  test.run([&]() -> awaitable<void> {
    openings all(test);
    all.start(burst, test.get(unread));
    co_await all.wait_for_success();
  });
  EXPECT_LE(test.server.report().connections, burst / limit + 1);
  EXPECT_EQ(refused(test.server.report()), 0U);
}

TEST(h2_limits, behaviour_17_while_the_protocol_is_unknown_one_dial_probes_it) {
  auto options = http2_only();
  options.protocol = http_protocol::automatic;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    sendings all(test);
    all.start(100, test.post("/echo"));
    EXPECT_EQ(test.stats().connecting, 1U);
    co_await all.wait_for_success();
    EXPECT_EQ(all[0].got->value().provenance.protocol, "h2");
  });
  EXPECT_LE(test.server.report().connections, 2U) << "one, and one beside it when it had many streams";
}

TEST(h2_limits, behaviour_17_a_failing_origin_is_dialed_by_its_backoff_however_many_wait) {
  auto options = http2_only();
  options.dial_backoff_min = options.dial_backoff_max = 1h;
  wire test(rules("all times 1: reset in handshake"), options);
  test.run([&]() -> awaitable<void> {
    sendings first(test);
    first.start(50, test.post("/echo"));
    co_await test.until([&] { return first.count_ended() == 1; });
    EXPECT_EQ(first[0].failure(), errc::tls_failed) << "whoever asked for the dial hears why";
    sendings second(test);
    second.start(50, test.post("/echo"));
    EXPECT_EQ(test.stats().connecting, 0U);
    EXPECT_EQ(test.stats().pending, 99U);
    test.pools.network_changed();  // which forgets the back-off
    co_await first.wait();
    EXPECT_EQ(first.count(std::nullopt), 49U);
    co_await second.wait_for_success();
  });
  EXPECT_EQ(test.stats().dial_failures, 1U);
  EXPECT_LE(test.server.report().connections, 3U);
}

TEST(h2_limits, behaviour_17_a_backoff_ends_and_those_that_waited_are_served) {
  auto options = http2_only();
  options.dial_backoff_min = 20ms;
  wire test(rules("all times 3: reset in handshake"), options);
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::tls_failed);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
  });
  EXPECT_EQ(test.stats().dial_failures, 3U);
}

TEST(h2_limits, behaviour_18_a_full_queue_says_so_at_once_and_with_evidence) {
  auto options = one_connection(2);
  options.max_pending = 2;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    openings held(test);
    auto holder = test.get(unread);
    holder.tag = "the long one";
    held.start(2, holder);
    co_await held.wait_for_success();
    sendings queued(test);
    queued.start(2, test.post("/echo"));
    const auto refused_one = co_await test.send(test.post("/echo"));
    EXPECT_TRUE(refused_one.has_error());
    if (refused_one.has_value()) co_return;
    const auto& why = refused_one.error();
    EXPECT_EQ(why.code, errc::pool_overflow);
    EXPECT_EQ(why.phase, phase::queue);
    EXPECT_EQ(why.pool.value().active, 1U);
    EXPECT_EQ(why.pool->pending, 2U);
    EXPECT_EQ(why.pool->oldest_stream_tag, "the long one");
    held.stream(0) = {};
    held.stream(1) = {};
    co_await queued.wait_for_success();
  });
  EXPECT_EQ(test.stats().rejected, 1U);
}

TEST(h2_limits, behaviour_18_the_acquire_timeout_is_its_own_error) {
  auto options = one_connection(1);
  options.acquire_timeout = 50ms;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    auto held = (co_await open(test, test.get(unread))).value();
    const auto late = co_await test.send(test.post("/echo"));
    EXPECT_EQ(late.error().code, errc::pool_acquire_timeout);
    EXPECT_GE(late.error().pool.value().oldest_stream_age, 50ms);
    EXPECT_EQ((co_await read_all(held)).value().size(), unread_bytes);
  });
  EXPECT_EQ(test.stats().timed_out, 1U);
}

TEST(h2_limits, waiters_are_served_in_the_order_of_their_arrival) {
  constexpr std::size_t waiters = 1000;
  wire test({}, one_connection(4));
  std::vector<std::string> order;
  test.run([&]() -> awaitable<void> {
    for (std::size_t i = 0; i < waiters; ++i) {
      test.pools.async_send(test.post("/echo", std::to_string(i)),
                            [&order](const result<response>& got) { order.push_back(got.value().body); });
    }
    co_await test.until([&] { return order.size() == waiters; });
  });
  const auto seen = test.server.report().arrivals;
  ASSERT_EQ(seen.size(), waiters);
  for (std::size_t i = 0; i < waiters; ++i)
    EXPECT_EQ(seen[i].body, std::to_string(i));
  EXPECT_LE(test.server.report().history.at(0).max_streams_at_once, 4U);
}

}  // namespace
}  // namespace warmwire::test::h2_limits_test
