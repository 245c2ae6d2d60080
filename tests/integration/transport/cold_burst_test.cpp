// A thousand requests at once to an origin that nothing is known of: behaviour 17 at the size that it was promised for.
#include "wire.hpp"

namespace warmwire::test::cold_burst_test {
namespace {

TEST(cold_burst, behaviour_17_a_thousand_cold_requests_dial_eleven_connections_at_most) {
  for (const auto protocol : {http_protocol::automatic, http_protocol::http2}) {
    pool_options options;
    options.protocol = protocol;
    options.max_h2_connections = 50;
    wire test({}, options);  // the emulator allows 100 streams
    test.run([&]() -> awaitable<void> {
      int answered = 0;
      for (int i = 0; i < 1'000; ++i) {
        test.pools.async_send(test.post("/echo", std::to_string(i)), [&, i](const result<response>& got) {
          EXPECT_EQ(got.value().body, std::to_string(i));
          ++answered;
        });
      }
      co_await test.until([&] { return answered == 1'000; });
    });
    EXPECT_LE(test.stats().opened, 11U) << test.stats().to_string();
    EXPECT_EQ(test.stats().replayed, 0U) << "none was refused";
    EXPECT_EQ(test.server.report().requests, 1'000U);
  }
}

}  // namespace
}  // namespace warmwire::test::cold_burst_test
