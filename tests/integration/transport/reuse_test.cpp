// Behaviours 1, 2, 6 and 19: which connections are used again, and which never.
#include "wire.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

namespace warmwire::test::reuse_test {
namespace {

using fault::ending;
using fault::moment;

/// The peer ends the connection after the first response, and its end has arrived before the second request. Unless
/// the loop gets to run, only the look at checkout can notice it.
enum class notices { at_checkout, while_idle };

void end_is_seen_before_reuse(ending how, notices when, bool tls) {
  emulator::emulator_options plain_or_tls;
  plain_or_tls.tls = tls;
  wire test(one_rule({.connection = 1, .connection_request = 1}, {ends(how, moment::idle)}), {}, plain_or_tls);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
    EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return !seen.history.at(0).ended_by.empty(); }));
    if (when == notices::while_idle) co_await test.until([&] { return test.stats().idle == 0; });
    const auto second = (co_await test.send(test.post("/echo", "pong"))).value();
    EXPECT_EQ(second.body, "pong");
    EXPECT_FALSE(second.provenance.reused);
    EXPECT_EQ(second.provenance.replays, 0U);
  });
  EXPECT_EQ(test.stats().opened, 2U);
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.stats().reused, 0U);
  EXPECT_EQ(test.stats().requests, 2U);
  EXPECT_EQ(test.stats().closed_for(close_reason::peer_closed_idle), 1U) << test.stats().to_string();
  EXPECT_EQ(test.server.report().requests, 2U);
}

TEST(reuse, behaviour_01_fin_on_an_idle_connection_is_seen_before_reuse) {
  for (const auto how : {ending::close, ending::half_close, ending::truncate}) {
    for (const auto when : {notices::at_checkout, notices::while_idle}) {
      end_is_seen_before_reuse(how, when, true);
      end_is_seen_before_reuse(how, when, false);
    }
  }
}

TEST(reuse, behaviour_01_reset_on_an_idle_connection_is_seen_before_reuse) {
  for (const auto when : {notices::at_checkout, notices::while_idle}) {
    end_is_seen_before_reuse(ending::reset, when, true);
    end_is_seen_before_reuse(ending::reset, when, false);
  }
}

constexpr auto extra_response = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nWRONG";

void unsolicited_bytes_destroy(fault::stray stray, close_reason expected, bool with_waiter) {
  pool_options one;
  one.max_connections = 1;
  wire test(one_rule({.connection = 1, .connection_request = 1}, {stray}), one);
  using namespace boost::asio::experimental::awaitable_operators;
  test.run([&]() -> awaitable<void> {
    if (with_waiter) {
      const auto [first, second] = co_await (test.send(test.post("/echo", "a")) && test.send(test.post("/echo", "b")));
      EXPECT_EQ(first.value().body, "a");
      EXPECT_EQ(second.value().body, "b");
      co_return;
    }
    EXPECT_EQ((co_await test.send(test.post("/echo", "a"))).value().body, "a");
    co_await test.until([&] { return test.stats().idle == 0; });
    EXPECT_EQ((co_await test.send(test.post("/echo", "b"))).value().body, "b");
  });
  EXPECT_EQ(test.stats().opened, 2U);
  EXPECT_EQ(test.stats().closed_for(expected), 1U) << test.stats().to_string();
}

TEST(reuse, behaviour_02_unsolicited_bytes_on_an_idle_connection_destroy_it) {
  unsolicited_bytes_destroy({extra_response, fault::stray::placement::idle, 0us}, close_reason::unsolicited_bytes,
                            false);
}

TEST(reuse, behaviour_02_bytes_behind_a_response_never_reach_the_next_request) {
  const fault::stray behind{extra_response, fault::stray::placement::with_response, 0us};
  unsolicited_bytes_destroy(behind, close_reason::unsolicited_bytes, false);
  unsolicited_bytes_destroy(behind, close_reason::unsolicited_bytes, true);
}

TEST(reuse, behaviour_02_a_408_on_an_idle_connection_is_a_clean_close) {
  unsolicited_bytes_destroy({"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                             fault::stray::placement::idle, 0us},
                            close_reason::peer_closed_idle, false);
}

TEST(reuse, behaviour_06_a_timeout_of_one_second_is_not_pooled) {
  emulator::emulator_options hinting;
  hinting.keep_alive = 1s;
  wire test({}, {}, hinting);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.get("/bytes/1"))).value().status, 200);
    EXPECT_EQ(test.stats().idle, 0U);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::keep_alive_hint), 1U);
}

TEST(reuse, behaviour_06_a_longer_timeout_is_pooled_and_never_becomes_the_requests_timeout) {
  emulator::emulator_options hinting;
  hinting.keep_alive = 2s;
  wire test(one_rule({.request = 2}, {fault::delay{2500ms}}), {}, hinting);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.get("/bytes/1"))).value().status, 200);
    EXPECT_EQ(test.stats().idle, 1U);
    const auto slow = (co_await test.send(test.get("/bytes/2"))).value();
    EXPECT_TRUE(slow.provenance.reused);
    EXPECT_EQ(slow.body.size(), 2U);
  });
}

TEST(reuse, behaviour_06_max_is_honoured) {
  wire test(one_rule({.connection_request = 1}, {fault::header{"Keep-Alive", "timeout=60, max=1"}}));
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ((co_await test.send(test.get("/bytes/1"))).value().status, 200);
  });
  EXPECT_EQ(test.stats().opened, 2U) << "each connection serves its first request and one more";
  EXPECT_EQ(test.stats().closed_for(close_reason::keep_alive_hint), 2U);
}

TEST(reuse, a_server_that_closes_after_each_response_is_obeyed) {
  emulator::emulator_options closing;
  closing.max_requests_per_connection = 1;
  wire test({}, {}, closing);
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
  });
  EXPECT_EQ(test.stats().opened, 3U);
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.stats().closed_for(close_reason::server_close), 3U);
}

TEST(reuse, a_request_that_asks_for_the_end_of_its_connection_is_its_last) {
  wire test;
  test.run([&]() -> awaitable<void> {
    auto last = test.post("/echo");
    last.headers.add("Connection", "close");
    EXPECT_TRUE((co_await test.send(last)).has_value());
    EXPECT_EQ(test.stats().idle, 0U);
    EXPECT_FALSE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
  EXPECT_EQ(test.stats().replayed, 0U);
}

awaitable<void> burst(wire& test, int size) {
  int left = size;
  for (int i = 0; i < size; ++i) {
    test.pools.async_send(test.post("/echo"), [&](const result<response>& got) {
      EXPECT_TRUE(got.has_value()) << got.error().to_string();
      --left;
    });
  }
  co_await test.until([&] { return left == 0; });
}

TEST(reuse, behaviour_19_a_burst_that_comes_again_dials_nothing) {
  pool_options dials;
  dials.max_concurrent_dials = 50;
  // No answer before all 50 are there: each needs a connection of its own.
  wire test(one_rule({}, {fault::delay{200ms}}), dials);
  test.run([&]() -> awaitable<void> {
    co_await burst(test, 50);
    EXPECT_EQ(test.stats().opened, 50U);
    EXPECT_EQ(test.stats().idle, 50U);
    co_await burst(test, 50);
  });
  EXPECT_EQ(test.stats().opened, 50U);
  EXPECT_EQ(test.stats().reused, 50U);
}

TEST(reuse, providers_never_share_a_connection) {
  wire test;
  pool_options trusting;
  trusting.tls.emplace().ca_file = test.server.ca_file();
  test.pools.configure("other", trusting).value();
  test.run([&]() -> awaitable<void> {
    auto other = test.get("/bytes/1");
    other.provider = "other";
    EXPECT_TRUE((co_await test.send(test.get("/bytes/1"))).has_value());
    EXPECT_FALSE((co_await test.send(other)).value().provenance.reused);
    EXPECT_TRUE((co_await test.send(other)).value().provenance.reused);
    EXPECT_EQ(test.pools.stats("other").opened, 1U);
    (void)co_await test.pools.async_close("other", 0ms, use_awaitable);
    EXPECT_EQ(test.stats().idle, 1U) << "closing one leaves the other alone";
  });
}

TEST(reuse, sessions_are_resumed_and_counted) {
  emulator::emulator_options closing;
  closing.max_requests_per_connection = 1;
  wire test({}, {}, closing);
  test.run([&]() -> awaitable<void> {
    EXPECT_FALSE((co_await test.send(test.get("/bytes/1"))).value().provenance.tls_resumed);
    EXPECT_TRUE((co_await test.send(test.get("/bytes/1"))).value().provenance.tls_resumed);
  });
  EXPECT_EQ(test.stats().tls_full, 1U);
  EXPECT_EQ(test.stats().tls_resumed, 1U);
  EXPECT_TRUE(test.server.report().history.at(1).tls_resumed);
}

}  // namespace
}  // namespace warmwire::test::reuse_test
