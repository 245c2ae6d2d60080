// Behaviour 22: whatever happens to a request, its connection comes back. At length in cancellations_test.cpp.
#include "wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace warmwire::test::release_test {
namespace {

using fault::ending;
using fault::moment;

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

}  // namespace
}  // namespace warmwire::test::release_test
