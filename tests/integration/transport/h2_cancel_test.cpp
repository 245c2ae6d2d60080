// Behaviours 8, 9 and 13: streams that are given up, and what that says of their connection.
#include "h2_wire.hpp"

namespace warmwire::test::h2_cancel_test {
namespace {

using boost::asio::bind_cancellation_slot;

std::uint64_t resets(const emulator::report& seen, std::size_t connection = 0) {
  const auto& by_code = seen.history.at(connection).resets;
  const auto found = by_code.find("cancel");
  return found == by_code.end() ? 0 : found->second;
}

TEST(h2_cancel, behaviour_08_a_cancelled_stream_is_reset_and_its_siblings_are_not_touched) {
  constexpr std::size_t cancelled = 500;
  constexpr std::size_t siblings = 5;
  auto busy = streams_at_once(1000);
  busy.record = false;
  auto options = one_connection(1000);
  wire test(rules("path /bytes/100: stall after 10 bytes"), options, busy);
  test.run([&]() -> awaitable<void> {
    openings kept(test);
    kept.start(siblings, test.get(unread));
    openings streams(test);
    streams.start(cancelled, test.get("/bytes/100"));
    co_await kept.wait_for_success();
    co_await streams.wait_for_success();
    outcomes<std::string> reads(test);
    for (std::size_t i = 0; i < cancelled; ++i) {
      EXPECT_EQ((co_await streams.stream(i).async_read(use_awaitable)).value().size(), 10U);
      streams.stream(i).async_read(reads.add().token());
    }
    co_await test.until([&] { return test.stats().streams == cancelled + siblings; });
    for (const auto& each : reads)
      each->cancel();
    co_await reads.wait();
    EXPECT_EQ(reads.count(errc::cancelled), cancelled);
    co_await test.until([&] { return resets(test.server.report()) == cancelled; });
    EXPECT_EQ(test.stats().streams, siblings) << "each place is free again";
    for (std::size_t i = 0; i < siblings; ++i)
      EXPECT_EQ((co_await read_all(kept.stream(i))).value().size(), unread_bytes);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.stats().closed_for(close_reason::cancelled), 0U) << test.stats().to_string();
  EXPECT_EQ(test.server.report().history.at(0).streams, cancelled + siblings + 1);
}

TEST(h2_cancel, behaviour_08_whatever_gives_a_stream_up_resets_it) {
  wire test(rules("path /bytes/100: stall after 10 bytes\npath /status: stall"), one_connection());
  test.run([&]() -> awaitable<void> {
    // The caller cancels, the deadline passes, the reader leaves: each before the response and within it.
    sendings before(test);
    before.start(test.get("/status/200"));
    auto hurried = test.get("/bytes/100");
    hurried.timeout = 50ms;
    sendings late(test);
    late.start(hurried);
    { const auto left = (co_await open(test, test.get(unread))).value(); }
    co_await late.wait();
    EXPECT_EQ(late[0].failure(), errc::deadline_exceeded);
    before[0].cancel();
    co_await before.wait();
    EXPECT_EQ(before[0].failure(), errc::cancelled);
    co_await test.until([&] { return resets(test.server.report()) == 3; });
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_cancel, behaviour_08_a_request_that_was_cancelled_before_it_left_is_not_sent) {
  wire test({}, one_connection(1));
  test.run([&]() -> awaitable<void> {
    auto held = (co_await open(test, test.get(unread))).value();
    sendings all(test);
    all.start(3, test.post("/echo"));
    for (const auto& each : all)
      each->cancel();
    co_await all.wait();
    EXPECT_EQ(all.count(errc::cancelled), 3U);
    EXPECT_EQ((co_await read_all(held)).value().size(), unread_bytes);
  });
  EXPECT_EQ(test.server.report().requests, 1U);
}

TEST(h2_cancel, behaviour_09_the_place_of_a_stream_without_a_sign_of_life_is_held_until_the_pong) {
  wire test(rules("request 2: stall"), one_connection(1));
  test.run([&]() -> awaitable<void> {
    // After its answer no frame is on its way any more.
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    sendings silent(test);
    silent.start(test.post("/echo"));
    co_await test.until([&] { return test.server.report().requests == 2; });
    silent[0].cancel();
    co_await silent.wait();
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.connection_id, 1U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  const auto seen = test.server.report();
  EXPECT_EQ(resets(seen), 1U);
  EXPECT_EQ(seen.history.at(0).pings, 1U);
}

TEST(h2_cancel, behaviour_09_a_stream_that_was_heard_from_leaves_its_place_at_once) {
  wire test(rules("request 1: stall after 10 bytes"), one_connection(1));
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get("/bytes/100"))).value();
    outcome<std::string> reading;
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
    stream.async_read(reading.token());
    co_await boost::asio::post(test.loop, use_awaitable);
    reading.cancel();
    co_await test.until([&] { return reading.has_ended(); });
    EXPECT_EQ(test.stats().streams, 0U);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
  });
  EXPECT_EQ(test.server.report().history.at(0).pings, 0U);
}

TEST(h2_cancel, behaviour_09_a_mute_connection_absorbs_no_more_than_it_has_places) {
  constexpr std::size_t places = 4;
  auto options = one_connection(places);
  options.ping_timeout = 200ms;
  wire test(rules("connection 1 request 2: mute after head"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    sendings swallowed(test);
    swallowed.start(test.post("/echo"));
    co_await test.until([&] { return test.server.report().requests == 2; });
    swallowed.start(places - 1, test.post("/echo"));
    co_await test.until([&] { return test.server.report().history.at(0).streams == 1 + places; });
    for (const auto& each : swallowed)
      each->cancel();
    co_await swallowed.wait();
    EXPECT_EQ(swallowed.count(errc::cancelled), places);
    // It is in nobody's power to answer the PING: these wait until the connection is given up.
    sendings waiting(test);
    waiting.start(10, test.post("/echo"));
    EXPECT_EQ(test.stats().pending, 10U);
    EXPECT_EQ(test.stats().streams, places) << "their places are held";
    co_await waiting.wait_for_success();
    for (const auto& each : waiting) {
      EXPECT_EQ(each->got->value().provenance.connection_id, 2U);
      EXPECT_EQ(each->got->value().provenance.replays, 0U) << "none of them was sent into the void";
    }
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().opened, 2U);
}

TEST(h2_cancel, behaviour_13_when_a_stream_times_out_and_the_peer_answers_only_that_stream_fails) {
  wire test(rules("path /status: stall"), one_connection());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    auto sibling = (co_await open(test, test.get(unread))).value();
    auto hurried = test.get("/status/200");
    hurried.timeout = 50ms;
    EXPECT_EQ((co_await test.send(hurried)).error().code, errc::deadline_exceeded);
    co_await test.until([&] { return test.server.report().history.at(0).pings == 1; });
    EXPECT_EQ((co_await read_all(sibling)).value().size(), unread_bytes);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_cancel, behaviour_13_when_a_stream_times_out_and_the_peer_is_silent_the_connection_is_retired) {
  auto options = http2_only();
  options.ping_timeout = 100ms;
  wire test(rules("path /bytes/100: stall after 10 bytes\nrequest 3: mute after head"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    // One whose response has begun, one that hears nothing after it was sent, and one that times out beside them.
    auto begun = (co_await open(test, test.get("/bytes/100"))).value();
    EXPECT_EQ((co_await begun.async_read(use_awaitable)).value().size(), 10U);
    outcome<std::string> reading;
    begun.async_read(reading.token());
    sendings all(test);
    all.start(test.post("/echo", "unheard"));
    co_await test.until([&] { return test.server.report().requests == 3; });
    auto hurried = test.post("/echo", "late");
    hurried.timeout = 50ms;
    all.start(hurried);
    co_await all.wait();
    EXPECT_EQ(all[1].failure(), errc::deadline_exceeded) << "a time-out is an answer: it is not replayed";
    EXPECT_EQ(all[0].failure(), std::nullopt);
    EXPECT_EQ(all[0].got->value().provenance.replayed_because, replay_reason::stale_connection);
    EXPECT_EQ(all[0].got->value().provenance.connection_id, 2U);
    co_await test.until([&] { return reading.has_ended(); });
    EXPECT_EQ(reading.failure(), errc::stream_interrupted);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().replayed_stale, 1U);
}

TEST(h2_cancel, behaviour_13_a_time_out_within_a_response_raises_the_question_too) {
  auto options = http2_only();
  options.ping_timeout = 100ms;
  wire test(rules("request 2: mute after 10 bytes"), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    auto hurried = test.get("/bytes/100");
    hurried.timeout = 300ms;
    EXPECT_EQ((co_await test.send(hurried)).error().code, errc::deadline_exceeded);
    // Long before `ping_after`, and though no place is held for want of a sign of life.
    co_await test.until([&] { return test.stats().idle + test.stats().active == 0; });
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
}

}  // namespace
}  // namespace warmwire::test::h2_cancel_test
