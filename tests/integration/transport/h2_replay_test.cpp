// Behaviours 3, 4, 5 and 12 over HTTP/2: what is sent a second time, what never, and how a dead path is found.
#include "h2_wire.hpp"

#include <algorithm>
#include <memory>

namespace warmwire::test::h2_replay_test {
namespace {

request with_id(request message, const std::string& id) {
  message.headers.add("x-request-id", id);
  return message;
}

/// The result of a second request on a connection, which meets what `rule` says.
result<response> send_second(wire& test, const request& message) {
  std::optional<result<response>> seen;
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo", "first"))).has_value());
    seen = co_await test.send(message);
  });
  return *seen;
}

TEST(h2_replay, behaviour_03_a_reused_connection_that_dies_unanswered_is_replayed_once_on_a_fresh_one) {
  for (const auto* how : {"close", "reset", "truncate", "close after head", "reset after head"}) {
    wire test(rules(std::string("request 2: ") + how), http2_only());
    const auto got = send_second(test, with_id(test.post("/echo", "again"), "a"));
    ASSERT_TRUE(got.has_value()) << how << ": " << got.error().to_string();
    EXPECT_EQ(got->body, "again");
    EXPECT_EQ(got->provenance.replays, 1U);
    EXPECT_EQ(got->provenance.replayed_because, replay_reason::stale_connection);
    EXPECT_FALSE(got->provenance.reused) << "never on a pooled connection";
    EXPECT_EQ(test.stats().replayed_stale, 1U);
    EXPECT_EQ(test.stats().closed_for(close_reason::stale), 1U) << test.stats().to_string();
    EXPECT_EQ(test.server.report().arrivals_of("a").arrived, 2U);
  }
}

TEST(h2_replay, behaviour_03_never_when_the_peer_was_heard_from_after_the_request) {
  wire test(rules("request 2: flood ping 1, close"), http2_only());
  const auto got = send_second(test, test.post("/echo"));
  ASSERT_TRUE(got.has_error());
  EXPECT_EQ(got.error().code, errc::connection_lost);
  EXPECT_EQ(got.error().phase, phase::first_byte);
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.server.report().requests, 2U);
}

TEST(h2_replay, behaviour_03_never_after_a_response_byte) {
  for (const auto* how : {"close after 3 bytes", "interim 103, close", "rst internal-error after 3 bytes"}) {
    wire test(rules(std::string("request 2: ") + how), http2_only());
    const auto got = send_second(test, test.post("/echo", "0123456789"));
    ASSERT_TRUE(got.has_error()) << how;
    EXPECT_EQ(got.error().code, errc::stream_interrupted) << how;
    EXPECT_EQ(got.error().phase, phase::body);
    EXPECT_EQ(test.stats().replayed, 0U);
    EXPECT_EQ(test.server.report().requests, 2U);
  }
}

TEST(h2_replay, behaviour_03_never_on_a_connection_that_was_not_used_before) {
  wire test(rules("request 1: close"), http2_only());
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::connection_lost);
  });
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.server.report().requests, 1U);
}

TEST(h2_replay, behaviour_03_at_most_once) {
  wire test(rules("request 2: close\nrequest 3: close"), http2_only());
  EXPECT_EQ(send_second(test, test.post("/echo")).error().code, errc::connection_lost);
  EXPECT_EQ(test.stats().replayed, 1U);
  EXPECT_EQ(test.server.report().requests, 3U);
}

TEST(h2_replay, behaviour_03_never_with_a_one_shot_body_that_was_read) {
  for (const auto* how : {"close", "refuse", "goaway last before after head"}) {
    wire test(rules(std::string("request 2: ") + how), http2_only());
    auto message = test.post("/echo");
    const auto parts = std::make_shared<int>(0);
    message.body = body_source{[parts](const body_source::chunk_handler& done) {
                                 ++*parts;
                                 done(std::string(*parts == 1 ? "once" : ""));
                               },
                               std::nullopt};
    EXPECT_TRUE(send_second(test, message).has_error()) << how;
    EXPECT_EQ(test.stats().replayed, 0U) << how;
    EXPECT_LE(*parts, 2) << how;
  }
}

TEST(h2_replay, behaviour_03_the_policy_decides) {
  for (const auto policy : {replay_policy::never, replay_policy::unsent_only}) {
    auto options = http2_only();
    options.replay = policy;
    wire test(rules("request 2: close"), options);
    EXPECT_EQ(send_second(test, test.post("/echo")).error().code, errc::connection_lost);
    EXPECT_EQ(test.stats().replayed, 0U);
    EXPECT_EQ(test.server.report().requests, 2U);
  }
}

TEST(h2_replay, behaviour_04_a_graveyard_costs_one_detection_and_one_dial) {
  constexpr std::size_t graves = 20;
  auto options = http2_only();
  options.max_streams = options.target_streams = 1;
  options.max_h2_connections = graves;
  options.max_concurrent_h2_dials = graves;
  options.max_idle = graves;
  options.ping_at_checkout_after = 10ms;
  options.ping_timeout = 100ms;
  wire test(rules("times 20: delay 100ms, vanish when idle"), options, streams_at_once(1));
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await prewarm(test, graves)).has_value());
    sendings all(test);
    all.start(graves, test.post("/echo"));
    co_await all.wait_for_success();
    EXPECT_EQ(test.stats().idle, graves);
    EXPECT_TRUE(test.server.wait_for([](const auto& seen) {
      return std::ranges::all_of(seen.history, [](const auto& each) { return each.ended_by == "fault vanish"; });
    }));
    co_await let_pass(test, 20ms);

    const auto got = (co_await test.send(test.post("/echo", "alive"))).value();
    EXPECT_EQ(got.body, "alive");
    EXPECT_EQ(got.provenance.replays, 1U);
  });
  EXPECT_EQ(test.stats().opened, graves + 1);
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().closed_for(close_reason::suspect), graves - 1);
  EXPECT_EQ(test.stats().replayed, 1U);
}

TEST(h2_replay, behaviour_05_a_flow_that_was_dropped_while_idle_is_found_by_a_ping_at_checkout) {
  auto options = http2_only();
  options.ping_at_checkout_after = 10ms;
  options.ping_timeout = 100ms;
  wire test(rules("connection 1: vanish when idle"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return !seen.history.at(0).ended_by.empty(); }));
    co_await let_pass(test, 20ms);
    sendings all(test);
    all.start(10, test.post("/echo"));
    co_await all.wait_for_success();
    for (const auto& each : all)
      EXPECT_EQ(each->got->value().provenance.replays, 1U);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().opened, 2U);
}

TEST(h2_replay, behaviour_05_a_flow_that_was_dropped_while_idle_is_found_by_tcp) {
  auto options = http2_only();
  options.dead_path_timeout = 300ms;
  wire test(rules("connection 1: vanish when idle"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    co_await let_pass(test, 1100ms);  // what was heard from later than a second ago is not suspected
    const auto got = (co_await test.send(test.post("/echo"))).value();
    EXPECT_EQ(got.provenance.replays, 1U);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
}

TEST(h2_replay, behaviour_05_a_connection_that_falls_silent_under_its_streams_is_found_dead) {
  auto options = http2_only();
  options.ping_after = 50ms;
  options.ping_timeout = 100ms;
  wire test(rules("request 2: mute after head"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    const auto got = (co_await test.send(test.get("/bytes/7"))).value();
    EXPECT_EQ(got.provenance.replays, 1U);
    EXPECT_EQ(got.provenance.replayed_because, replay_reason::stale_connection);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
}

TEST(h2_replay, behaviour_05_a_slow_answer_on_a_live_connection_is_not_taken_for_a_dead_one) {
  auto options = http2_only();
  options.ping_after = 20ms;
  wire test(rules("path /echo: delay 300ms"), options);
  test.run([&]() -> awaitable<void> {
    const auto slow = (co_await test.send(test.post("/echo"))).value();
    EXPECT_EQ(slow.provenance.replays, 0U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_GE(test.server.report().history.at(0).pings, 1U);
}

TEST(h2_replay, behaviour_12_goaway_drains_what_it_includes_and_replays_what_it_excludes) {
  // Streams 1, 3, 5, 7 and 9 are open when it comes; the first three are not read meanwhile.
  wire test(rules("connection 1 request 4: stall\nconnection 1 request 5: goaway last 5 after head"), http2_only());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await prewarm(test, 1)).has_value());
    openings included(test);
    included.start(3, test.get(unread));
    co_await included.wait_for_success();
    sendings excluded(test);
    excluded.start(with_id(test.post("/echo", "seven"), "seven"));
    excluded.start(with_id(test.post("/echo", "nine"), "nine"));
    co_await excluded.wait_for_success();
    for (const auto& each : excluded) {
      const auto& from = each->got->value().provenance;
      EXPECT_EQ(from.replays, 1U);
      EXPECT_EQ(from.replayed_because, replay_reason::refused);
      EXPECT_EQ(from.connection_id, 2U);
    }
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.connection_id, 2U)
        << "retired at once: new requests go elsewhere";
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ((co_await read_all(included.stream(i))).value().size(), unread_bytes);
      EXPECT_EQ(included.stream(i).provenance().connection_id, 1U);
    }
    co_await test.until([&] { return test.stats().active == 0; });
  });
  EXPECT_EQ(test.stats().opened, 2U);
  EXPECT_EQ(test.stats().replayed_refused, 2U);
  EXPECT_EQ(test.stats().closed_for(close_reason::goaway), 1U) << test.stats().to_string();
  const auto seen = test.server.report();
  EXPECT_EQ(seen.arrivals_of("seven").arrived, 2U);
  EXPECT_EQ(seen.arrivals_of("seven").refused, 1U);
  EXPECT_EQ(seen.arrivals_of("nine").refused, 1U);
}

TEST(h2_replay, behaviour_12_the_budget_is_six) {
  wire test(rules("all: goaway last before after head"), http2_only());
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::stream_refused);
  });
  EXPECT_EQ(test.stats().replayed_refused, 6U);
  EXPECT_EQ(test.server.report().requests, 7U);
}

TEST(h2_replay, behaviour_12_a_server_that_says_goodbye_every_few_requests_costs_no_error) {
  emulator::emulator_options options;
  options.max_requests_per_connection = 10;
  wire test({}, http2_only(), options);
  constexpr std::size_t total = 240;
  constexpr std::size_t at_once = 8;
  test.run([&]() -> awaitable<void> {
    for (std::size_t sent = 0; sent < total; sent += at_once) {
      sendings all(test);
      for (std::size_t i = 0; i < at_once; ++i)
        all.start(with_id(test.post("/echo"), std::to_string(sent + i)));
      co_await all.wait_for_success();
    }
  });
  const auto seen = test.server.report();
  for (std::size_t i = 0; i < total; ++i) {
    const auto arrivals = seen.arrivals_of(std::to_string(i));
    EXPECT_EQ(arrivals.arrived - arrivals.refused, 1U) << "request " << i << " was processed once";
  }
  EXPECT_EQ(test.stats().replayed_stale, 0U) << test.stats().to_string();
}

TEST(h2_replay, a_refused_stream_goes_again_on_the_same_connection_and_a_second_one_retires_it) {
  wire test(rules("connection 1 request 2: refuse\nconnection 1 request 4: refuse"), http2_only());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    const auto once = (co_await test.send(with_id(test.post("/echo"), "once"))).value();
    EXPECT_EQ(once.provenance.replays, 1U);
    EXPECT_EQ(once.provenance.replayed_because, replay_reason::refused);
    EXPECT_EQ(once.provenance.connection_id, 1U);
    const auto twice = (co_await test.send(with_id(test.post("/echo"), "twice"))).value();
    EXPECT_EQ(twice.provenance.replays, 1U);
    EXPECT_EQ(twice.provenance.connection_id, 2U);
  });
  EXPECT_EQ(test.stats().replayed_refused, 2U);
  EXPECT_EQ(test.stats().closed_for(close_reason::refused), 1U) << test.stats().to_string();
  const auto seen = test.server.report();
  EXPECT_EQ(seen.arrivals_of("once").arrived, 2U);
  EXPECT_EQ(seen.arrivals_of("once").refused, 1U);
  EXPECT_EQ(seen.arrivals_of("twice").arrived, 2U);
}

TEST(h2_replay, a_stream_that_is_refused_goes_again_six_times_and_then_fails) {
  std::string refusals;
  for (int refused = 1; refused <= 7; ++refused) {
    refusals += "request " + std::to_string(1 + refused) + ": refuse\n";
    wire test(rules(refusals), http2_only());
    const auto got = send_second(test, test.post("/echo", "again"));
    EXPECT_EQ(got.has_value(), refused <= 6) << refused;
    EXPECT_EQ(got ? got->body : to_string(got.error().code), refused <= 6 ? "again" : "stream_refused");
    EXPECT_EQ(test.stats().replayed_refused, std::min(refused, 6));
    EXPECT_EQ(test.server.report().requests, 2U + std::min(refused, 6));
  }
}

TEST(h2_replay, behaviour_12_a_crowd_at_a_server_that_says_goodbye_every_few_requests_costs_no_error) {
  struct crowd {
    std::uint64_t requests_a_connection;
    std::size_t callers;
  };
  for (const auto& [limit, callers] : {crowd{1, 20}, crowd{10, 20}, crowd{10, 250}, crowd{50, 250}, crowd{100, 100}}) {
    emulator::emulator_options options;
    options.max_requests_per_connection = limit;
    wire test({}, http2_only(), options);
    test.run([&]() -> awaitable<void> {
      sendings all(test);
      for (std::size_t i = 0; i < callers; ++i)
        all.start(with_id(test.post("/echo"), std::to_string(i)));
      co_await all.wait_for_success();
      const auto before = test.stats().replayed;
      sendings more(test);
      for (std::size_t i = 0; i < callers; ++i)
        more.start(with_id(test.post("/echo"), "again " + std::to_string(i)));
      co_await more.wait_for_success();
      EXPECT_EQ(test.stats().replayed, before) << "the limit is known now: " << limit << ", " << callers;
    });
    EXPECT_EQ(test.stats().requests, 2 * callers + test.stats().replayed);
    const auto seen = test.server.report();
    for (std::size_t i = 0; i < callers; ++i) {
      const auto arrivals = seen.arrivals_of(std::to_string(i));
      EXPECT_EQ(arrivals.arrived - arrivals.refused, 1U) << "request " << i << " was processed once";
    }
  }
}

TEST(h2_replay, a_reset_before_the_response_is_an_answer_and_costs_only_its_stream) {
  for (const auto* code : {"internal-error", "cancel", "no-error", "http-1-1-required"}) {
    wire test(rules(std::string("request 2: rst ") + code), http2_only());
    test.run([&]() -> awaitable<void> {
      auto sibling = (co_await open(test, test.get(unread))).value();
      const auto got = co_await test.send(test.post("/echo"));
      EXPECT_EQ(got.error().code, errc::stream_reset) << code;
      EXPECT_EQ((co_await read_all(sibling)).value().size(), unread_bytes);
      EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
    });
    EXPECT_EQ(test.stats().replayed, 0U);
    EXPECT_EQ(test.stats().opened, 1U);
  }
}

}  // namespace
}  // namespace warmwire::test::h2_replay_test
