// Leaving a body unread over HTTP/2: giving it up, and being done with it.
#include "wire.hpp"

#include <optional>

namespace warmwire::test::leaving_test {
namespace {

using fault::ending;
using fault::moment;

pool_options over_http2() {
  pool_options out;
  out.protocol = http_protocol::http2;
  out.drain_timeout = 100ms;
  return out;
}

std::uint64_t resets_of(const emulator::report& seen) {
  const auto found = seen.history.at(0).resets.find("cancel");
  return found == seen.history.at(0).resets.end() ? 0 : found->second;
}

TEST(leaving, a_stream_of_http2_that_is_dropped_is_reset_at_once) {
  wire test({}, over_http2());
  test.run([&]() -> awaitable<void> {
    {
      auto stream = (co_await test.pools.async_open(test.get("/drip/1000/50ms"), use_awaitable)).value();
      EXPECT_FALSE((co_await stream.async_read(use_awaitable)).value().empty());
      EXPECT_EQ(test.stats().active, 1U);
    }
    EXPECT_EQ(test.stats().active, 0U) << "nothing is drained where a reset costs nothing";
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  });
  EXPECT_EQ(test.server.report().connections, 1U);
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return resets_of(seen) == 1; }));
}

TEST(leaving, a_stream_that_is_done_with_waits_for_its_end_a_while) {
  for (const auto protocol : {http_protocol::http1, http_protocol::http2}) {
    auto pool = over_http2();
    pool.protocol = protocol;
    pool.drain_timeout = 30s;
    wire test({}, pool);
    test.run([&]() -> awaitable<void> {
      auto stream = (co_await test.pools.async_open(test.get("/drip/3/100ms"), use_awaitable)).value();
      EXPECT_FALSE((co_await stream.async_read(use_awaitable)).value().empty());
      stream.drain();
      EXPECT_EQ(test.stats().active, 1U) << "its end is still to come";
      co_await test.until([&] { return test.stats().active == 0; });
      EXPECT_EQ(test.stats().idle, 1U);
    });
    EXPECT_EQ(resets_of(test.server.report()), 0U);
  }
}

TEST(leaving, a_stream_of_http2_whose_end_does_not_come_is_reset_after_the_drain_timeout) {
  wire test(one_rule({.request = 1}, {ends(ending::stall, moment::in_body, 16)}), over_http2());
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await test.pools.async_open(test.get("/drip/3/0ms"), use_awaitable)).value();
    EXPECT_FALSE((co_await stream.async_read(use_awaitable)).value().empty());
    stream.drain();
    EXPECT_EQ(test.stats().active, 1U);
    co_await test.until([&] { return test.stats().active == 0; });
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  });
  EXPECT_EQ(test.server.report().connections, 1U);
  EXPECT_EQ(resets_of(test.server.report()), 1U);
}

}  // namespace
}  // namespace warmwire::test::leaving_test
