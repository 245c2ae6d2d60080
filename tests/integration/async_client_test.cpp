// Chats on an event loop: completion, cancellation, and a client that goes away.
#include "whole_chats.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace warmwire::test::async_client_test {
namespace {

TEST(async_client, chats_from_a_coroutine) {
  emulator::server server({.strict = true});
  async_fixture fixture(server);
  std::string said;
  asio::co_spawn(
      fixture.context,
      [&]() -> asio::awaitable<void> {
        const auto reply = co_await fixture.client.async_chat(ask("hello"), asio::use_awaitable);
        said = reply.value().content;
        co_await fixture.over.async_close_all(1s, asio::use_awaitable);
      },
      [](const std::exception_ptr& thrown) { EXPECT_EQ(thrown, nullptr); });
  fixture.context.run();
  EXPECT_EQ(said, "You wrote 1 word: hello");
}

TEST(async_client, never_completes_within_the_call_that_starts_it) {
  asio::io_context context;
  transport over(context.get_executor());
  async_client chats(over, {.api_key = secret(key_of_tests)});
  bool starting = true;
  std::optional<errc> code;
  asio::post(context, [&] {
    chats.async_chat({}, [&](const result<chat_reply>& reply) {
      EXPECT_FALSE(starting);
      code = reply.error().code;
    });
    starting = false;
  });
  while (!code)
    context.run_one();
  EXPECT_EQ(code, errc::invalid_option);
}

TEST(async_client, can_be_cancelled) {
  emulator::server server(answering_with(always({fault::end{.how = fault::ending::stall}})));
  async_fixture fixture(server);
  asio::cancellation_signal stop;
  std::optional<result<chat_reply>> outcome;
  fixture.client.async_chat(ask("hi"), asio::bind_cancellation_slot(
                                           stop.slot(), [&](result<chat_reply> reply) { outcome = std::move(reply); }));
  while (server.report().requests == 0)
    fixture.context.run_one_for(1ms);
  stop.emit(asio::cancellation_type::terminal);
  while (!outcome)
    fixture.context.run_one();
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, errc::cancelled);
  // Over HTTP/2 the place of the stream is free when the server has shown that it is there, or the connection is given
  // up.
  while (fixture.over.stats("openai").active > 0)
    fixture.context.run_one();
}

// Starts a chat that waits for a minute before its second try, and runs until it waits.
struct waiting_chat {
  explicit waiting_chat(const emulator::server& server)
      : over(context.get_executor(), trusting(server)), client(std::in_place, over, retrying(server)) {
    client->async_chat(ask("hi"), asio::bind_cancellation_slot(
                                      stop.slot(), [this](result<chat_reply> reply) { outcome = std::move(reply); }));
    while (over.stats("openai").idle == 0)
      context.run_one();
    run_what_is_ready();
  }

  /// Then only the wait is left.
  void run_what_is_ready() {
    while (context.poll_one() != 0) {
    }
  }

  static client_options retrying(const emulator::server& server) {
    auto out = at(server);
    out.max_retries = 1;
    return out;
  }

  asio::io_context context;
  transport over;
  std::optional<async_client> client;
  asio::cancellation_signal stop;
  std::optional<result<chat_reply>> outcome;
};

TEST(async_client, can_be_cancelled_while_it_waits_to_try_again) {
  emulator::server server(answering_with(always({fault::status{503}, fault::header{"Retry-After", "60"}})));
  waiting_chat chat(server);
  EXPECT_FALSE(chat.outcome);
  chat.stop.emit(asio::cancellation_type::total);
  chat.run_what_is_ready();
  ASSERT_TRUE(chat.outcome);
  const auto& outcome = *chat.outcome;
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::cancelled);
  ASSERT_EQ(outcome.error().failed_attempts.size(), 1U);
  EXPECT_EQ(outcome.error().failed_attempts[0].http_status, 503);
  EXPECT_EQ(server.report().requests, 1U);
}

TEST(async_client, that_is_destroyed_ends_a_wait_with_the_error_that_led_to_it) {
  emulator::server server(answering_with(always({fault::status{503}, fault::header{"Retry-After", "60"}})));
  waiting_chat chat(server);
  EXPECT_FALSE(chat.outcome);
  chat.client.reset();
  chat.run_what_is_ready();
  ASSERT_TRUE(chat.outcome);
  const auto& outcome = *chat.outcome;
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::service_unavailable);
  EXPECT_EQ(server.report().requests, 1U);
}

}  // namespace
}  // namespace warmwire::test::async_client_test
