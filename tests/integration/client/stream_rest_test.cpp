// What of a stream comes with its end: its raw body, its failed tries, and what follows the reason to finish.
#include "scripted_time.hpp"
#include "streaming.hpp"

namespace warmwire::test::stream_rest_test {
namespace {

using std::chrono::hours;

class stream_rest : public over_both {};
INSTANTIATE_TEST_SUITE_P(over, stream_rest, ::testing::Values(http_protocol::http1, http_protocol::http2),
                         protocol_name);

const std::string one = text_chunk("one ");
const std::string two = text_chunk("two");
const std::string whole = one + two + stop_chunk + done_event;

/// For limits of time that shall not be what ends a stream.
pool_options patient() {
  pool_options out;
  out.inactivity_timeout = hours(24);
  out.stream_idle_timeout = hours(24);
  out.total_timeout = hours(24);
  return out;
}

/// The events of a stream to its end.
asio::awaitable<std::string> events_of(chat_stream& stream) {
  std::string out;
  while (true) {
    const auto event = co_await stream.next();
    if (!event) {
      EXPECT_TRUE(event) << event.error().to_string();
      co_return out;
    }
    if (!*event) co_return out;
    out += described(**event);
  }
}

TEST_P(stream_rest, is_not_waited_for_long_once_the_answer_is_complete) {
  const auto complete = one + two + stop_chunk;
  const streaming test(GetParam(), always(streamed(whole, {at_byte(fault::ending::stall, complete.size())})),
                       patient());
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    auto stream = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
    EXPECT_EQ(co_await events_of(stream), "one two(finished stop)");
    EXPECT_EQ(stream.reply().finish, finish_reason::stop);
    co_await until([&] { return over.stats("openai").active == 0; });
  });
}

TEST_P(stream_rest, of_signs_of_life_alone_is_not_waited_for_long_either) {
  std::string endless = one + stop_chunk;
  for (int i = 0; i < 10'000; ++i)
    endless += ": still here\n\n";
  // A hundred seconds of them.
  const streaming test(GetParam(), always(streamed(endless, {fault::slow{endless.size() / 2'000, 50ms}})), patient());
  test.run([&](async_client& chats, transport& /*over*/) -> asio::awaitable<void> {
    auto stream = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
    EXPECT_EQ(co_await events_of(stream), "one (finished stop)");
  });
}

TEST_P(stream_rest, is_read_when_the_answer_goes_on_after_a_reason_to_finish) {
  const auto usage = std::string(R"(data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})") + "\n\n";
  // In many reads.
  const streaming test(
      GetParam(), always(streamed(one + stop_chunk + two + stop_chunk + usage + done_event, {fault::slow{50, 1ms}})));
  test.run([&](async_client& chats, transport& /*over*/) -> asio::awaitable<void> {
    auto stream = (co_await chats.async_stream(ask(), asio::use_awaitable)).value();
    EXPECT_EQ(co_await events_of(stream), "one two(usage 2)(finished stop)");
  });
}

TEST_P(stream_rest, of_an_error_lists_the_tries_before_it) {
  emulator::script script{{{{.request = 1}, {fault::status{503}}}, {{.request = 2}, streamed(one)}}};
  scripted_time time;
  streaming test(GetParam(), script, {}, 2);
  test.who.timing = time.timing();
  auto stream = test.blocking().stream("hi");
  const auto reply = stream.reply();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::stream_interrupted);
  ASSERT_EQ(reply.error().failed_attempts.size(), 1U);
  EXPECT_EQ(reply.error().failed_attempts[0].code, errc::service_unavailable);
  EXPECT_EQ(reply.error().partial->provenance.failed_attempts.size(), 1U);
}

TEST_P(stream_rest, of_a_stream_that_is_given_up_lists_the_tries_before_it) {
  emulator::script script{{{{.request = 1}, {fault::status{503}}},
                           {{.request = 2}, streamed(whole, {at_byte(fault::ending::stall, one.size())})}}};
  scripted_time time;
  streaming test(GetParam(), script, {}, 2);
  test.who.timing = time.timing();
  auto stream = test.blocking().stream("hi");
  (void)stream.next();
  stream.cancel();
  const auto reply = stream.reply();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::cancelled);
  EXPECT_EQ(reply.error().failed_attempts.size(), 1U);
}

chat_request keeping() {
  auto out = ask();
  out.keep_raw_body = true;
  return out;
}

TEST_P(stream_rest, is_the_raw_body_for_who_asks_for_it) {
  const streaming test(GetParam(), always(streamed(whole)));
  auto chats = test.blocking();
  EXPECT_EQ(chats.stream(keeping()).reply().value().raw_body, whole);
  EXPECT_EQ(chats.stream(ask()).reply().value().raw_body, "");
}

TEST_P(stream_rest, is_the_raw_body_without_its_coding) {
  const streaming test(GetParam(), always(streamed(whole, {fault::compress{}})));
  EXPECT_EQ(test.blocking().stream(keeping()).reply().value().raw_body, whole);
}

TEST_P(stream_rest, is_the_raw_body_of_an_error_as_far_as_it_came) {
  const auto come = one + two.substr(0, 20);
  const streaming test(GetParam(), always(streamed(whole, {at_byte(fault::ending::truncate, come.size())})));
  const auto reply = test.blocking().stream(keeping()).reply();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().partial->raw_body, come);
  EXPECT_EQ(reply.error().answer->raw_body, come);
}

TEST_P(stream_rest, is_kept_up_to_the_limit_of_whole_answers) {
  pool_options pool;
  pool.max_response_body_bytes = one.size();
  const streaming test(GetParam(), always(streamed(whole)), pool);
  auto chats = test.blocking();
  const auto reply = chats.stream(keeping()).reply();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::response_too_large) << reply.error().to_string();
  EXPECT_TRUE(chats.stream(ask()).reply());
}

}  // namespace
}  // namespace warmwire::test::stream_rest_test
