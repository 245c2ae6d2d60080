// Behaviour 22: whatever happens to a request, its connection comes back.
#include "wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <vector>

namespace warmwire::test {
namespace {

using fault::ending;
using fault::moment;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

pool_options one_connection() {
  pool_options one;
  one.max_connections = 1;
  return one;
}

TEST(release, behaviour_22_an_error_status_gives_its_connection_back) {
  wire test(one_rule({.times = 3}, {fault::status{429}}), one_connection());
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 429);
    { EXPECT_EQ((co_await test.pools.async_open(test.post("/echo"), use_awaitable)).value().status(), 429); }
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 429);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(release, behaviour_22_an_exception_in_the_callers_code_gives_its_connection_back) {
  wire test({}, one_connection());
  test.run([&]() -> awaitable<void> {
    try {
      const auto stream = (co_await test.pools.async_open(test.get("/chunked/1000"), use_awaitable)).value();
      throw std::runtime_error("in the middle of a stream");
    } catch (const std::runtime_error&) {
    }
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  });
}

/// Cancels one request when `when` holds, and looks whether its slot can be used again.
void cancel_gives_back(emulator::script faults, const std::function<bool(wire&)>& when, phase expected) {
  wire test(std::move(faults), one_connection());
  test.run([&]() -> awaitable<void> {
    boost::asio::cancellation_signal signal;
    std::optional<error> failure;
    test.pools.async_send(test.post("/echo", std::string(100, 'x')),
                          boost::asio::bind_cancellation_slot(
                              signal.slot(), [&](const result<response>& got) { failure = got.error(); }));
    co_await test.until([&] { return when(test); });
    signal.emit(boost::asio::cancellation_type::terminal);
    co_await test.until([&] { return failure.has_value(); });
    EXPECT_EQ(failure->code, errc::cancelled) << failure->to_string();
    EXPECT_EQ(failure->phase, expected);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  });
}

TEST(release, behaviour_22_cancelled_while_dialing) {
  for (const auto where : {moment::accept, moment::handshake}) {
    emulator::script stall_once = one_rule({.connection = 1}, {ends(ending::stall, where)});
    wire test(std::move(stall_once), one_connection());
    test.run([&]() -> awaitable<void> {
      boost::asio::cancellation_signal signal;
      std::optional<errc> failure;
      test.pools.async_send(test.post("/echo"),
                            boost::asio::bind_cancellation_slot(
                                signal.slot(), [&](const result<response>& got) { failure = got.error().code; }));
      co_await test.until([&] { return test.stats().connecting == 1; });
      EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.connections == 1; }));
      signal.emit(boost::asio::cancellation_type::terminal);
      co_await test.until([&] { return failure.has_value(); });
      EXPECT_EQ(failure, errc::cancelled);
      // The dial goes on for whoever comes next, until it fails or its time is up; closing ends it.
      (void)co_await test.pools.async_close("default", 0ms, use_awaitable);
      EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
    });
  }
}

TEST(release, behaviour_22_cancelled_before_the_head) {
  cancel_gives_back(
      one_rule({.request = 1}, {ends(ending::stall, moment::before_response)}),
      [](wire& test) { return test.server.report().requests == 1; }, phase::first_byte);
}

TEST(release, behaviour_22_cancelled_in_the_body) {
  cancel_gives_back(
      one_rule({.request = 1}, {ends(ending::stall, moment::in_body, 10)}),
      [polls = 0](wire& test) mutable {
        // The ten bytes are on their way once the request was seen; let them arrive.
        return test.server.report().requests == 1 && ++polls > 2000;
      },
      phase::body);
}

TEST(release, behaviour_22_a_timeout_in_every_phase_gives_back) {
  pool_options hasty = one_connection();
  hasty.tls_timeout = 100ms;
  hasty.inactivity_timeout = 100ms;
  wire test({{{{.connection = 1}, {ends(ending::stall, moment::handshake)}},
              {{.request = 1}, {ends(ending::stall, moment::before_response)}},
              {{.request = 2}, {ends(ending::stall, moment::in_body, 2)}}}},
            hasty);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::tls_timeout);
    auto hurried = test.post("/echo");
    hurried.timeout = 100ms;
    EXPECT_EQ((co_await test.send(hurried)).error().code, errc::deadline_exceeded);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::inactivity_timeout);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  });
}

/// Misbehaves at random, but deterministically for a seed.
emulator::script chaos() {
  return {{
      {{.every = 7}, {fault::delay{2ms}}},
      {{.every = 11}, {ends(ending::reset, moment::before_response)}},
      {{.every = 13}, {ends(ending::close, moment::in_body, 20)}},
      {{.every = 17}, {ends(ending::stall, moment::before_response)}},
      {{.every = 19}, {ends(ending::stall, moment::in_body, 5)}},
      {{.every = 23}, {ends(ending::close, moment::idle)}},
      {{.every = 29}, {fault::slow{std::size_t{16}, 100us}}},
      {{.every = 31}, {fault::stray{"surprise", fault::stray::placement::with_response, 0us}}},
      {{.every = 37}, {fault::status{500}}},
      {{.every = 5}, {ends(ending::reset, moment::handshake)}},
  }};
}

TEST(release, behaviour_22_ten_thousand_random_cancellations_leave_nothing) {
  const char* wanted = std::getenv("WARMWIRE_SEED");
  const auto seed = wanted ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 20261123U;
  std::cout << "WARMWIRE_SEED=" << seed << '\n';
  std::mt19937 dice(seed);

  emulator::emulator_options busy;
  busy.record = false;
  pool_options options;
  options.max_connections = 20;
  options.max_pending = 200;
  options.inactivity_timeout = 50ms;
  options.drain_timeout = 5ms;
  wire test(chaos(), options, busy);
  const auto baseline = open_descriptors();

  constexpr int total = 10'000;
  int ended = 0;
  test.run([&]() -> awaitable<void> {
    int begun = 0;
    while (ended < total) {
      while (begun < total && begun - ended < 60) {
        ++begun;
        const auto cancel_after = std::chrono::microseconds(dice() % 4000);
        const bool streamed = dice() % 3 == 0;
        const bool cancels = dice() % 4 != 0;
        boost::asio::co_spawn(
            test.loop,
            [&, cancel_after, streamed, cancels]() -> awaitable<void> {
              auto message = test.post("/echo", std::string(200, 'x'));
              message.timeout = 2s;
              auto signal = std::make_shared<boost::asio::cancellation_signal>();
              boost::asio::steady_timer timer(test.loop, cancel_after);
              if (cancels) {
                timer.async_wait([signal](boost::system::error_code ec) {
                  if (!ec) signal->emit(boost::asio::cancellation_type::terminal);
                });
              }
              const auto token = [&] { return boost::asio::bind_cancellation_slot(signal->slot(), use_awaitable); };
              if (streamed) {
                auto stream = co_await test.pools.async_open(message, token());
                if (stream && cancel_after.count() % 2 == 0) (void)co_await stream->async_read(token());
              } else {
                (void)co_await test.pools.async_send(message, token());
              }
              ++ended;
            },
            [](const std::exception_ptr& thrown) {
              if (thrown) std::rethrow_exception(thrown);
            });
      }
      co_await boost::asio::post(test.loop, use_awaitable);
    }
    co_await test.until([&] { return test.stats().active == 0 && test.stats().pending == 0; });
    test.server.set_script({});
    test.pools.close_idle();
    int served = 0;
    for (int i = 0; i < 20; ++i) {
      test.pools.async_send(test.post("/echo"),
                            [&](const result<response>& got) { served += got.has_value() ? 1 : 0; });
    }
    co_await test.until([&] { return served == 20; });
  });
  EXPECT_EQ(ended, total);
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.open_connections == 0; }));
  EXPECT_EQ(open_descriptors(), baseline) << "the emulator's own sockets, in the same process, are part of this";
}

}  // namespace
}  // namespace warmwire::test
