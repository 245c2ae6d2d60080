// Calls that are tried again: when, how often in all, and what ends them.
#include "scripted_time.hpp"
#include "streaming.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>

#include <optional>

namespace warmwire::test::retry_test {
namespace {

using std::chrono::milliseconds;

/// Every request fails with what may pass.
emulator::script outage() {
  return always({fault::status{500}, fault::header{"X-Should-Retry", "true"}});
}

TEST(retries, wait_by_the_clients_clock_and_dice) {
  scripted_time time{.dice = 0.5};
  emulator::script script{{{{.request = 1}, {fault::status{429}, fault::header{"Retry-After", "59"}}},
                           {{.request = 2}, {fault::status{500}}},
                           {{.request = 3}, {fault::status{500}}}}};
  streaming test(http_protocol::automatic, script, {}, 3);
  test.who.timing = time.timing();
  const auto began = time.now;
  const auto reply = test.blocking().chat("hi");
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_THAT(time.waits, ::testing::ElementsAre(59s, 875ms, 1750ms));
  EXPECT_EQ(time.now - began, 61'625ms);
  ASSERT_EQ(reply->provenance.failed_attempts.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(reply->provenance.failed_attempts[i].waited, time.waits[i]);
}

TEST(retries, stay_within_a_fifth_of_the_calls_of_all_clients_over_one_transport) {
  scripted_time time;
  streaming test(http_protocol::automatic, outage(), {}, 2);
  auto timing = time.timing();
  timing.wait = [](milliseconds, const std::function<void()>& done) { done(); };
  test.who.timing = timing;
  constexpr int calls = 200;
  const auto over = std::make_shared<blocking_transport>(test.of_all);
  for (int i = 0; i < calls; ++i)
    EXPECT_FALSE(client(test.who, over).chat("hi"));
  EXPECT_EQ(test.server.report().requests, calls + calls / 5U);
}

TEST(retries, are_counted_for_each_provider) {
  scripted_time time;
  streaming test(http_protocol::automatic, outage(), {}, 20);
  test.who.timing = time.timing();
  const auto over = std::make_shared<blocking_transport>(test.of_all);
  EXPECT_FALSE(client(test.who, over).chat("hi"));
  EXPECT_EQ(test.server.report().requests, 11U) << "ten retries are allowed whatever the number of calls";
  EXPECT_FALSE(client(test.who, over).chat("hi"));
  EXPECT_EQ(test.server.report().requests, 12U);
  test.who.provider = "another";
  EXPECT_FALSE(client(test.who, over).chat("hi"));
  EXPECT_EQ(test.server.report().requests, 23U);
}

TEST(retries, end_with_a_cancellation_that_comes_between_two_tries) {
  streaming test(http_protocol::automatic, outage(), {}, 2);
  asio::cancellation_signal stop;
  // Nothing waits yet that could hear the signal.
  test.who.timing.wait = [&](milliseconds, const std::function<void()>& done) {
    stop.emit(asio::cancellation_type::terminal);
    done();
  };
  test.run([&](async_client& chats, transport& /*over*/) -> asio::awaitable<void> {
    std::optional<error> seen;
    chats.async_chat(ask(), asio::bind_cancellation_slot(
                                stop.slot(), [&](const result<chat_reply>& reply) { seen = reply.error(); }));
    co_await until([&] { return seen.has_value(); });
    EXPECT_EQ(seen->code, errc::cancelled) << seen->to_string();
    EXPECT_EQ(seen->failed_attempts.size(), 1U);
  });
  EXPECT_EQ(test.server.report().requests, 1U);
}

TEST(retries, end_with_the_deadline_when_a_wait_takes_longer_than_it_should) {
  scripted_time time;
  streaming test(http_protocol::automatic, outage(), {}, 2);
  test.who.timing = time.timing();
  test.who.timing.wait = [&](milliseconds, const std::function<void()>& done) {
    time.now += 10min;
    done();
  };
  auto request = ask();
  request.timeout = 10min;
  const auto reply = test.blocking().chat(request);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::deadline_exceeded) << reply.error().to_string();
  EXPECT_EQ(reply.error().failed_attempts.size(), 1U);
  EXPECT_EQ(test.server.report().requests, 1U);
}

TEST(retries, end_with_the_client_while_a_wait_of_its_own_never_does) {
  streaming test(http_protocol::automatic, outage(), {}, 2);
  std::function<void()> late;
  test.who.timing.wait = [&](milliseconds, std::function<void()> done) { late = std::move(done); };
  test.run([&](async_client& /*chats*/, transport& over) -> asio::awaitable<void> {
    std::optional<async_client> chats(std::in_place, over, test.who);
    std::optional<error> seen;
    chats->async_chat(ask(), [&](const result<chat_reply>& reply) { seen = reply.error(); });
    co_await until([&] { return static_cast<bool>(late); });
    chats.reset();
    co_await until([&] { return seen.has_value(); });
    EXPECT_EQ(seen->code, errc::server_error);
    late();
  });
  EXPECT_EQ(test.server.report().requests, 1U);
}

TEST(retries, of_a_time_out_that_cannot_be_are_none) {
  const streaming test(http_protocol::automatic, outage(), {}, 2);
  for (const auto timeout : {milliseconds::max(), milliseconds::min(), milliseconds(0)}) {
    auto request = ask();
    request.timeout = timeout;
    const auto reply = test.blocking().chat(request);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::invalid_option);
    EXPECT_THAT(reply.error().message, ::testing::HasSubstr("it must be from 1 ms to 24 h"));
  }
  EXPECT_EQ(test.server.report().requests, 0U);
}

enum class first_to_go : std::uint8_t { client, transport };

error outlived(const streaming& test, first_to_go first) {
  asio::io_context loop{1};
  auto over = std::make_unique<transport>(loop.get_executor(), test.of_all);
  auto chats = std::make_unique<async_client>(*over, test.who);
  std::optional<error> whole;
  std::optional<error> streamed;
  chats->async_chat(ask(), [&](const result<chat_reply>& reply) { whole = reply.error(); });
  chats->async_stream(ask(), [&](const result<chat_stream>& opened) { streamed = opened.error(); });
  if (first == first_to_go::client) chats.reset();
  over.reset();
  chats.reset();
  loop_slices::run(loop, hang);
  EXPECT_TRUE(loop.stopped());
  EXPECT_TRUE(whole);
  EXPECT_TRUE(streamed);
  if (!whole || !streamed) return {};
  EXPECT_EQ(streamed->code, whole->code);
  return *whole;
}

TEST(calls, that_begin_after_client_and_transport_have_gone_end_with_pool_closed) {
  const streaming test(http_protocol::automatic, {}, {}, 2);
  EXPECT_EQ(outlived(test, first_to_go::client).code, errc::pool_closed);
  EXPECT_EQ(outlived(test, first_to_go::transport).code, errc::pool_closed);
  EXPECT_EQ(test.server.report().requests, 0U);
}

TEST(calls, that_wait_to_be_tried_again_when_the_transport_goes_end_with_pool_closed) {
  streaming test(http_protocol::automatic, outage(), {}, 2);
  std::function<void()> late;
  test.who.timing.wait = [&](milliseconds, std::function<void()> done) { late = std::move(done); };
  asio::io_context loop{1};
  auto over = std::make_unique<transport>(loop.get_executor(), test.of_all);
  async_client chats(*over, test.who);
  std::optional<error> seen;
  chats.async_chat(ask(), [&](const result<chat_reply>& reply) { seen = reply.error(); });
  while (!late)
    loop.run_one();
  over.reset();
  late();
  loop_slices::run(loop, hang);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->code, errc::pool_closed);
  EXPECT_EQ(seen->failed_attempts.size(), 1U);
}

}  // namespace
}  // namespace warmwire::test::retry_test
