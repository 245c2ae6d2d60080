// Behaviours 1, 7 and 19 over HTTP/2: which connections are used again, and which never.
#include "h2_wire.hpp"

namespace warmwire::test::h2_reuse_test {
namespace {

enum class notices { at_checkout, while_idle };

/// The peer ends the connection after the first response, and its end has arrived before the second request.
void end_is_seen_before_reuse(const std::string& how, notices when, bool tls) {
  emulator::emulator_options options;
  options.tls = tls;
  wire test(rules("connection 1 request 1: " + how), http2_only(), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
    EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return !seen.history.at(0).ended_by.empty(); }));
    if (when == notices::while_idle) co_await test.until([&] { return test.stats().idle == 0; });
    const auto second = (co_await test.send(test.post("/echo", "pong"))).value();
    EXPECT_EQ(second.body, "pong");
    EXPECT_EQ(second.provenance.protocol, "h2");
    EXPECT_FALSE(second.provenance.reused);
    EXPECT_EQ(second.provenance.replays, 0U) << how;
  });
  const auto stats = test.stats();
  EXPECT_EQ(stats.opened, 2U);
  EXPECT_EQ(stats.replayed, 0U);
  EXPECT_EQ(stats.reused, 0U);
  EXPECT_EQ(stats.requests, 2U);
  EXPECT_EQ(stats.closed_for(close_reason::peer_closed_idle) + stats.closed_for(close_reason::goaway), 1U)
      << how << ": " << stats.to_string();
  EXPECT_EQ(test.server.report().requests, 2U);
}

TEST(h2_reuse, behaviour_01_the_end_of_an_idle_connection_is_seen_before_reuse) {
  for (const auto* how : {"close", "truncate", "half-close", "reset", "goaway"}) {
    for (const auto when : {notices::at_checkout, notices::while_idle}) {
      for (const bool tls : {true, false})
        end_is_seen_before_reuse(std::string(how) + " when idle", when, tls);
    }
  }
}

TEST(h2_reuse, behaviour_02_what_nobody_asked_for_ends_an_idle_connection) {
  for (const auto when : {notices::at_checkout, notices::while_idle}) {
    std::string rule = R"(connection 1 request 1: stray "HTTP/1.1 408 Request Timeout\r\n\r\n")";
    if (when == notices::at_checkout) rule += " with response";
    wire test(rules(rule), http2_only());
    test.run([&]() -> awaitable<void> {
      EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
      if (when == notices::while_idle) co_await test.until([&] { return test.stats().idle == 0; });
      EXPECT_EQ((co_await test.send(test.post("/echo", "pong"))).value().body, "pong");
    });
    EXPECT_EQ(test.stats().closed_for(close_reason::protocol_error), 1U) << test.stats().to_string();
  }
}

/// Time asleep as a test wants it.
struct suspended_machine {
  std::chrono::nanoseconds asleep{};

  transport_options options() {
    transport_options made;
    made.boot_clock = [this] { return std::chrono::steady_clock::now().time_since_epoch() + asleep; };
    return made;
  }
};

TEST(h2_reuse, behaviour_07_after_a_suspension_idle_connections_are_not_reused) {
  suspended_machine machine;
  auto options = http2_only();
  options.idle_timeout = 60s;
  wire test({}, options, {}, machine.options());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    machine.asleep += 30s;
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused) << "a nap does no harm";
    machine.asleep += 61s;
    const auto after = (co_await test.send(test.post("/echo"))).value();
    EXPECT_FALSE(after.provenance.reused);
    EXPECT_EQ(after.provenance.replays, 0U);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::suspended), 1U) << test.stats().to_string();
}

TEST(h2_reuse, behaviour_07_a_suspension_spares_open_streams) {
  suspended_machine machine;
  auto options = http2_only();
  options.idle_timeout = 60s;
  wire test({}, options, {}, machine.options());
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get(unread))).value();
    machine.asleep += 61s;
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    EXPECT_EQ((co_await read_all(stream)).value().size(), unread_bytes);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::suspended), 0U) << test.stats().to_string();
}

TEST(h2_reuse, behaviour_19_a_burst_that_comes_again_dials_nothing) {
  constexpr std::size_t burst = 50;
  auto options = http2_only();
  options.max_idle = 1;  // holds later, not at release
  wire test({}, options, streams_at_once(10));
  test.run([&]() -> awaitable<void> {
    {
      openings first(test);
      first.start(burst, test.get(unread));
      co_await first.wait_for_success();
      EXPECT_EQ(test.stats().opened, 5U);
    }
    co_await test.until([&] { return test.stats().idle == 5; });
    openings second(test);
    second.start(burst, test.get(unread));
    co_await second.wait_for_success();
  });
  EXPECT_EQ(test.stats().opened, 5U) << test.stats().to_string();
  EXPECT_EQ(test.stats().requests, 2 * burst);
  EXPECT_EQ(test.stats().reused, 2 * burst - 5);
}

TEST(h2_reuse, one_connection_serves_many_at_once_and_one_after_another) {
  wire test({}, http2_only());
  test.run([&]() -> awaitable<void> {
    for (int round = 0; round < 3; ++round) {
      sendings all(test);
      for (int i = 0; i < 20; ++i)
        all.start(test.post("/echo", std::to_string(i)));
      co_await all.wait_for_success();
      for (std::size_t i = 0; i < 20; ++i)
        EXPECT_EQ(all[i].got->value().body, std::to_string(i));
    }
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.server.report().history.at(0).streams, 60U);
}

TEST(h2_reuse, providers_never_share_a_connection) {
  wire test({}, http2_only());
  auto options = http2_only();
  options.tls.emplace().ca_file = test.server.ca_file();
  test.pools.configure("other", options).value();
  test.run([&]() -> awaitable<void> {
    auto other = test.get("/bytes/1");
    other.provider = "other";
    EXPECT_TRUE((co_await test.send(test.get("/bytes/1"))).has_value());
    EXPECT_FALSE((co_await test.send(other)).value().provenance.reused);
    EXPECT_TRUE((co_await test.send(other)).value().provenance.reused);
    (void)co_await test.pools.async_close("other", 0ms, use_awaitable);
    EXPECT_EQ(test.stats().idle, 1U) << "closing one leaves the other alone";
  });
  EXPECT_EQ(test.server.report().connections, 2U);
}

}  // namespace
}  // namespace warmwire::test::h2_reuse_test
