// Streams that do not end as they should, and streams that are given up.
#include "streaming.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

namespace warmwire::test::stream_end_test {
namespace {

class stream_end : public over_both {};
INSTANTIATE_TEST_SUITE_P(over, stream_end, ::testing::Values(http_protocol::http1, http_protocol::http2),
                         protocol_name);

const std::string one = chunk(R"("content":"one ")", "null", "7");
const std::string two = text_chunk("two");
const std::string whole = one + two + stop_chunk + done_event;

/// How a stream of everything the server sends ended, with what came before.
struct outcome {
  std::string events;
  error failure;
};

outcome read_all(blocking_chat_stream stream) {
  outcome out;
  for (const auto& event : stream)
    out.events += described(event);
  auto reply = stream.reply();
  EXPECT_FALSE(reply) << out.events;
  if (!reply) out.failure = reply.error();
  return out;
}

TEST_P(stream_end, without_a_terminal_marker_is_an_interruption) {
  const streaming test(GetParam(), always(streamed(one + two)));
  const auto [events, failure] = read_all(test.blocking().stream("hi"));
  EXPECT_EQ(events, "one two");
  EXPECT_EQ(failure.code, errc::stream_interrupted);
  EXPECT_EQ(failure.phase, phase::body);
  EXPECT_EQ(failure.http_status, 200);
  EXPECT_EQ(failure.request_id, "req-7");
  EXPECT_EQ(failure.body_bytes, (one + two).size());
  EXPECT_EQ(failure.last_event_id, "7");
  EXPECT_EQ(failure.partial->content, "one two");
  EXPECT_GT(failure.answer->provenance.connection_id, 0U);
}

TEST_P(stream_end, cut_after_any_event_is_an_interruption_with_what_had_come) {
  for (const auto how : {fault::ending::close, fault::ending::truncate, fault::ending::reset}) {
    const streaming test(GetParam(), always(streamed(whole, {at_byte(how, one.size() + two.size() / 2)})));
    const auto [events, failure] = read_all(test.blocking().stream("hi"));
    EXPECT_EQ(events, "one ");
    EXPECT_EQ(failure.code, errc::stream_interrupted) << failure.to_string();
    EXPECT_EQ(failure.partial->content, "one ");
    EXPECT_EQ(failure.last_event_id, "7");
    EXPECT_GE(failure.body_bytes, one.size());
  }
}

TEST_P(stream_end, cut_after_the_terminal_marker_is_a_success) {
  const auto marked = one + two + stop_chunk;
  const streaming test(GetParam(), always(streamed(whole, {at_byte(fault::ending::truncate, marked.size())})));
  const auto reply = test.blocking().stream("hi").reply();
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->content, "one two");
}

TEST_P(stream_end, by_an_error_event_is_that_error) {
  const streaming test(
      GetParam(),
      always(
          streamed(one + "data: {\"error\":{\"message\":\"slow down\",\"type\":\"server_error\",\"code\":503}}\n\n")));
  const auto [events, failure] = read_all(test.blocking().stream("hi"));
  EXPECT_EQ(events, "one ");
  EXPECT_EQ(failure.code, errc::service_unavailable);
  EXPECT_EQ(failure.message, "slow down");
  EXPECT_EQ(failure.provider_type, "server_error");
  EXPECT_EQ(failure.partial->content, "one ");
}

TEST_P(stream_end, by_an_event_that_is_not_json_says_so) {
  const streaming test(GetParam(), always(streamed(one + "data: {\"choices\":[\n\n" + two)));
  const auto [events, failure] = read_all(test.blocking().stream("hi"));
  EXPECT_EQ(events, "one ");
  EXPECT_EQ(failure.code, errc::unexpected_body);
}

TEST_P(stream_end, that_never_comes_is_found_by_the_idle_limit) {
  pool_options pool;
  pool.stream_idle_timeout = 100ms;
  const streaming test(GetParam(), always(streamed(whole, {at_byte(fault::ending::stall, one.size())})), pool);
  const auto [events, failure] = read_all(test.blocking().stream("hi"));
  EXPECT_EQ(events, "one ");
  EXPECT_EQ(failure.code, errc::stream_idle_timeout) << failure.to_string();
  EXPECT_EQ(failure.partial->content, "one ");
}

TEST_P(stream_end, is_bounded_by_the_deadline) {
  const streaming test(GetParam(), always(streamed(whole, {at_byte(fault::ending::stall, one.size())})));
  auto request = ask();
  request.timeout = 300ms;
  const auto [events, failure] = read_all(test.blocking().stream(request));
  EXPECT_EQ(failure.code, errc::deadline_exceeded);
}

TEST_P(stream_end, is_tried_again_before_the_first_event_and_tells_so) {
  const auto overloaded = "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n";
  emulator::script script{{{{.request = 1}, {fault::status{500}}}, {{.request = 2}, streamed(overloaded)}}};
  script.rules.push_back({{.request = 3}, streamed(whole)});
  const streaming test(GetParam(), script, {}, 2);
  const auto reply = test.blocking().stream("hi").reply();
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->content, "one two");
  ASSERT_EQ(reply->provenance.failed_attempts.size(), 2U);
  EXPECT_EQ(reply->provenance.failed_attempts[0].code, errc::server_error);
  EXPECT_EQ(reply->provenance.failed_attempts[0].http_status, 500);
  EXPECT_EQ(reply->provenance.failed_attempts[1].code, errc::service_unavailable);
  EXPECT_EQ(reply->provenance.failed_attempts[1].http_status, 200);
}

TEST_P(stream_end, is_never_tried_again_after_the_first_event) {
  const auto failing = one + "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n";
  for (const auto& body : {failing, one}) {
    const streaming test(GetParam(), always(streamed(body)), {}, 2);
    const auto [events, failure] = read_all(test.blocking().stream("hi"));
    EXPECT_EQ(events, "one ");
    EXPECT_TRUE(failure.failed_attempts.empty());
    EXPECT_EQ(test.server.report().requests, 1U);
  }
}

TEST_P(stream_end, before_its_beginning_is_the_providers_error) {
  const streaming test(GetParam(), always({fault::status{429}, fault::header{"Retry-After", "120"}}));
  const auto [events, failure] = read_all(test.blocking().stream("hi"));
  EXPECT_EQ(events, "");
  EXPECT_EQ(failure.code, errc::rate_limited);
  EXPECT_EQ(failure.retry_after, 120s);
  EXPECT_FALSE(failure.provider_type.empty());
  EXPECT_EQ(failure.answer->http_status, 429);
  EXPECT_FALSE(failure.answer->raw_body.empty());
}

TEST_P(stream_end, in_an_error_that_is_cut_keeps_what_the_status_says) {
  const std::vector<emulator::action> cut{fault::status{503}, fault::body{std::string(1000, ' ')},
                                          at_byte(fault::ending::truncate, 500)};
  const streaming test(GetParam(), always(cut));
  EXPECT_EQ(read_all(test.blocking().stream("hi")).failure.code, errc::service_unavailable);
  const auto at_once = test.blocking().chat("hi");
  ASSERT_FALSE(at_once);
  EXPECT_EQ(at_once.error().code, errc::service_unavailable);
  EXPECT_THAT(at_once.error().message, ::testing::StartsWith("status 503 with a body that cannot be read: "));
}

/// A server that says one event and then nothing for ever.
emulator::script endless() {
  return {{{{.request = 1}, streamed(whole, {at_byte(fault::ending::stall, one.size())})}, {{}, streamed(whole)}}};
}

/// What the server saw of a stream that was given up: RST_STREAM, or over HTTP/1.1 the end of the connection.
bool was_cancelled(const emulator::report& seen) {
  const auto& first = seen.history.at(0);
  const auto reset = first.resets.find("cancel");
  return first.protocol == "h2" ? reset != first.resets.end() && reset->second == 1 : !first.ended_by.empty();
}

TEST_P(stream_end, by_break_cancels_upstream_and_frees_the_slot) {
  pool_options pool;
  pool.max_connections = 1;
  pool.drain_timeout = 50ms;
  streaming test(GetParam(), endless(), pool);
  auto chats = test.blocking();
  auto stream = chats.stream("hi");
  for (const auto& event : stream) {
    EXPECT_EQ(described(event), "one ");
    break;
  }
  if (GetParam() == http_protocol::http2) {
    EXPECT_EQ(chats.transport().stats("openai")->active, 0U) << "the slot is free as soon as the loop is left";
  }
  test.server.wait_for(was_cancelled);
  EXPECT_TRUE(was_cancelled(test.server.report()));
  const auto reply = stream.reply();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::cancelled);
  EXPECT_EQ(reply.error().partial->content, "one ");
  const auto next = chats.stream("hi").reply();
  ASSERT_TRUE(next) << next.error().to_string();
  EXPECT_EQ(next->provenance.reused, GetParam() == http_protocol::http2) << "HTTP/2 keeps its connection";
}

TEST_P(stream_end, by_an_exception_in_the_loop_cancels_upstream) {
  streaming test(GetParam(), endless());
  auto chats = test.blocking();
  auto stream = chats.stream("hi");
  try {
    for ([[maybe_unused]] const auto& event : stream)
      throw std::runtime_error("in the reader");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(test.server.wait_for(was_cancelled));
}

TEST_P(stream_end, by_break_at_the_last_event_is_a_success) {
  const streaming test(GetParam(), always(streamed(whole)));
  auto chats = test.blocking();
  auto stream = chats.stream("hi");
  for (const auto& event : stream) {
    if (std::holds_alternative<chat_finished>(event)) break;
  }
  EXPECT_EQ(stream.reply().value().content, "one two");
}

TEST_P(stream_end, by_destruction_cancels_upstream) {
  streaming test(GetParam(), endless());
  auto chats = test.blocking();
  { auto stream = chats.stream("hi"); }
  EXPECT_TRUE(test.server.wait_for(was_cancelled));
  ASSERT_TRUE(chats.stream("hi").reply());
}

TEST_P(stream_end, of_a_coroutine_by_destruction_frees_the_slot_at_once) {
  pool_options pool;
  pool.max_connections = 1;
  streaming test(GetParam(), endless(), pool);
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    {
      const auto stream = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
      EXPECT_EQ(over.stats("openai").active, 1U);
    }
    if (GetParam() == http_protocol::http2) {
      EXPECT_EQ(over.stats("openai").active, 0U);
    }
    auto again = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
    while (true) {
      const auto event = (co_await again.next()).value();
      if (!event) break;
    }
    EXPECT_EQ(again.reply().content, "one two");
  });
  EXPECT_TRUE(was_cancelled(test.server.report()));
}

TEST_P(stream_end, by_destruction_while_an_event_is_awaited_completes_what_waits) {
  streaming test(GetParam(), endless());
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    auto stream = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
    (void)co_await stream.next();
    std::optional<errc> seen;
    stream.next([&](const result<std::optional<stream_event>>& event) { seen = event.error().code; });
    co_await asio::post(asio::use_awaitable);
    stream = chat_stream();
    co_await until([&] { return seen.has_value(); });
    EXPECT_EQ(seen, errc::cancelled);
    EXPECT_EQ(over.stats("openai").active, 0U);
  });
}

TEST_P(stream_end, by_cancellation_of_next_carries_what_had_come) {
  streaming test(GetParam(), endless());
  test.run([&](async_client& chats, transport& /*over*/) -> asio::awaitable<void> {
    auto stream = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
    (void)co_await stream.next();
    asio::cancellation_signal signal;
    std::optional<error> seen;
    stream.next(asio::bind_cancellation_slot(
        signal.slot(), [&](const result<std::optional<stream_event>>& event) { seen = event.error(); }));
    co_await asio::post(asio::use_awaitable);
    signal.emit(asio::cancellation_type::total);
    co_await until([&] { return seen.has_value(); });
    EXPECT_EQ(seen->code, errc::cancelled);
    EXPECT_EQ(seen->partial->content, "one ");
    const auto after = co_await stream.next();
    EXPECT_EQ(after.error().code, errc::cancelled);
  });
  EXPECT_TRUE(test.server.wait_for(was_cancelled));
}

TEST_P(stream_end, before_the_first_event_by_cancellation) {
  const streaming test(GetParam(), always(streamed(whole, {at_byte(fault::ending::stall, 0)})));
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    asio::cancellation_signal signal;
    std::optional<errc> seen;
    chats.async_stream(ask(), asio::bind_cancellation_slot(signal.slot(), [&](const result<chat_stream>& opened) {
                         seen = opened.error().code;
                       }));
    co_await until([&] { return test.server.report().requests == 1; });
    signal.emit(asio::cancellation_type::terminal);
    co_await until([&] { return seen.has_value(); });
    EXPECT_EQ(seen, errc::cancelled);
    // Over HTTP/2 the place is held until the peer, of whom nothing was read since, has answered a PING.
    co_await until([&] { return over.stats("openai").active == 0; });
  });
}

TEST_P(stream_end, in_a_fork_leaves_the_parents_stream_alone) {
  const streaming test(GetParam(), always(streamed(numbered(2000))));
  auto chats = test.blocking();
  auto stream = std::make_unique<blocking_chat_stream>(chats.stream("hi"));
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto reply = stream->reply();
    const bool is_right = !reply && reply.error().code == errc::forked;
    stream.reset();
    ::_exit(is_right ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto reply = stream->reply();
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_TRUE(reply->content.ends_with("1999 "));
}

TEST(stream_end_of_a_whole_chat, in_an_error_that_is_html_or_empty_is_described) {
  const streaming test(http_protocol::automatic, {{{{.request = 1},
                                                    {fault::status{502}, fault::header{"Content-Type", "text/html"},
                                                     fault::body{"<html><title>Bad gateway</title></html>"}}},
                                                   {{.request = 2}, {fault::status{502}, fault::body{""}}}}});
  auto chats = test.blocking();
  EXPECT_THAT(read_all(chats.stream("hi")).failure.message, ::testing::HasSubstr("Bad gateway"));
  EXPECT_EQ(read_all(chats.stream("hi")).failure.message, "status 502 with an empty body");
}

}  // namespace
}  // namespace warmwire::test::stream_end_test
