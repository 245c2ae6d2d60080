// Behaviours 14, 21 and 23 over HTTP/2: readers that stop or leave, silences, deadlines.
#include "h2_wire.hpp"

namespace warmwire::test::h2_stream_test {
namespace {

constexpr std::size_t window = std::size_t{1} << 20;

std::uint64_t resets(const emulator::report& seen) {
  std::uint64_t sum = 0;
  for (const auto& [code, count] : seen.history.at(0).resets)
    sum += count;
  return sum;
}

TEST(h2_stream, behaviour_14_a_reader_that_stops_does_not_slow_its_siblings) {
  auto options = one_connection();
  options.stream_window_bytes = window;
  options.connection_window_bytes = 2 * window;  // its credit comes back on receipt, whoever reads
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    openings stopped(test);
    stopped.start(5, test.get("/bytes/50000000"));
    co_await stopped.wait_for_success();
    sendings siblings(test);
    siblings.start(3, test.get("/bytes/10000000"));
    co_await siblings.wait_for_success();
    for (const auto& each : siblings)
      EXPECT_EQ(each->got->value().body.size(), 10'000'000U);
    for (std::size_t i = 0; i < stopped.size(); ++i) {
      const auto held = (co_await stopped.stream(i).async_read(use_awaitable)).value();
      EXPECT_GT(held.size(), 0U);
      EXPECT_LE(held.size(), window) << "what nobody reads is bounded by the stream's window";
    }
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_stream, behaviour_14_what_a_closed_stream_had_buffered_is_credited_back) {
  auto options = one_connection();
  options.stream_window_bytes = window;
  options.connection_window_bytes = 2 * window;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 20; ++i) {
      auto stream = (co_await open(test, test.get("/bytes/50000000"))).value();
      EXPECT_GT((co_await stream.async_read(use_awaitable)).value().size(), 0U);
    }
    EXPECT_EQ((co_await test.send(test.get("/bytes/10000000"))).value().body.size(), 10'000'000U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.history.at(0).ended_by == "client"; }));
}

TEST(h2_stream, behaviour_14_an_upload_that_the_server_does_not_take_does_not_slow_its_siblings) {
  wire test(rules("path /status: slow-window never"), one_connection());
  test.run([&]() -> awaitable<void> {
    sendings stuck(test);
    stuck.start(test.post("/status/200", std::string(5'000'000, 'x')));
    sendings siblings(test);
    siblings.start(3, test.post("/echo", std::string(2'000'000, 'y')));
    co_await siblings.wait_for_success();
    EXPECT_FALSE(stuck[0].has_ended());
    stuck[0].cancel();
    co_await stuck.wait();
    EXPECT_EQ(stuck[0].got->error().phase, phase::write);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_stream, behaviour_21_an_event_stream_left_at_its_last_event_is_drained_not_reset) {
  auto options = one_connection();
  options.drain_timeout = 24h;
  // Its last bytes, and its end, come a while after the event.
  wire test(rules("path /echo: framing chunked, slow 14 bytes every 20ms"), options);
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 5; ++i) {
      auto stream = (co_await open(test, test.post("/echo", "data: [DONE]\n\n\n"))).value();
      EXPECT_EQ((co_await stream.async_read(use_awaitable)).value(), "data: [DONE]\n\n");
      stream.drain();
    }
    co_await test.until([&] { return test.stats().active == 0; });
    EXPECT_EQ(resets(test.server.report()), 0U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.stats().reused, 4U);
}

TEST(h2_stream, behaviour_21_what_is_too_long_or_too_slow_to_drain_is_reset_and_its_connection_kept) {
  auto options = one_connection();
  options.drain_bytes = 1000;
  options.drain_timeout = 50ms;
  wire test(rules("path /bytes/100: stall after 10 bytes"), options);
  test.run([&]() -> awaitable<void> {
    for (const auto* path : {"/bytes/5000000", "/drip/1000000/100us", "/bytes/100"}) {
      auto stream = (co_await open(test, test.get(path))).value();
      EXPECT_EQ(stream.status(), 200);
    }
    co_await test.until([&] { return resets(test.server.report()) == 3; });
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.stats().closed_for(close_reason::body_abandoned), 0U) << "that is the stream's end alone";
}

TEST(h2_stream, behaviour_23_the_first_byte_has_no_timer_of_its_own) {
  auto impatient = one_connection();
  impatient.inactivity_timeout = 50ms;
  impatient.stream_idle_timeout = 50ms;
  wire test(rules("all: interim 103, delay 300ms"), impatient);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
    EXPECT_TRUE((co_await open(test, test.post("/echo"))).has_value());
  });
}

TEST(h2_stream, behaviour_23_silence_inside_a_response_ends_it_alone) {
  auto impatient = one_connection();
  impatient.inactivity_timeout = 150ms;
  impatient.stream_idle_timeout = 200ms;
  wire test(rules("path /bytes/100: stall after 10 bytes"), impatient);
  test.run([&]() -> awaitable<void> {
    const auto whole = co_await test.send(test.get("/bytes/100"));
    EXPECT_EQ(whole.error().code, errc::inactivity_timeout);
    EXPECT_EQ(whole.error().phase, phase::body);
    EXPECT_EQ(whole.error().body_bytes, 10U);
    EXPECT_EQ(whole.error().http_status, 200);
    auto stream = (co_await open(test, test.get("/bytes/100"))).value();
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
    const auto silent = co_await stream.async_read(use_awaitable);
    EXPECT_EQ(silent.error().code, errc::stream_idle_timeout);
    EXPECT_EQ(silent.error().body_bytes, 10U);
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).error().code, errc::stream_idle_timeout);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.stats().replayed, 0U);
}

TEST(h2_stream, behaviour_23_a_busy_sibling_does_not_hide_the_silence_of_a_stream) {
  auto impatient = one_connection();
  impatient.stream_idle_timeout = 200ms;
  wire test(rules("path /bytes/100: stall after 10 bytes"), impatient);
  test.run([&]() -> awaitable<void> {
    sendings busy(test);
    busy.start(test.get("/drip/1000000/5ms"));
    auto stream = (co_await open(test, test.get("/bytes/100"))).value();
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).error().code, errc::stream_idle_timeout);
    EXPECT_FALSE(busy[0].has_ended());
    busy[0].cancel();
    co_await busy.wait();
  });
}

TEST(h2_stream, behaviour_23_every_byte_of_a_stream_counts_as_a_sign_of_life) {
  auto impatient = one_connection();
  impatient.stream_idle_timeout = 1s;
  // Longer in all than the limit, never silent for as long.
  wire test({}, impatient);
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get("/drip/30/50ms"))).value();
    EXPECT_EQ((co_await read_all(stream)).value().size(), 30U * 16U);
  });
}

TEST(h2_stream, behaviour_23_a_reader_that_pauses_is_not_a_silent_server) {
  auto impatient = one_connection();
  impatient.stream_idle_timeout = 50ms;
  wire test({}, impatient);
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get(unread))).value();
    std::size_t size = 0;
    for (int i = 0; i < 3; ++i) {
      size += (co_await stream.async_read(use_awaitable)).value().size();
      co_await let_pass(test, 120ms);
    }
    EXPECT_EQ(size + (co_await read_all(stream)).value().size(), unread_bytes);
  });
}

TEST(h2_stream, behaviour_23_an_upload_that_stalls_ends_by_its_own_limit) {
  auto limits = one_connection();
  limits.inactivity_timeout = 300ms;
  limits.stream_idle_timeout = 50ms;  // the shorter limit is not that of writing
  wire test(rules("path /status: slow-window never"), limits);
  test.run([&]() -> awaitable<void> {
    const auto stuck = co_await open(test, test.post("/status/200", std::string(5'000'000, 'x')));
    EXPECT_EQ(stuck.error().code, errc::inactivity_timeout);
    EXPECT_EQ(stuck.error().phase, phase::write);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
}

TEST(h2_stream, behaviour_23_a_slow_upload_is_not_a_stalled_one) {
  auto limits = one_connection();
  limits.inactivity_timeout = 1s;
  // 65,535 bytes each 100 ms: longer in all than the limit.
  wire test(rules("path /echo: slow-window 100ms"), limits);
  test.run([&]() -> awaitable<void> {
    const std::string large(1'000'000, 'x');
    EXPECT_TRUE((co_await test.send(test.post("/echo", large))).value().body == large);
  });
}

TEST(h2_stream, behaviour_23_the_total_deadline_bounds_everything_and_the_callers_wins) {
  auto total = one_connection();
  total.total_timeout = 100ms;
  wire test(rules("all: stall"), total);
  test.run([&]() -> awaitable<void> {
    const auto pools = co_await test.send(test.post("/echo"));
    EXPECT_EQ(pools.error().code, errc::deadline_exceeded);
    EXPECT_EQ(pools.error().phase, phase::first_byte);
    auto message = test.post("/echo");
    message.timeout = 300ms;
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ((co_await test.send(message)).error().code, errc::deadline_exceeded);
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

}  // namespace
}  // namespace warmwire::test::h2_stream_test
