// Behaviour 22 over HTTP/2: whatever happens to a request, its stream comes back.
#include "h2_wire.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

namespace warmwire::test::h2_release_test {
namespace {

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// The one place of the one connection can be used again: a leaked one would keep this waiting.
awaitable<void> place_is_free(wire& test) {
  EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  EXPECT_EQ(test.stats().streams, 0U);
}

TEST(h2_release, behaviour_22_an_error_status_gives_its_stream_back) {
  wire test(rules("times 3: status 429"), one_connection(1));
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 429);
    { EXPECT_EQ((co_await open(test, test.post("/echo"))).value().status(), 429); }
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 429);
    co_await place_is_free(test);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_release, behaviour_22_an_exception_in_the_callers_code_gives_its_stream_back) {
  wire test({}, one_connection(1));
  test.run([&]() -> awaitable<void> {
    try {
      const auto stream = (co_await open(test, test.get(unread))).value();
      throw std::runtime_error("in the middle of a stream");
    } catch (const std::runtime_error&) {
    }
    co_await place_is_free(test);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_release, behaviour_22_a_stream_that_nobody_reads_is_given_back_with_its_object) {
  wire test({}, one_connection(1));
  test.run([&]() -> awaitable<void> {
    for (const auto* path : {"/bytes/0", "/bytes/100", "/chunked/100000", "/bytes/50000000", "/drip/1000000/10us"}) {
      { const auto stream = (co_await open(test, test.get(path))).value(); }
      co_await place_is_free(test);
    }
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

/// Cancels one request when `when` holds, and looks whether its place can be used again.
void cancel_gives_back(std::string_view faults, const std::function<bool(wire&)>& when, phase expected) {
  wire test(rules(faults), one_connection(1));
  test.run([&]() -> awaitable<void> {
    sendings one(test);
    one.start(test.post("/echo", std::string(100, 'x')));
    co_await test.until([&] { return when(test); });
    one[0].cancel();
    co_await one.wait();
    EXPECT_EQ(one[0].failure(), errc::cancelled);
    EXPECT_EQ(one[0].got->error().phase, expected);
    co_await place_is_free(test);
  });
  EXPECT_EQ(test.stats().opened, 1U) << test.stats().to_string();
}

TEST(h2_release, behaviour_22_cancelled_before_the_head) {
  cancel_gives_back(
      "request 1: stall", [](wire& test) { return test.server.report().requests == 1; }, phase::first_byte);
}

TEST(h2_release, behaviour_22_cancelled_while_it_is_written) {
  wire test(rules("request 1: slow-window never"), one_connection(1));
  test.run([&]() -> awaitable<void> {
    sendings one(test);
    one.start(test.post("/echo", std::string(1'000'000, 'x')));
    co_await test.until([&] { return !test.server.report().history.empty(); });
    co_await test.until([&] { return test.server.report().history.at(0).streams == 1; });
    one[0].cancel();
    co_await one.wait();
    EXPECT_EQ(one[0].failure(), errc::cancelled);
    EXPECT_EQ(one[0].got->error().phase, phase::write);
    co_await place_is_free(test);
  });
}

TEST(h2_release, behaviour_22_cancelled_in_the_body) {
  wire test(rules("request 1: stall after 10 bytes"), one_connection(1));
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get("/bytes/100"))).value();
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
    outcome<std::string> reading;
    stream.async_read(reading.token());
    co_await boost::asio::post(test.loop, use_awaitable);
    reading.cancel();
    co_await test.until([&] { return reading.has_ended(); });
    EXPECT_EQ(reading.failure(), errc::cancelled);
    EXPECT_EQ(reading.got->error().phase, phase::body);
    co_await place_is_free(test);
  });
}

TEST(h2_release, behaviour_22_cancelled_in_the_queue) {
  wire test({}, one_connection(1));
  test.run([&]() -> awaitable<void> {
    auto held = (co_await open(test, test.get(unread))).value();
    sendings one(test);
    one.start(test.post("/echo"));
    EXPECT_EQ(test.stats().pending, 1U);
    one[0].cancel();
    co_await one.wait();
    EXPECT_EQ(one[0].failure(), errc::cancelled);
    EXPECT_EQ(one[0].got->error().phase, phase::queue);
    EXPECT_EQ(test.stats().pending, 0U);
    EXPECT_EQ((co_await read_all(held)).value().size(), unread_bytes);
    co_await place_is_free(test);
  });
}

TEST(h2_release, behaviour_22_cancelled_while_dialing) {
  for (const auto* where : {"at accept", "in handshake"}) {
    wire test(rules(std::string("connection 1: stall ") + where), one_connection(1));
    test.run([&]() -> awaitable<void> {
      sendings one(test);
      one.start(test.post("/echo"));
      EXPECT_EQ(test.stats().connecting, 1U);
      co_await test.until([&] { return test.server.report().connections == 1; });
      one[0].cancel();
      co_await one.wait();
      EXPECT_EQ(one[0].failure(), errc::cancelled);
      // The dial goes on for whoever comes next, until it fails or its time is up; closing ends it.
      (void)co_await test.pools.async_close("default", 0ms, use_awaitable);
      co_await place_is_free(test);
    });
  }
}

TEST(h2_release, behaviour_22_cancelled_between_its_grant_and_its_use) {
  wire test({}, one_connection(2));
  test.run([&]() -> awaitable<void> {
    auto held = (co_await open(test, test.get(unread))).value();
    auto other = (co_await open(test, test.get(unread))).value();
    sendings queued(test);
    queued.start(2, test.post("/echo"));
    // Leaving a long body gives the place on at once, to whom it is cancelled in the same breath.
    held = {};
    EXPECT_EQ(test.stats().pending, 1U);
    queued[0].cancel();
    co_await queued.wait();
    EXPECT_EQ(queued[0].failure(), errc::cancelled);
    EXPECT_EQ(queued[1].failure(), std::nullopt);
    EXPECT_EQ((co_await read_all(other)).value().size(), unread_bytes);
    co_await place_is_free(test);
  });
  EXPECT_EQ(test.server.report().requests, 4U);
}

TEST(h2_release, behaviour_22_a_timeout_in_every_phase_gives_back) {
  auto hasty = one_connection(1);
  hasty.tls_timeout = 500ms;
  hasty.inactivity_timeout = 100ms;
  wire test(rules("connection 1: stall in handshake\n"
                  "request 1: stall\n"
                  "request 2: stall after 2 bytes\n"
                  "request 3: slow-window never"),
            hasty);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::tls_timeout);
    auto hurried = test.post("/echo");
    hurried.timeout = 1s;
    EXPECT_EQ((co_await test.send(hurried)).error().code, errc::deadline_exceeded);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::inactivity_timeout);
    EXPECT_EQ((co_await test.send(test.post("/echo", std::string(1'000'000, 'x')))).error().code,
              errc::inactivity_timeout);
    auto held = (co_await open(test, test.get(unread))).value();
    auto queued = test.post("/echo");
    queued.timeout = 50ms;
    const auto late = co_await test.send(queued);
    EXPECT_EQ(late.error().code, errc::deadline_exceeded);
    EXPECT_EQ(late.error().phase, phase::queue);
    EXPECT_EQ((co_await read_all(held)).value().size(), unread_bytes);
    co_await place_is_free(test);
  });
  EXPECT_EQ(test.stats().opened, 1U) << test.stats().to_string();
}

/// Misbehaves at random, but deterministically for a seed.
constexpr auto chaos = R"(
every 5: delay 1ms
every 7: delay 3ms
every 47: reset
every 53: close after 20 bytes
every 17: stall
every 19: stall after 5 bytes
every 61: mute after head
every 67: mute after 20 bytes
every 23: refuse
every 29: rst internal-error
every 31: rst cancel after 10 bytes
every 37: status 500
every 59: goaway last this
every 71: goaway last before after head
every 73: close when idle
every 41: settings max-streams 3
every 43: settings max-streams 20
every 79: flood ping 500
every 83: bad-frame no-status
every 89: bad-frame hpack
every 97: overflow-window
every 13: slow 16 bytes every 100us
)";

/// A request that its caller cancels after a while, or not.
struct fickle_request {
  bool is_streamed;
  bool is_read;
  bool is_cancelled;
  std::chrono::microseconds after;
};

awaitable<void> run(wire& test, fickle_request what, int& ended) {
  auto message = test.post("/echo", std::string(200, 'x'));
  message.timeout = 2s;
  const auto signal = std::make_shared<boost::asio::cancellation_signal>();
  boost::asio::steady_timer timer(test.loop, what.after);
  if (what.is_cancelled) {
    timer.async_wait([signal](boost::system::error_code ec) {
      if (!ec) signal->emit(boost::asio::cancellation_type::terminal);
    });
  }
  const auto token = [&] { return boost::asio::bind_cancellation_slot(signal->slot(), use_awaitable); };
  if (what.is_streamed) {
    auto stream = co_await test.pools.async_open(message, token());
    if (stream && what.is_read) (void)co_await stream->async_read(token());
  } else {
    const auto got = co_await test.pools.async_send(message, token());
    if (got && got->status == 200) {
      EXPECT_EQ(got->body, std::string(200, 'x'));
    }
  }
  ++ended;
}

TEST(h2_release, behaviour_22_ten_thousand_random_cancellations_leave_nothing) {
  const char* wanted = std::getenv("WARMWIRE_SEED");
  const auto seed = wanted ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 20261127U;
  std::cout << "WARMWIRE_SEED=" << seed << '\n';
  std::mt19937 dice(seed);

  emulator::emulator_options busy;
  busy.record = false;
  auto options = http2_only();
  options.max_pending = 200;
  options.inactivity_timeout = 50ms;
  options.drain_timeout = 5ms;
  options.ping_after = 50ms;
  options.ping_timeout = 50ms;
  wire test(rules(chaos), options, busy);
  const auto baseline = open_descriptors();

  constexpr int total = 10'000;
  constexpr int at_once = 60;
  int ended = 0;
  test.run([&]() -> awaitable<void> {
    int begun = 0;
    while (ended < total) {
      while (begun < total && begun - ended < at_once) {
        ++begun;
        const fickle_request what{dice() % 3 == 0, dice() % 2 == 0, dice() % 4 != 0,
                                  std::chrono::microseconds(dice() % 4000)};
        boost::asio::co_spawn(test.loop, run(test, what, ended), [](const std::exception_ptr& thrown) {
          if (thrown) std::rethrow_exception(thrown);
        });
      }
      co_await boost::asio::post(test.loop, use_awaitable);
    }
    co_await test.until([&] { return test.stats().active == 0 && test.stats().pending == 0; });
    EXPECT_EQ(test.stats().streams, 0U);
    test.server.set_script({});
    test.pools.close_idle();
    openings all(test);
    all.start(200, test.get(unread));
    co_await all.wait_for_success();
    EXPECT_EQ(test.stats().streams, 200U) << "every place can be used";
  });
  EXPECT_EQ(ended, total);
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.open_connections == 0; }));
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (open_descriptors() != baseline && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  EXPECT_EQ(open_descriptors(), baseline) << "the emulator's own sockets, in the same process, are part of this";
}

}  // namespace
}  // namespace warmwire::test::h2_release_test
