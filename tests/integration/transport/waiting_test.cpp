// Behaviours 15, 16 and 18 on the wire: who gets a connection, in which order, and what is said to those who do not.
#include "wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <numeric>
#include <vector>

namespace warmwire::test::waiting_test {
namespace {

using fault::ending;
using fault::moment;

pool_options limited_to(std::size_t connections) {
  pool_options options;
  options.max_connections = connections;
  return options;
}

TEST(waiting, behaviour_15_a_thousand_waiters_are_served_in_the_order_of_their_arrival) {
  constexpr int waiters = 1000;
  wire test({}, limited_to(1));
  std::vector<int> order;
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < waiters; ++i) {
      test.pools.async_send(test.post("/echo", std::to_string(i)), [&order](const result<response>& got) {
        ASSERT_TRUE(got.has_value()) << got.error().to_string();
        order.push_back(std::stoi(got->body));
      });
    }
    co_await test.until([&] { return order.size() == waiters; });
  });
  std::vector<int> expected(waiters);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.stats().peak_pending, static_cast<std::uint64_t>(waiters));
  EXPECT_EQ(test.server.report().connections, 1U);
}

TEST(waiting, behaviour_15_a_cancelled_waiter_takes_nothing) {
  wire test({}, limited_to(1));
  test.run([&]() -> awaitable<void> {
    std::vector<boost::asio::cancellation_signal> signals(100);
    int cancelled = 0;
    int served = 0;
    for (std::size_t i = 0; i < signals.size(); ++i) {
      test.pools.async_send(test.post("/echo"),
                            boost::asio::bind_cancellation_slot(signals[i].slot(), [&](const result<response>& got) {
                              if (got) {
                                ++served;
                              } else {
                                EXPECT_EQ(got.error().code, errc::cancelled);
                                EXPECT_EQ(got.error().phase, phase::queue);
                                ++cancelled;
                              }
                            }));
    }
    co_await test.until([&] { return test.stats().pending == signals.size(); });
    for (std::size_t i = 1; i < signals.size(); i += 2)
      signals[i].emit(boost::asio::cancellation_type::terminal);
    co_await test.until([&] { return served + cancelled == 100; });
    EXPECT_EQ(cancelled, 50);
    EXPECT_EQ(served, 50);
  });
  EXPECT_EQ(test.server.report().requests, 50U);
}

TEST(waiting, behaviour_16_the_first_free_connection_wins_and_the_late_dial_is_kept) {
  // The second connection's handshake never ends in time for the second request: the first connection is free sooner.
  emulator::emulator_options far;
  far.rtt = 250ms;
  wire test({}, {}, far);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    int done = 0;
    std::vector<provenance> from(2);
    for (std::size_t i = 0; i < 2; ++i) {
      test.pools.async_send(test.post("/echo"), [&, i](const result<response>& got) {
        from[i] = got.value().provenance;
        ++done;
      });
    }
    co_await test.until([&] { return done == 2; });
    EXPECT_EQ(from[0].connection_id, 1U);
    EXPECT_EQ(from[1].connection_id, 1U) << "one round trip for the answer is less than the three of a dial";
    co_await test.until([&] { return test.stats().connecting == 0; });
    EXPECT_EQ(test.stats().idle, 2U) << "the dial that came late stays for the next request";
  });
  EXPECT_EQ(test.stats().opened, 2U);
}

TEST(waiting, behaviour_16_cancelling_the_request_that_began_a_dial_fails_nobody_else) {
  emulator::emulator_options far;
  far.rtt = 50ms;
  wire test({}, limited_to(1), far);
  test.run([&]() -> awaitable<void> {
    boost::asio::cancellation_signal first;
    std::optional<errc> cancelled;
    test.pools.async_send(test.post("/echo", "first"),
                          boost::asio::bind_cancellation_slot(first.slot(), [&](const result<response>& got) {
                            cancelled = got.has_error() ? std::optional(got.error().code) : std::nullopt;
                          }));
    std::string second;
    test.pools.async_send(test.post("/echo", "second"),
                          [&](const result<response>& got) { second = got.value().body; });
    co_await test.until([&] { return test.stats().connecting == 1; });
    first.emit(boost::asio::cancellation_type::terminal);
    co_await test.until([&] { return !second.empty(); });
    EXPECT_EQ(cancelled, errc::cancelled);
    EXPECT_EQ(second, "second");
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.server.report().requests, 1U);
}

TEST(waiting, behaviour_18_a_full_queue_says_so_at_once_and_with_evidence) {
  auto options = limited_to(1);
  options.max_pending = 2;
  wire test(one_rule({.request = 1}, {fault::delay{300ms}}), options);
  test.run([&]() -> awaitable<void> {
    auto holder = test.post("/echo");
    holder.tag = "the long one";
    int served = 0;
    test.pools.async_send(holder, [&](const result<response>& got) { served += got.has_value() ? 1 : 0; });
    co_await test.until([&] { return test.stats().active == 1; });
    for (int i = 0; i < 2; ++i) {
      test.pools.async_send(test.post("/echo"),
                            [&](const result<response>& got) { served += got.has_value() ? 1 : 0; });
    }
    co_await test.until([&] { return test.stats().pending == 2; });
    const auto refused = co_await test.send(test.post("/echo"));
    EXPECT_TRUE(refused.has_error());
    if (refused.has_value()) co_return;
    const auto& why = refused.error();
    EXPECT_EQ(why.code, errc::pool_overflow);
    EXPECT_EQ(why.phase, phase::queue);
    EXPECT_TRUE(why.pool.has_value());
    EXPECT_EQ(why.pool->origin, test.server.origin());
    EXPECT_EQ(why.pool->max_connections, 1U);
    EXPECT_EQ(why.pool->active, 1U);
    EXPECT_EQ(why.pool->pending, 2U);
    EXPECT_EQ(why.pool->oldest_stream_tag, "the long one");
    EXPECT_NE(why.message.find("1/1 busy, 2 queued"), std::string::npos) << why.message;
    co_await test.until([&] { return served == 3; });
  });
  EXPECT_EQ(test.stats().rejected, 1U);
}

TEST(waiting, behaviour_18_the_evidence_names_the_limit_of_the_protocol_that_is_spoken) {
  pool_options options = limited_to(50);
  options.protocol = http_protocol::http2;
  options.max_h2_connections = 1;
  options.max_streams = 1;
  options.max_pending = 0;
  wire test(one_rule({.request = 1}, {ends(ending::stall, moment::before_response)}), options);
  test.run([&]() -> awaitable<void> {
    boost::asio::cancellation_signal signal;
    bool ended = false;
    test.pools.async_send(test.post("/echo"), boost::asio::bind_cancellation_slot(
                                                  signal.slot(), [&](const result<response>&) { ended = true; }));
    co_await test.until([&] { return test.stats().active == 1; });
    const auto refused = co_await test.send(test.post("/echo"));
    EXPECT_EQ(refused.error().pool->max_connections, 1U);
    EXPECT_NE(refused.error().message.find("1/1 busy"), std::string::npos) << refused.error().message;
    signal.emit(boost::asio::cancellation_type::terminal);
    co_await test.until([&] { return ended; });
  });
}

TEST(waiting, behaviour_18_the_acquire_timeout_is_its_own_error) {
  auto options = limited_to(1);
  options.acquire_timeout = 50ms;
  wire test(one_rule({.request = 1}, {fault::delay{500ms}}), options);
  test.run([&]() -> awaitable<void> {
    bool served = false;
    test.pools.async_send(test.post("/echo"), [&](const result<response>& got) { served = got.has_value(); });
    co_await test.until([&] { return test.stats().active == 1; });
    const auto late = co_await test.send(test.post("/echo"));
    EXPECT_TRUE(late.has_error());
    if (late.has_value()) co_return;
    EXPECT_EQ(late.error().code, errc::pool_acquire_timeout);
    EXPECT_GE(late.error().pool.value().oldest_stream_age, 50ms);
    EXPECT_EQ(late.error().pool->active, 1U);
    EXPECT_FALSE(served) << "the request that holds the connection has a time-out of its own";
    co_await test.until([&] { return served; });
  });
  EXPECT_EQ(test.stats().timed_out, 1U);
}

TEST(waiting, behaviour_18_the_last_dial_error_is_part_of_the_evidence) {
  pool_options options;
  options.max_connections = 1;
  options.max_pending = 1;
  emulator::emulator_options stalls;
  wire test({{{{.connection = 1}, {ends(fault::ending::reset, fault::moment::handshake)}},
              {{.connection = 2}, {ends(fault::ending::stall, fault::moment::handshake)}}}},
            options, stalls);
  test.run([&]() -> awaitable<void> {
    const auto first = co_await test.send(test.post("/echo"));
    EXPECT_EQ(first.error().code, errc::tls_failed);
    EXPECT_EQ(first.error().phase, phase::tls);
    int ended = 0;
    for (int i = 0; i < 2; ++i) {
      test.pools.async_send(test.post("/echo"), [&](const result<response>&) { ++ended; });
    }
    co_await test.until([&] { return test.stats().connecting == 1; });
    const auto refused = co_await test.send(test.post("/echo"));
    EXPECT_EQ(refused.error().code, errc::pool_overflow);
    EXPECT_NE(refused.error().pool.value().last_dial_error.find("tls_failed"), std::string::npos);
    (void)co_await test.pools.async_close("default", 0ms, use_awaitable);
    co_await test.until([&] { return ended == 2; });
  });
}

}  // namespace
}  // namespace warmwire::test::waiting_test
