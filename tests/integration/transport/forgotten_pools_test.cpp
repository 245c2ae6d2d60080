// Pools of providers that nobody uses any more: what is forgotten, and what is not.
#include "wire.hpp"

namespace warmwire::test::forgotten_pools_test {
namespace {

constexpr std::size_t remembered = 1'000;
constexpr std::size_t ids = remembered + 200;

emulator::emulator_options plain_http() {
  emulator::emulator_options options;
  options.tls = false;
  options.record = false;
  return options;
}

std::string id_of(std::size_t number) {
  return "tenant-" + std::to_string(number);
}

awaitable<void> send_as(wire& test, std::string id) {
  auto message = test.post("/echo");
  message.provider = std::move(id);
  EXPECT_TRUE((co_await test.send(std::move(message))).has_value());
}

awaitable<void> send_as_each(wire& test) {
  for (std::size_t i = 0; i < ids; ++i)
    co_await send_as(test, id_of(i));
}

transport_options closing_after_each_use() {
  transport_options options;
  options.defaults.idle_timeout = 0ms;
  return options;
}

TEST(forgotten_pools, what_is_closed_is_forgotten_but_for_the_figures_of_the_last_thousand) {
  wire test({}, {}, plain_http(), closing_after_each_use());
  test.run([&]() -> awaitable<void> {
    co_await send_as_each(test);
    EXPECT_EQ(test.pools.stats().size(), ids + 1);
    for (std::size_t i = 0; i < ids; ++i)
      EXPECT_TRUE((co_await test.pools.async_close(id_of(i), 0ms, use_awaitable)).has_value());
    EXPECT_EQ(test.pools.stats().size(), remembered + 1) << "the default was configured";
    EXPECT_EQ(test.pools.stats(id_of(0)).requests, 0U);
    EXPECT_EQ(test.pools.stats(id_of(ids - 1)).requests, 1U);
    co_await send_as(test, id_of(ids - 1));
    EXPECT_EQ(test.pools.stats(id_of(ids - 1)).requests, 2U) << "its pool goes on counting";
    EXPECT_EQ(test.pools.stats().size(), remembered + 1);
  });
}

TEST(forgotten_pools, close_all_forgets_all_that_was_not_configured) {
  wire test({}, {}, plain_http());
  test.run([&]() -> awaitable<void> {
    for (std::size_t i = 0; i < 50; ++i)
      co_await send_as(test, id_of(i));
    pool_options options;
    options.max_idle = 3;
    test.pools.configure("tenant-configured", options).value();
    (void)co_await test.pools.async_close_all(0ms, use_awaitable);
    EXPECT_EQ(test.pools.settings("tenant-configured").max_idle, 3U);
    EXPECT_EQ(test.pools.stats(id_of(7)).closed_for(close_reason::closed_by_user), 1U);
    co_await send_as(test, id_of(7));
    EXPECT_EQ(test.pools.stats(id_of(7)).opened, 2U);
  });
}

TEST(forgotten_pools, what_is_silent_for_long_is_forgotten_unless_it_has_something_left) {
  std::chrono::nanoseconds asleep{};
  auto of_all = closing_after_each_use();
  of_all.boot_clock = [&asleep] { return std::chrono::steady_clock::now().time_since_epoch() + asleep; };
  wire test({}, {}, plain_http(), of_all);
  test.run([&]() -> awaitable<void> {
    auto message = test.get("/bytes/3000000");
    message.provider = "tenant-reading";
    auto reading = (co_await test.pools.async_open(std::move(message), use_awaitable)).value();
    co_await send_as_each(test);
    asleep += 9min;
    co_await send_as(test, "default");
    co_await send_as(test, "tenant-new");
    EXPECT_EQ(test.pools.stats().size(), ids + 3) << "that was not long";
    asleep += 9min;
    co_await send_as(test, "default");
    co_await send_as(test, "tenant-newest");
    EXPECT_EQ(test.pools.stats().size(), remembered + 4);
    EXPECT_EQ(test.pools.stats("tenant-reading").active, 1U);
  });
}

}  // namespace
}  // namespace warmwire::test::forgotten_pools_test
