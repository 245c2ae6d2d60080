// Streams that go well, through both clients and over both protocols.
#include "streaming.hpp"
#include "tests/integration/provider_streams.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace warmwire::test::stream_test {
namespace {

class client_stream : public over_both {};
INSTANTIATE_TEST_SUITE_P(over, client_stream, ::testing::Values(http_protocol::http1, http_protocol::http2),
                         protocol_name);

const std::string hello = text_chunk("Hel") + text_chunk("lo") + stop_chunk +
                          "data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
                          "\"completion_tokens\":2,\"total_tokens\":5}}\n\n" +
                          done_event;

TEST_P(client_stream, gives_events_as_they_come_and_then_the_whole_reply) {
  const streaming test(GetParam(), always(streamed(hello, {fault::header{"X-RateLimit-Remaining-Requests", "9"}})));
  auto chats = test.blocking();
  auto stream = chats.stream("hi");
  std::string seen;
  for (const auto& event : stream)
    seen += described(event);
  EXPECT_EQ(seen, "Hello(usage 2)(finished stop)");
  const auto reply = stream.reply();
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->content, "Hello");
  EXPECT_EQ(reply->finish, finish_reason::stop);
  EXPECT_EQ(reply->usage.total_tokens, 5);
  EXPECT_EQ(reply->id, "chatcmpl-1");
  EXPECT_EQ(reply->model, "gpt-5-mini");
  EXPECT_EQ(reply->request_id, "req-7");
  EXPECT_EQ(reply->http_status, 200);
  EXPECT_EQ(reply->rate_limits.requests.remaining, 9);
  EXPECT_EQ(reply->provenance.protocol, GetParam() == http_protocol::http1 ? "http/1.1" : "h2");
  EXPECT_GT(reply->provenance.timings.total, 0us);
  EXPECT_EQ(stream.next(), std::nullopt) << "nothing comes after the end";
  stream.cancel();
  EXPECT_TRUE(stream.reply()) << "what is complete stays so";
}

TEST_P(client_stream, that_is_read_to_its_end_keeps_its_connection) {
  const streaming test(GetParam(), always(streamed(hello)));
  auto chats = test.blocking();
  for (int i = 0; i < 3; ++i) {
    const auto reply = chats.stream("hi").reply();
    ASSERT_TRUE(reply) << reply.error().to_string();
    EXPECT_EQ(reply->provenance.reused, i > 0);
  }
  EXPECT_EQ(test.server.report().connections, 1U);
  EXPECT_TRUE(test.server.report().history.at(0).resets.empty()) << "a stream that has ended is not reset";
}

TEST_P(client_stream, whose_body_goes_on_behind_its_end_keeps_its_connection) {
  // What comes behind the marker comes when the reader has long been told that the answer is complete.
  const streaming test(GetParam(), always(streamed(hello + ": more\n\n", {fault::slow{hello.size(), 50ms}})));
  test.run([](async_client& chats, transport& over) -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      auto stream = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
      while ((co_await stream.next()).value()) {
      }
      EXPECT_EQ(stream.reply().provenance.reused, i > 0);
      co_await until([&] { return over.stats("openai").active == 0; });
      EXPECT_EQ(over.stats("openai").idle, 1U);
    }
  });
  const auto seen = test.server.report();
  EXPECT_EQ(seen.connections, 1U);
  EXPECT_TRUE(seen.history.at(0).resets.empty());
}

TEST_P(client_stream, gives_calls_of_tools) {
  const auto body = chunk(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"add","arguments":""}}])") +
                    chunk(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}])") +
                    chunk(R"("tool_calls":[{"index":0,"function":{"arguments":"1}"}}])") +
                    chunk("", R"("tool_calls")") + done_event;
  const streaming test(GetParam(), always(streamed(body)));
  auto stream = test.blocking().stream("hi");
  std::string seen;
  for (const auto& event : stream)
    seen += described(event);
  EXPECT_EQ(seen, R"((call add)({"x":)(1})(called {"x":1})(finished tool_calls))");
  const auto reply = stream.reply();
  ASSERT_TRUE(reply) << reply.error().to_string();
  ASSERT_EQ(reply->tool_calls.size(), 1U);
  EXPECT_EQ(reply->tool_calls[0].arguments, R"({"x":1})");
  EXPECT_EQ(reply->finish, finish_reason::tool_calls);
}

TEST_P(client_stream, asks_for_events_and_for_what_it_can_decode) {
  const streaming test(GetParam(), always(streamed(hello)));
  ASSERT_TRUE(test.blocking().stream("hi").reply());
  const auto seen = test.server.report().arrivals.at(0);
  EXPECT_THAT(seen.body, ::testing::HasSubstr(R"("stream":true)"));
  headers fields;
  for (const auto& [name, value] : seen.headers)
    fields.add(name, value);
#ifdef WARMWIRE_HAS_ZSTD
  EXPECT_EQ(fields.get("accept-encoding"), "gzip, deflate, br, zstd");
#else
  EXPECT_EQ(fields.get("accept-encoding"), "gzip, deflate, br");
#endif
}

TEST_P(client_stream, holds_for_every_provider) {
  for (const auto& each : provider_streams(hello)) {
    streaming test(GetParam(), always(streamed(each.body)));
    test.who.provider = each.id;
    test.who.api = each.api;
    test.who.default_model = "a-model";
    if (each.id != "openai") test.who.base_url = test.server.origin();
    auto stream = test.blocking().stream("hi");
    const auto reply = stream.reply();
    ASSERT_TRUE(reply) << each.id << ": " << reply.error().to_string();
    EXPECT_EQ(reply->content, "Hello") << each.id;
    EXPECT_EQ(reply->finish, finish_reason::stop) << each.id;
    EXPECT_EQ(reply->usage.output_tokens, 2) << each.id;
    EXPECT_THAT(test.server.report().arrivals.at(0).target, ::testing::HasSubstr(each.path));
    // And half of it is an error, whoever streams.
    test.server.set_script(always(streamed(each.body.substr(0, each.body.size() / 2))));
    EXPECT_EQ(test.blocking().stream("hi").reply().error().code, errc::stream_interrupted) << each.id;
  }
}

TEST_P(client_stream, means_the_same_byte_by_byte) {
  const streaming test(GetParam(), always(streamed(hello, {fault::slow{1, 0us}})));
  auto stream = test.blocking().stream("hi");
  std::string seen;
  for (const auto& event : stream)
    seen += described(event);
  EXPECT_EQ(seen, "Hello(usage 2)(finished stop)");
}

TEST_P(client_stream, takes_an_answer_that_came_in_one_piece) {
  const streaming test(GetParam(),
                       always({fault::status{200}, fault::header{"Content-Type", "application/json"},
                               fault::body{R"({"id":"c","model":"m","choices":[{"message":{"content":"Hello"},)"
                                           R"("finish_reason":"stop"}],"usage":{"completion_tokens":2}})"}}));
  auto stream = test.blocking().stream("hi");
  std::string seen;
  for (const auto& event : stream)
    seen += described(event);
  EXPECT_EQ(seen, "Hello(usage 2)(finished stop)");
  EXPECT_EQ(stream.reply().value().content, "Hello");
}

TEST_P(client_stream, goes_event_by_event_in_a_coroutine) {
  const streaming test(GetParam(), always(streamed(hello)));
  test.run([](async_client& chats, transport& /*over*/) -> asio::awaitable<void> {
    auto opened = co_await chats.async_stream(ask(), asio::use_awaitable);
    EXPECT_TRUE(opened);
    auto stream = std::move(*opened);
    EXPECT_TRUE(stream.valid());
    std::string seen;
    while (true) {
      const auto event = co_await stream.next();
      EXPECT_TRUE(event);
      if (!event || !*event) break;
      seen += described(**event);
    }
    EXPECT_EQ(seen, "Hello(usage 2)(finished stop)");
    EXPECT_EQ(stream.reply().content, "Hello");
    const auto after = co_await stream.next();
    EXPECT_TRUE(after && !*after);
  });
}

TEST_P(client_stream, may_be_read_by_callbacks_and_outlive_its_client) {
  const streaming test(GetParam(), always(streamed(hello)));
  asio::io_context loop;
  transport over(loop.get_executor(), test.of_all);
  std::string seen;
  chat_stream stream;
  std::function<void()> go_on = [&] {
    stream.next([&](result<std::optional<stream_event>> event) {
      ASSERT_TRUE(event);
      if (!*event) return;
      seen += described(**event);
      go_on();
    });
  };
  {
    async_client chats(over, test.who);
    chats.async_stream(ask(), [&](result<chat_stream> opened) {
      stream = std::move(opened).value();
      go_on();
    });
    while (!stream.valid())
      loop.run_one();
  }
  while (!seen.ends_with("(finished stop)"))
    loop.run_one();
  EXPECT_EQ(seen, "Hello(usage 2)(finished stop)");
}

TEST_P(client_stream, fails_when_its_transport_ends) {
  const auto first = text_chunk("Hel");
  const streaming test(GetParam(), always(streamed(hello, {at_byte(fault::ending::stall, first.size())})));
  asio::io_context loop;
  auto over = std::make_unique<transport>(loop.get_executor(), test.of_all);
  async_client chats(*over, test.who);
  chat_stream stream;
  chats.async_stream(ask(), [&](result<chat_stream> opened) { stream = std::move(opened).value(); });
  while (!stream.valid())
    loop.run_one();
  std::optional<std::string> event;
  stream.next([&](const result<std::optional<stream_event>>& got) { event = described(got.value().value()); });
  while (!event)
    loop.run_one();
  EXPECT_EQ(event, "Hel");
  std::optional<error> failure;
  stream.next([&](const result<std::optional<stream_event>>& got) { failure = got.error(); });
  loop.poll();
  over.reset();
  while (!failure)
    loop.run_one();
  EXPECT_EQ(failure->code, errc::pool_closed);
  EXPECT_EQ(failure->partial->content, "Hel");
}

TEST_P(client_stream, may_be_read_by_many_threads_each_its_own) {
  const streaming test(GetParam(), always(streamed(numbered(50))));
  auto chats = test.blocking();
  std::vector<std::thread> threads;
  std::vector<std::string> seen(8);
  for (auto& into : seen) {
    threads.emplace_back([&] {
      auto stream = chats.stream("hi");
      for (const auto& event : stream)
        into += described(event);
    });
  }
  for (auto& each : threads)
    each.join();
  for (const auto& each : seen) {
    EXPECT_EQ(each, seen[0]);
    EXPECT_TRUE(each.ends_with("49 (finished stop)"));
  }
}

TEST(client_stream_of_a_client_that_cannot_work, says_so_at_its_end) {
  client chats({.provider = "openai", .api_key = secret("sk-test"), .base_url = "nowhere"});
  auto stream = chats.stream("hi");
  EXPECT_EQ(stream.begin(), stream.end());
  EXPECT_EQ(stream.reply().error().code, errc::invalid_url);
}

}  // namespace
}  // namespace warmwire::test::stream_test
