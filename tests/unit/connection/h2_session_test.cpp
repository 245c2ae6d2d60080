#include "tests/unit/connection/h2_exchange_of_test.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>

namespace warmwire::connection::h2_test::h2_session_test {
namespace {

class h2_session_test : public session_fixture {};

const field_list ok = {{":status", "200"}, {"content-type", "text/plain"}};

TEST_F(h2_session_test, begins_with_the_preface_and_its_settings) {
  const auto bytes = written_bytes();
  EXPECT_TRUE(bytes.starts_with("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  const auto frames = read_frames(bytes);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(write(frames[0]), settings_of({{2, 0}, {4, 1 << 20}, {6, 64 << 10}}));
  EXPECT_EQ(write(frames[1]), credit_of(0, (32U << 20) - 65'535));
  EXPECT_EQ(written_bytes(), "");
}

TEST_F(h2_session_test, acknowledges_settings_and_reports_them) {
  EXPECT_FALSE(session.settings_received());
  EXPECT_EQ(session.peer_stream_limit(), 100U) << "what is assumed";
  ASSERT_TRUE(feed(settings_of({{3, 7}})));
  EXPECT_TRUE(session.settings_received());
  EXPECT_EQ(session.peer_stream_limit(), 7U);
  EXPECT_TRUE(session.take_news().settings);
  EXPECT_FALSE(session.take_news().settings);
  const auto acknowledged = only(written(), settings);
  EXPECT_EQ(acknowledged.back().flags, ack);
}

TEST_F(h2_session_test, without_a_limit_in_the_settings_there_is_none) {
  greet();
  EXPECT_EQ(session.peer_stream_limit(), 0xffff'ffffU);
}

TEST_F(h2_session_test, sends_a_request_without_a_body) {
  greet();
  const auto get = start();
  EXPECT_TRUE(get->stream.is_open());
  EXPECT_FALSE(get->stream.has_sent_anything());
  const auto frames = written();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, headers_frame);
  EXPECT_EQ(frames[0].flags, end_headers | end_stream);
  EXPECT_EQ(frames[0].stream, 1U);
  EXPECT_TRUE(get->stream.has_sent_anything());
  EXPECT_TRUE(get->stream.is_request_finished());
  EXPECT_EQ(session.open_streams(), 1U);
}

TEST_F(h2_session_test, sends_a_request_with_a_body) {
  greet();
  const auto post = start("POST", std::string(40'000, 'x'));
  const auto frames = written();
  ASSERT_EQ(frames.at(0).type, headers_frame);
  EXPECT_EQ(frames[0].flags, end_headers);
  std::string body;
  for (const auto& each : only(frames, data))
    body += each.payload;
  EXPECT_EQ(body, post->body);
  EXPECT_EQ(frames.back().flags, end_stream);
  EXPECT_TRUE(post->stream.is_request_finished());
}

TEST_F(h2_session_test, holds_no_more_of_an_upload_than_is_to_be_written_soon) {
  greet({{4, 0x7fff'ffff}});
  ASSERT_TRUE(feed(credit_of(0, 0x7000'0000)));
  const auto upload = start("POST", std::string(std::size_t{8} << 20, 'a'));
  constexpr std::size_t a_frame_more = (std::size_t{64} << 10) + (std::size_t{17} << 10);
  EXPECT_LE(session.output().size(), a_frame_more);
  (void)session.ping(now);
  const auto get = start();
  const auto waiting = session.output();
  const auto frames = read_frames({waiting.data(), waiting.size()});
  EXPECT_EQ(only(frames, ping).size(), 1U) << "what is short does not wait for it";
  EXPECT_EQ(only(frames, headers_frame).size(), 2U);
  EXPECT_LE(waiting.size(), a_frame_more);
  std::size_t sent = 0;
  for (const auto& each : only(written(), data))
    sent += each.payload.size();
  EXPECT_EQ(sent, upload->body.size());
}

TEST_F(h2_session_test, reads_a_response_piece_by_piece) {
  greet();
  const auto get = send();
  auto& stream = get->stream;
  int news = 0;
  stream.on_news([&news] { ++news; });
  EXPECT_FALSE(stream.has_begun());
  EXPECT_EQ(stream.remaining(), std::nullopt);

  ASSERT_TRUE(feed(head_of(1, {{":status", "200"}, {"content-length", "6"}})));
  EXPECT_TRUE(stream.has_begun());
  EXPECT_TRUE(stream.is_head_done());
  EXPECT_EQ(stream.status(), 200);
  EXPECT_EQ(stream.headers().get("Content-Length"), "6");
  EXPECT_EQ(stream.remaining(), 6U);
  EXPECT_FALSE(stream.has_body());
  EXPECT_EQ(news, 1);

  ASSERT_TRUE(feed(data_of(1, "abcd")));
  EXPECT_EQ(news, 2);
  EXPECT_EQ(stream.take_body(3), "abc");
  EXPECT_EQ(stream.remaining(), 2U);
  EXPECT_FALSE(stream.is_done());
  ASSERT_TRUE(feed(data_of(1, "ef", end_stream)));
  EXPECT_EQ(news, 3);
  EXPECT_TRUE(stream.is_done());
  EXPECT_FALSE(stream.is_open());
  EXPECT_FALSE(stream.failure());
  EXPECT_EQ(stream.take_body(), "def") << "after its end too";
  EXPECT_EQ(stream.body_bytes(), 6U);
  EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(h2_session_test, streams_end_in_any_order) {
  greet();
  const auto first = start();
  const auto second = send();
  ASSERT_TRUE(feed(head_of(3, ok) + head_of(1, ok) + data_of(3, "two", end_stream) + data_of(1, "one", end_stream)));
  EXPECT_EQ(first->stream.take_body(), "one");
  EXPECT_EQ(second->stream.take_body(), "two");
}

TEST_F(h2_session_test, passes_over_interim_responses_and_drops_trailers) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, {{":status", "103"}, {"link", "x"}})));
  EXPECT_TRUE(get->stream.has_begun());
  EXPECT_FALSE(get->stream.is_head_done());
  ASSERT_TRUE(feed(head_of(1, ok) + data_of(1, "body") + head_of(1, {{"grpc-status", "0"}}, end_stream)));
  EXPECT_TRUE(get->stream.is_done());
  EXPECT_EQ(get->stream.headers().size(), 1U);
  EXPECT_EQ(get->stream.take_body(), "body");
}

TEST_F(h2_session_test, a_body_that_is_produced_is_sent_as_it_comes) {
  greet();
  boost::asio::io_context loop;
  std::vector<std::string> chunks = {"ab", "cd"};
  std::function<void(result<std::string>)> answer;
  const body_source source{.next = [&](auto handler) { answer = handler; }, .length = 4};
  outgoing bytes("", source, 100, loop.get_executor());
  h2_stream stream;
  bytes.on_produced([&] { session.resume(stream); });
  session.open(stream, head("POST", 4), bytes);
  EXPECT_EQ(only(written(), data).size(), 0U);
  EXPECT_TRUE(stream.waits_for_source());
  for (const auto& chunk : chunks) {
    loop.restart();
    loop.run();
    answer(chunk);
    loop.restart();
    loop.run();
    const auto frames = only(written(), data);
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames[0].payload, chunk);
  }
  EXPECT_TRUE(stream.is_request_finished());
  EXPECT_FALSE(stream.waits_for_source());
}

TEST_F(h2_session_test, a_body_source_that_fails_ends_its_stream) {
  greet();
  boost::asio::io_context loop;
  std::function<void(result<std::string>)> answer;
  const body_source source{.next = [&](auto handler) { answer = handler; }, .length = 4};
  outgoing bytes("", source, 100, loop.get_executor());
  h2_stream stream;
  bytes.on_produced([&] { session.resume(stream); });
  session.open(stream, head("POST", 4), bytes);
  (void)written();
  EXPECT_FALSE(answer) << "a source is not asked in the middle of a write";
  loop.run();
  answer(error{.code = errc::cancelled, .message = "no more"});
  loop.restart();
  loop.run();
  const auto frames = written();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(write(frames[0]), reset_of(1, 8)) << "CANCEL";
  ASSERT_TRUE(stream.failure());
  EXPECT_EQ(stream.failure()->code, errc::request_body_failed);
  EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(h2_session_test, an_invalid_request_fails_before_it_leaves) {
  greet();
  fields = {{"X", "a\r\nb"}};
  const auto bad = start();
  ASSERT_TRUE(bad->stream.failure());
  EXPECT_EQ(bad->stream.failure()->code, errc::invalid_header);
  EXPECT_FALSE(bad->stream.is_open());
  fields = {{"X", std::string(70'000, 'x')}};
  const auto large = start();
  ASSERT_TRUE(large->stream.failure());
  EXPECT_EQ(large->stream.failure()->code, errc::invalid_header);
  EXPECT_FALSE(large->stream.is_unprocessed());
  EXPECT_TRUE(written().empty());
}

TEST_F(h2_session_test, a_header_section_as_large_as_is_allowed_is_sent) {
  greet();
  fields = {{"X", std::string(65'000, 'x')}};
  const auto large = start();
  const auto frames = written();
  EXPECT_FALSE(large->stream.failure());
  EXPECT_EQ(only(frames, headers_frame).size(), 1U);
  EXPECT_GE(only(frames, continuation).size(), 1U);
  EXPECT_TRUE(large->stream.has_sent_anything());
}

TEST_F(h2_session_test, streams_beyond_the_peers_limit_wait_for_their_turn) {
  greet({{3, 1}});
  const auto first = start();
  const auto second = start();
  const auto third = start();
  EXPECT_EQ(only(written(), headers_frame).size(), 1U);
  EXPECT_FALSE(second->stream.has_sent_anything());
  session.reset(second->stream);
  ASSERT_TRUE(feed(head_of(1, ok, end_stream)));
  const auto frames = written();
  ASSERT_EQ(frames.size(), 1U) << "the second was given up and is never sent";
  EXPECT_EQ(frames[0].stream, 5U);
  EXPECT_TRUE(third->stream.has_sent_anything());
}

TEST_F(h2_session_test, a_limit_that_is_lowered_in_flight_ends_nothing) {
  greet({{3, 100}});
  std::vector<std::unique_ptr<test_exchange>> exchanges;
  for (int i = 0; i < 10; ++i)
    exchanges.push_back(send());
  ASSERT_TRUE(feed(settings_of({{3, 1}})));
  EXPECT_EQ(session.peer_stream_limit(), 1U);
  const auto late = send();
  for (std::uint32_t id = 1; id < 20; id += 2)
    ASSERT_TRUE(feed(head_of(id, ok, end_stream)));
  for (const auto& each : exchanges)
    EXPECT_TRUE(each->stream.is_done());
  EXPECT_EQ(only(written(), headers_frame).size(), 1U);
  EXPECT_TRUE(late->stream.has_sent_anything());
}

TEST_F(h2_session_test, knows_whether_the_peer_was_heard_from_after_the_request) {
  greet();
  const auto get = start();
  const auto bytes = session.output().size();
  ASSERT_TRUE(feed(write({ping, no_flags, 0, "12345678"})));
  session.consume(bytes - 1);
  EXPECT_FALSE(get->stream.has_heard_since_sent()) << "not all of it is written";
  ASSERT_TRUE(feed(write({ping, no_flags, 0, "12345678"})));
  (void)written();
  EXPECT_FALSE(get->stream.has_heard_since_sent());
  ASSERT_TRUE(feed(write({ping, no_flags, 0, "12345678"})));
  EXPECT_TRUE(get->stream.has_heard_since_sent());
  session.reset(get->stream);
  EXPECT_TRUE(get->stream.has_heard_since_sent());
  const auto silent = send();
  session.reset(silent->stream);
  EXPECT_FALSE(silent->stream.has_heard_since_sent());
}

TEST_F(h2_session_test, pings_are_numbered_and_timed) {
  greet();
  EXPECT_EQ(session.ping(now), 1U);
  EXPECT_EQ(session.ping(now), 2U);
  const auto sent = only(written(), ping);
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(session.pings_in_flight(), 2U);
  EXPECT_EQ(session.last_round_trip(), std::nullopt);
  now += std::chrono::milliseconds(30);
  ASSERT_TRUE(feed(write({ping, ack, 0, sent[0].payload})));
  EXPECT_EQ(session.last_pong(), 1U);
  EXPECT_EQ(session.pings_in_flight(), 1U);
  EXPECT_EQ(session.last_round_trip(), std::chrono::milliseconds(30));
  EXPECT_TRUE(session.take_news().pong);
  EXPECT_EQ(session.last_heard(), now);
  ASSERT_TRUE(feed(write({ping, ack, 0, "notsent!"})));
  EXPECT_EQ(session.last_pong(), 1U);
  EXPECT_FALSE(session.take_news().pong);
}

TEST_F(h2_session_test, answers_pings) {
  greet();
  ASSERT_TRUE(feed(write({ping, no_flags, 0, "abcdefgh"})));
  const auto frames = written();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(write(frames[0]), write({ping, ack, 0, "abcdefgh"}));
}

TEST_F(h2_session_test, says_goodbye) {
  greet();
  const auto open = send();
  session.say_goodbye();
  EXPECT_TRUE(session.is_dead());
  const auto frames = written();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(write(frames[0]), goaway_of(0, 0));
  EXPECT_FALSE(open->stream.failure());
  const auto late = start();
  EXPECT_TRUE(late->stream.is_unprocessed());
}

TEST_F(h2_session_test, ignores_frames_of_unknown_types) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(write({0xbe, 0xff, 1, "whatever"}) + head_of(1, ok, end_stream)));
  EXPECT_TRUE(get->stream.is_done());
}

TEST_F(h2_session_test, whoever_hears_of_news_may_destroy_other_streams) {
  greet();
  auto first = start();
  auto second = start();
  auto third = send();
  first->stream.on_news([&] { second.reset(); });
  third->stream.on_news([&] { third.reset(); });
  ASSERT_TRUE(feed(head_of(1, ok) + head_of(3, ok) + head_of(5, ok, end_stream)));
  EXPECT_FALSE(second);
  EXPECT_FALSE(third);
  EXPECT_EQ(session.open_streams(), 1U);
}

TEST_F(h2_session_test, a_stream_that_is_reset_hears_no_more_news) {
  greet();
  const auto first = start();
  const auto second = send();
  int news = 0;
  first->stream.on_news([&] { session.reset(second->stream); });
  second->stream.on_news([&news] { ++news; });
  ASSERT_TRUE(feed(head_of(1, ok) + head_of(3, ok)));
  EXPECT_EQ(news, 0);
}

TEST_F(h2_session_test, a_stream_outlives_its_session) {
  h2_stream open;
  h2_stream ended;
  outgoing none("", std::string_view());
  {
    h2_session other{h2_settings{}};
    other.open(open, head("GET"), none);
    other.open(ended, head("CONNECT"), none);
    EXPECT_TRUE(ended.failure());
  }
  EXPECT_FALSE(open.is_open());
}

TEST(h2_session_limit_test, until_the_peer_says_it_the_limit_is_what_is_assumed) {
  const h2_session session({.assumed_streams = 7});
  EXPECT_EQ(session.peer_stream_limit(), 7U);
}

TEST(h2_session_ids_test, a_session_whose_stream_ids_are_used_up_drains) {
  h2_session session({.first_stream_id = 0x7fff'fffd});
  const auto url = *http::parse_url("https://a/");
  const headers none;
  outgoing bytes("", std::string_view());
  h2_stream first;
  h2_stream last;
  h2_stream beyond;
  session.open(first, {.method = "GET", .url = url, .fields = none, .user_agent = ""}, bytes);
  EXPECT_FALSE(session.is_draining());
  session.open(last, {.method = "GET", .url = url, .fields = none, .user_agent = ""}, bytes);
  EXPECT_TRUE(session.is_draining());
  session.open(beyond, {.method = "GET", .url = url, .fields = none, .user_agent = ""}, bytes);
  ASSERT_TRUE(beyond.failure());
  EXPECT_TRUE(beyond.is_unprocessed());
  EXPECT_TRUE(last.is_open());
}

}  // namespace
}  // namespace warmwire::connection::h2_test::h2_session_test
