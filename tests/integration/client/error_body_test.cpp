// Errors whose body breaks off or never ends: their head says what is to be done.
#include "scripted_time.hpp"
#include "streaming.hpp"

#include <gmock/gmock.h>

namespace warmwire::test::error_body_test {
namespace {

using std::chrono::hours;

class error_body : public over_both {};
INSTANTIATE_TEST_SUITE_P(over, error_body, ::testing::Values(http_protocol::http1, http_protocol::http2),
                         protocol_name);

const std::string begun = R"({"error":{"message":"slow do)";

std::vector<emulator::action> limited(unsigned status, std::vector<emulator::action> more) {
  std::vector<emulator::action> out{fault::status{status}, fault::header{"X-Request-Id", "req-9"},
                                    fault::header{"X-RateLimit-Remaining-Requests", "0"},
                                    fault::header{"X-RateLimit-Limit-Requests", "60"}};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::vector<emulator::action> broken(unsigned status, fault::ending how, std::vector<emulator::action> more = {}) {
  auto out = limited(status, {fault::body{begun + std::string(1000, ' ')}, at_byte(how, begun.size())});
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

/// For limits of time that shall not be what ends a body.
pool_options patient() {
  pool_options out;
  out.stream_idle_timeout = hours(24);
  out.total_timeout = hours(24);
  return out;
}

void expect_the_head(const error& seen) {
  EXPECT_EQ(seen.code, errc::rate_limited) << seen.to_string();
  EXPECT_EQ(seen.phase, phase::body);
  EXPECT_EQ(seen.http_status, 429);
  EXPECT_EQ(seen.request_id, "req-9");
  EXPECT_EQ(seen.retry_after, 120s);
  EXPECT_EQ(seen.body_bytes, begun.size());
  ASSERT_TRUE(seen.answer);
  EXPECT_EQ(seen.answer->http_status, 429);
  EXPECT_EQ(seen.answer->request_id, "req-9");
  EXPECT_EQ(seen.answer->rate_limits.requests.limit, 60);
  EXPECT_EQ(seen.answer->headers.get("retry-after"), "120");
  EXPECT_EQ(seen.answer->raw_body, begun);
  EXPECT_GT(seen.answer->provenance.connection_id, 0U);
  EXPECT_FALSE(seen.answer->provenance.protocol.empty());
}

TEST_P(error_body, that_is_cut_or_stalls_leaves_a_whole_chat_what_the_head_says) {
  pool_options pool;
  pool.inactivity_timeout = 300ms;
  for (const auto how : {fault::ending::truncate, fault::ending::close, fault::ending::reset, fault::ending::stall}) {
    const streaming test(GetParam(), always(broken(429, how, {fault::header{"Retry-After", "120"}})), pool);
    const auto reply = test.blocking().chat("hi");
    ASSERT_FALSE(reply);
    expect_the_head(reply.error());
    EXPECT_THAT(reply.error().message, ::testing::StartsWith("status 429 with a body that cannot be read: "));
  }
}

TEST_P(error_body, that_stalls_is_not_waited_for_by_a_stream) {
  const streaming test(GetParam(), always(broken(429, fault::ending::stall, {fault::header{"Retry-After", "120"}})),
                       patient());
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    const auto opened = co_await chats.async_stream(ask(), asio::use_awaitable);
    EXPECT_FALSE(opened);
    if (!opened) expect_the_head(opened.error());
    co_await until([&] { return over.stats("openai").active == 0; });
  });
}

TEST_P(error_body, that_breaks_is_tried_again_as_its_head_advises) {
  scripted_time time;
  emulator::script script{
      {{{.request = 1}, broken(400, fault::ending::truncate, {fault::header{"X-Should-Retry", "true"}})},
       {{.request = 2}, broken(429, fault::ending::truncate, {fault::header{"Retry-After", "17"}})},
       {{.request = 3}, broken(429, fault::ending::truncate, {fault::header{"X-RateLimit-Reset-Requests", "21s"}})},
       {{.request = 4}, broken(503, fault::ending::truncate, {fault::header{"X-Should-Retry", "false"}})}}};
  streaming test(GetParam(), script, {}, 9);
  test.who.timing = time.timing();
  const auto reply = test.blocking().chat("hi");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::service_unavailable);
  EXPECT_EQ(test.server.report().requests, 4U);
  EXPECT_THAT(time.waits, ::testing::ElementsAre(500ms, 17s, 21s));
  ASSERT_EQ(reply.error().failed_attempts.size(), 3U);
  EXPECT_EQ(reply.error().failed_attempts[1].request_id, "req-9");
}

TEST_P(error_body, that_outlasts_the_deadline_ends_the_call_and_still_shows_its_head) {
  for (const bool is_streamed : {false, true}) {
    const streaming test(
        GetParam(), always(broken(500, fault::ending::stall, {fault::header{"X-Should-Retry", "true"}})), patient(), 5);
    auto request = ask();
    request.timeout = 300ms;
    auto chats = test.blocking();
    const auto reply = is_streamed ? chats.stream(request).reply() : chats.chat(request);
    ASSERT_FALSE(reply);
    const auto& seen = reply.error();
    EXPECT_EQ(seen.code, errc::deadline_exceeded) << seen.to_string();
    EXPECT_EQ(seen.phase, phase::body);
    EXPECT_EQ(seen.http_status, 500);
    EXPECT_EQ(seen.request_id, "req-9");
    EXPECT_EQ(seen.body_bytes, begun.size());
    ASSERT_TRUE(seen.answer);
    EXPECT_EQ(seen.answer->headers.get("x-should-retry"), "true");
    EXPECT_EQ(test.server.report().requests, 1U);
  }
}

TEST_P(error_body, of_a_success_that_is_cut_shows_its_head_too) {
  const streaming test(
      GetParam(), always(limited(200, {fault::body{std::string(1000, ' ')}, at_byte(fault::ending::truncate, 10)})));
  const auto reply = test.blocking().chat("hi");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::stream_interrupted) << reply.error().to_string();
  EXPECT_EQ(reply.error().http_status, 200);
  EXPECT_EQ(reply.error().request_id, "req-9");
  ASSERT_TRUE(reply.error().answer);
  EXPECT_EQ(reply.error().answer->rate_limits.requests.remaining, 0);
}

}  // namespace
}  // namespace warmwire::test::error_body_test
