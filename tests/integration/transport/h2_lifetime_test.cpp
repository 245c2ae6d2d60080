// Behaviour 24 over HTTP/2, and what is kept open without a request: lifetimes, other networks, warmth, lessons.
#include "../listener.hpp"
#include "../scripted_resolver.hpp"
#include "h2_wire.hpp"

namespace warmwire::test::h2_lifetime_test {
namespace {

TEST(h2_lifetime, behaviour_24_an_old_connection_takes_no_more_and_lets_its_streams_end) {
  auto options = http2_only();
  options.max_lifetime = 50ms;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get(unread))).value();
    co_await let_pass(test, 60ms);
    EXPECT_NE((co_await test.send(test.post("/echo"))).value().provenance.connection_id,
              stream.provenance().connection_id);
    EXPECT_EQ((co_await read_all(stream)).value().size(), unread_bytes);
    co_await test.until([&] { return test.stats().active + test.stats().idle == 0; });
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::max_lifetime), test.stats().opened) << test.stats().to_string();
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.history.at(0).ended_by == "client"; }));
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.history.at(0).goaway == "no-error"; }));
}

TEST(h2_lifetime, behaviour_24_another_network_retires_what_is_idle_and_keeps_what_runs) {
  wire test({}, http2_only());
  auto other = http2_only();
  other.tls.emplace().ca_file = test.server.ca_file();
  test.pools.configure("idle-one", other).value();
  test.run([&]() -> awaitable<void> {
    auto idle = test.post("/echo");
    idle.provider = "idle-one";
    EXPECT_TRUE((co_await test.send(idle)).has_value());
    auto stream = (co_await open(test, test.get(unread))).value();
    test.pools.network_changed();
    EXPECT_EQ(test.pools.stats("idle-one").closed_for(close_reason::network_changed), 1U);
    EXPECT_FALSE((co_await test.send(idle)).value().provenance.reused);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.reused, false)
        << "nothing new on the old one";
    EXPECT_EQ((co_await read_all(stream)).value().size(), unread_bytes);
    co_await test.until([&] { return test.stats().active == 0; });
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::network_changed), 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().replayed, 0U);
}

TEST(h2_lifetime, behaviour_24_another_network_dials_anew_what_is_being_dialed) {
  wire test(rules("connection 1: stall in handshake"), http2_only());
  test.run([&]() -> awaitable<void> {
    sendings all(test);
    all.start(5, test.post("/echo"));
    co_await test.until([&] { return test.server.report().connections == 1; });
    test.pools.network_changed();
    co_await all.wait_for_success();
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::network_changed), 1U) << test.stats().to_string();
}

TEST(h2_lifetime, behaviour_24_new_connections_follow_a_changed_record_and_old_streams_go_on) {
  emulator::emulator_options plain;
  plain.tls = false;
  plain.address = "127.0.0.2";
  scripted_resolver names;
  transport_options of_all;
  of_all.resolver = names.function();
  of_all.dns.min_ttl = 0ms;
  names.set("api.test", resolved{.addresses = {"127.0.0.2"}, .ttl = 0ms});
  wire test({}, one_connection(), plain, of_all);
  plain.address = "127.0.0.3";
  plain.port = test.server.port();
  emulator::server second(plain);
  test.run([&]() -> awaitable<void> {
    auto message = test.get(unread);
    message.url = "http://api.test:" + std::to_string(second.port()) + unread;
    auto stream = (co_await open(test, message)).value();
    EXPECT_EQ(stream.provenance().remote_address, "127.0.0.2:" + std::to_string(second.port()));
    names.set("api.test", resolved{.addresses = {"127.0.0.3"}, .ttl = 0ms});
    test.pools.network_changed();
    auto longer = http2_only();
    longer.max_h2_connections = 2;
    test.pools.configure("default", longer).value();
    auto next = (co_await open(test, message)).value();
    EXPECT_EQ(next.provenance().remote_address, "127.0.0.3:" + std::to_string(second.port()));
    EXPECT_EQ((co_await read_all(stream)).value().size(), unread_bytes);
  });
}

// Prewarming

TEST(h2_lifetime, prewarmed_connections_have_their_settings) {
  constexpr std::size_t count = 3;
  wire test({}, http2_only(), streams_at_once(5));
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await prewarm(test, count)).has_value());
    EXPECT_EQ(test.stats().idle, count);
    EXPECT_TRUE((co_await prewarm(test, 1)).has_value()) << "there are enough";
    openings all(test);
    all.start(5 * count, test.get(unread));
    EXPECT_EQ(test.stats().pending, 0U) << "each place is known at once";
    co_await all.wait_for_success();
  });
  EXPECT_EQ(test.stats().opened, count);
}

TEST(h2_lifetime, prewarming_says_what_went_wrong) {
  auto options = one_connection();
  options.dial_backoff_min = options.dial_backoff_max = 1ms;
  wire test(rules("connection 1: reset in handshake"), options);
  test.run([&]() -> awaitable<void> {
    const auto& url = test.server.origin();
    EXPECT_EQ((co_await prewarm(test, 1)).error().code, errc::tls_failed);
    co_await let_pass(test, 5ms);  // while the back-off lasts the error of before is the answer
    const auto many = co_await prewarm(test, 5);
    EXPECT_EQ(many.error().code, errc::pool_overflow) << many.error().to_string();
    EXPECT_EQ(test.stats().idle, 1U) << "what the limit allows is there";
    const auto warm = [&](std::string id, std::string where) {
      return test.pools.async_prewarm(std::move(id), std::move(where), 1, use_awaitable);
    };
    EXPECT_EQ((co_await warm("default", "nonsense")).error().code, errc::invalid_url);
    EXPECT_EQ((co_await warm("default", "ftp://localhost")).error().code, errc::unsupported_scheme);
    EXPECT_EQ((co_await warm("a\nb", url)).error().code, errc::invalid_option);
    const auto port = std::to_string(closed_port());
    EXPECT_EQ((co_await warm("default", "http://127.0.0.1:" + port)).error().code, errc::connect_failed);
  });
}

TEST(h2_lifetime, prewarming_fails_when_the_server_does_not_speak_http2) {
  emulator::emulator_options server;
  server.protocols = emulator::protocol_choice::http1;
  wire test({}, http2_only(), server);
  test.run(
      [&]() -> awaitable<void> { EXPECT_EQ((co_await prewarm(test, 2)).error().code, errc::protocol_unavailable); });
}

TEST(h2_lifetime, prewarming_can_be_cancelled_and_is_ended_by_a_close) {
  wire test(rules("all: stall in handshake"), http2_only());
  test.run([&]() -> awaitable<void> {
    outcome<void> warming;
    test.pools.async_prewarm("default", test.server.origin(), 2, warming.token());
    co_await test.until([&] { return test.server.report().connections >= 1; });
    warming.cancel();
    co_await test.until([&] { return warming.has_ended(); });
    EXPECT_EQ(warming.got->error().code, errc::cancelled);
    outcome<void> closed;
    test.pools.async_prewarm("default", test.server.origin(), 2, closed.token());
    co_await boost::asio::post(test.loop, use_awaitable);
    (void)co_await test.pools.async_close("default", 0ms, use_awaitable);
    EXPECT_TRUE(closed.has_ended());
    EXPECT_EQ(closed.got->error().code, errc::pool_closed) << closed.got->error().to_string();
  });
}

// What is kept warm

TEST(h2_lifetime, min_warm_is_kept_from_the_first_request_on) {
  auto options = http2_only();
  options.min_warm = 3;
  options.idle_timeout = 50ms;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ(test.stats().opened, 0U);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    co_await test.until([&] { return test.stats().idle == 3; });
    co_await let_pass(test, 100ms);
    EXPECT_EQ(test.stats().idle, 3U) << "they outlive the idle time-out";
    EXPECT_EQ(test.stats().closed_total(), 0U);
    EXPECT_EQ(test.pools.close_idle(), 3U);
    co_await test.until([&] { return test.stats().idle == 3; });
  });
  EXPECT_EQ(test.stats().opened, 6U);
}

TEST(h2_lifetime, what_min_warm_loses_is_dialed_again) {
  auto options = http2_only();
  options.min_warm = 2;
  wire test(rules("request 1: goaway when idle"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    co_await test.until([&] { return test.stats().opened == 3 && test.stats().idle == 2; });
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::goaway), 1U) << test.stats().to_string();
}

// What is learned

TEST(h2_lifetime, the_idle_time_after_which_a_server_hangs_up_is_learned) {
  auto options = http2_only();
  options.idle_timeout = 60s;
  wire test(rules("connection 1: close when idle after 1200ms"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    co_await test.until([&] { return test.stats().closed_for(close_reason::peer_closed_idle) == 1; });
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    co_await test.until([&] { return test.stats().idle == 0; });
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::idle_timeout), 1U)
      << "a second later, long before idle_timeout: " << test.stats().to_string();
}

}  // namespace
}  // namespace warmwire::test::h2_lifetime_test
