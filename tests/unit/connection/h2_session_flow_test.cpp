// A session against a server that keeps the rules: what really arrives, windows, cancellations in masses.
#include "tests/unit/connection/h2_exchange_of_test.hpp"
#include "tests/unit/connection/h2_server.hpp"

namespace warmwire::connection::h2_test::h2_session_flow_test {
namespace {

constexpr std::size_t stream_window = std::size_t{128} << 10;
constexpr std::size_t connection_window = std::size_t{1} << 20;

class h2_session_flow_test : public session_fixture {
 protected:
  h2_session_flow_test()
      : session_fixture({.stream_window_bytes = stream_window, .connection_window_bytes = connection_window}) {
    run();
  }

  /// Carries bytes to and fro until neither side has more.
  void run() {
    for (;;) {
      const auto from_client = written_bytes();
      server.feed(from_client);
      const auto from_server = server.output();
      most_from_server = std::max(most_from_server, from_server.size());
      if (!from_server.empty()) {
        ASSERT_TRUE(feed(from_server));
      }
      if (from_client.empty() && from_server.empty()) return;
    }
  }

  h2_server server;
  std::size_t most_from_server = 0;
};

TEST_F(h2_session_flow_test, the_server_sees_the_request_as_it_was_made) {
  fields = {{"Authorization", "Bearer k"}, {"X-Api-Key", "k"}, {"Accept", "text/event-stream"}};
  const auto post = start("POST", "hello");
  run();
  auto& seen = server.requests().at(1);
  EXPECT_EQ(seen.fields, (field_list{{":method", "POST"},
                                     {":scheme", "https"},
                                     {":authority", "api.example.com"},
                                     {":path", "/v1"},
                                     {"authorization", "Bearer k"},
                                     {"x-api-key", "k"},
                                     {"accept", "text/event-stream"},
                                     {"user-agent", "test"},
                                     {"content-length", "5"}}));
  EXPECT_EQ(seen.never_indexed, (std::set<std::string>{"authorization", "x-api-key"}));
  EXPECT_EQ(seen.body, "hello");
  EXPECT_TRUE(seen.has_ended);
  server.respond(1, "world");
  run();
  EXPECT_TRUE(post->stream.is_done());
  EXPECT_EQ(post->stream.take_body(), "world");
  EXPECT_EQ(server.open_streams(), 0U);
}

TEST_F(h2_session_flow_test, the_windows_are_those_of_the_settings) {
  const auto get = start();
  run();
  EXPECT_EQ(server.connection_window(), static_cast<std::int32_t>(connection_window));
  EXPECT_EQ(server.stream_window(1), static_cast<std::int32_t>(stream_window));
}

TEST_F(h2_session_flow_test, behaviour_14_a_stream_that_is_not_read_starves_no_sibling) {
  const auto slow = start();
  const auto quick = start();
  run();
  server.respond(1, std::string(std::size_t{4} << 20, 's'));
  server.respond(3, std::string(std::size_t{4} << 20, 'q'));
  std::size_t read = 0;
  for (int turn = 0; turn < 1000 && !(quick->stream.is_done() && !quick->stream.has_body()); ++turn) {
    run();
    read += quick->stream.take_body().size();
  }
  EXPECT_EQ(read, std::size_t{4} << 20);
  EXPECT_EQ(slow->stream.body_bytes(), stream_window) << "it stops at its window";
  EXPECT_FALSE(slow->stream.is_done());
  EXPECT_GE(server.connection_window(), static_cast<std::int32_t>(connection_window / 2));
  // It goes on when it is read.
  std::size_t late = 0;
  for (int turn = 0; turn < 1000 && !(slow->stream.is_done() && !slow->stream.has_body()); ++turn) {
    late += slow->stream.take_body().size();
    run();
  }
  EXPECT_EQ(late, std::size_t{4} << 20);
}

TEST_F(h2_session_flow_test, a_reader_that_takes_little_gets_little_more) {
  const auto get = start();
  run();
  server.respond(1, std::string(2 * stream_window, 'x'));
  run();
  EXPECT_EQ(get->stream.take_body(1'000).size(), 1'000U);
  run();
  EXPECT_EQ(get->stream.body_bytes(), stream_window) << "credit is given in halves of the window";
  EXPECT_EQ(get->stream.take_body(stream_window / 2).size(), stream_window / 2);
  run();
  EXPECT_EQ(get->stream.body_bytes(), stream_window + stream_window / 2 + 1'000);
}

TEST_F(h2_session_flow_test, a_hundred_streams_that_are_not_read_leave_the_connection_open) {
  std::vector<std::unique_ptr<test_exchange>> unread;
  for (int i = 0; i < 50; ++i)
    unread.push_back(start());
  run();
  for (const auto& [id, request] : server.requests())
    server.respond(id, std::string(2 * stream_window, 'x'));
  run();
  for (const auto& each : unread)
    EXPECT_EQ(each->stream.body_bytes(), stream_window);
  const auto late = start();
  run();
  server.respond(101, std::string(100'000, 'y'));
  run();
  EXPECT_TRUE(late->stream.is_done());
}

TEST_F(h2_session_flow_test, behaviour_08_500_cancels_within_the_body_leave_nothing_behind) {
  constexpr int cancels = 500;
  const auto sibling = start();
  run();
  server.respond_without_end(1, "begun");
  run();
  for (int i = 0; i < cancels; ++i) {
    const auto id = 3 + 2 * i;
    auto given_up = start();
    run();
    server.respond_without_end(id, std::string(10'000, 'x'));
    run();
    EXPECT_EQ(given_up->stream.body_bytes(), 10'000U);
    session.reset(given_up->stream);
    run();
    ASSERT_EQ(server.requests().at(id).reset, 8U) << "CANCEL";
  }
  EXPECT_EQ(server.resets(), static_cast<std::size_t>(cancels));
  EXPECT_EQ(server.open_streams(), 1U);
  EXPECT_EQ(session.open_streams(), 1U);
  EXPECT_GE(server.connection_window(), static_cast<std::int32_t>(connection_window / 2)) << "no credit is lost";
  EXPECT_EQ(sibling->stream.take_body(), "begun");
  EXPECT_FALSE(sibling->stream.failure());
  const auto next = start();
  run();
  server.respond(3 + 2 * cancels, "still here");
  run();
  EXPECT_EQ(next->stream.take_body(), "still here");
}

TEST_F(h2_session_flow_test, many_streams_are_cancelled_at_once_while_their_bodies_are_under_way) {
  std::vector<std::unique_ptr<test_exchange>> all;
  for (int i = 0; i < 100; ++i)
    all.push_back(start());
  run();
  for (const auto& [id, request] : server.requests())
    server.respond(id, std::string(stream_window, 'x'));
  const auto under_way = server.output();
  all.clear();
  ASSERT_TRUE(feed(under_way));
  run();
  EXPECT_EQ(session.open_streams(), 0U);
  EXPECT_EQ(server.open_streams(), 0U);
  EXPECT_GE(server.connection_window(), static_cast<std::int32_t>(connection_window / 2));
}

TEST_F(h2_session_flow_test, what_was_under_way_when_the_reset_left_is_credited_back) {
  auto get = start();
  run();
  server.respond(1, std::string(stream_window, 'x'));
  const auto under_way = server.output();
  get.reset();
  const auto reset = written_bytes();
  ASSERT_TRUE(feed(under_way));
  server.feed(reset);
  run();
  EXPECT_GE(server.connection_window(), static_cast<std::int32_t>(connection_window / 2));
}

TEST_F(h2_session_flow_test, large_uploads_stay_within_their_windows) {
  const auto first = start("POST", std::string(std::size_t{2} << 20, 'a'));
  const auto second = start("POST", std::string(std::size_t{2} << 20, 'b'));
  run();
  EXPECT_EQ(server.requests().at(1).body, first->body);
  EXPECT_EQ(server.requests().at(3).body, second->body);
  EXPECT_TRUE(first->stream.is_request_finished());
}

/// Windows of a server that was written by hand.
class h2_session_window_test : public session_fixture {
 protected:
  /// Takes what was written, and returns each frame's bytes: to the connection and then to the stream, one by one.
  void take_and_give_back() {
    for (const auto& each : only(written(), data)) {
      ++frames;
      uploaded += each.payload.size();
      const bool is_last = (each.flags & end_stream) != 0;
      small_frames += each.payload.size() < 4'096 && !is_last ? 1U : 0U;
      const auto size = static_cast<std::uint32_t>(each.payload.size());
      if (size == 0) continue;
      ASSERT_TRUE(feed(credit_of(0, size)));
      if (!is_last) {
        ASSERT_TRUE(feed(credit_of(each.stream, size)));
      }
    }
  }

  std::size_t frames = 0;
  std::size_t small_frames = 0;
  std::size_t uploaded = 0;
};

TEST_F(h2_session_window_test, several_uploads_share_windows_without_frames_of_a_few_bytes) {
  for (const std::size_t uploads : {1U, 2U, 3U, 7U}) {
    greet();
    std::vector<std::unique_ptr<test_exchange>> posts;
    for (std::size_t i = 0; i < uploads; ++i)
      posts.push_back(start("POST", std::string(1'000'000 + 777 * i, 'x')));
    frames = small_frames = 0;
    for (int turn = 0; turn < 10'000 && session.open_streams() > 0; ++turn) {
      take_and_give_back();
      for (const auto& each : posts)
        if (each->stream.is_request_finished() && each->stream.is_open()) session.reset(each->stream);
    }
    EXPECT_EQ(session.open_streams(), 0U) << uploads;
    EXPECT_EQ(small_frames, 0U) << "of " << frames << " with " << uploads << " uploads";
  }
}

TEST_F(h2_session_window_test, what_is_left_of_a_window_waits_for_more_or_for_patience_to_end) {
  greet();
  const auto first = send("POST", std::string(65'000, 'a'));
  const auto second = start("POST", std::string(65'000, 'b'));
  (void)written();
  EXPECT_TRUE(first->stream.is_request_finished());
  EXPECT_TRUE(session.is_waiting_for_windows()) << "for 535 bytes";
  ASSERT_TRUE(feed(credit_of(0, 100)));
  EXPECT_TRUE(only(written(), data).empty());
  session.use_small_windows();
  const auto sent = only(written(), data);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].payload, std::string(635, 'b'));
  EXPECT_FALSE(session.is_waiting_for_windows()) << "there is no window left to wait with";
  ASSERT_TRUE(feed(credit_of(0, 1'000)));
  EXPECT_TRUE(session.is_waiting_for_windows());
  ASSERT_TRUE(feed(credit_of(0, 7'192)));
  EXPECT_FALSE(session.is_waiting_for_windows()) << "half a frame is worth it";
  EXPECT_EQ(only(written(), data).at(0).payload.size(), 8'192U);
}

TEST_F(h2_session_window_test, the_end_of_a_body_needs_no_more_window_than_it_has_bytes) {
  greet();
  const auto first = send("POST", std::string(65'000, 'a'));
  const auto second = start("POST", std::string(500, 'b'));
  (void)written();
  EXPECT_TRUE(second->stream.is_request_finished());
}

TEST_F(h2_session_window_test, a_peer_with_narrow_windows_gets_what_fits) {
  for (const std::uint32_t window : {1U, 2U, 100U, 5'000U}) {
    session_fixture::greet({{4, window}});
    const auto post = start("POST", std::string(10'000, 'x'));
    const auto sent = only(written(), data);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].payload.size(), window);
    ASSERT_TRUE(feed(credit_of(0, window) + credit_of(sent[0].stream, window)));
    EXPECT_EQ(only(written(), data).at(0).payload.size(), window);
  }
}

TEST_F(h2_session_window_test, a_stream_that_waits_for_windows_may_go) {
  greet();
  const auto first = send("POST", std::string(65'000, 'a'));
  auto second = start("POST", std::string(65'000, 'b'));
  auto third = start("POST", std::string(65'000, 'c'));
  (void)written();
  ASSERT_TRUE(session.is_waiting_for_windows());
  session.reset(second->stream);
  third.reset();
  EXPECT_FALSE(session.is_waiting_for_windows());
  session.use_small_windows();
  ASSERT_TRUE(feed(credit_of(0, 100'000)));
  EXPECT_TRUE(only(written(), data).empty());
}

TEST_F(h2_session_flow_test, padding_is_credited_back) {
  auto get = start();
  run();
  ASSERT_TRUE(feed(head_of(1, {{":status", "200"}})));
  std::string payload(1 + 200, '\0');
  payload[0] = static_cast<char>(100);
  std::fill_n(payload.begin() + 1, 100, 'x');
  const auto frame = write({data, padded, 1, payload});
  std::uint32_t credit = 0;
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(feed(frame));
    (void)get->stream.take_body();
    for (const auto& each : only(written(), window_update))
      if (each.stream == 0) credit += each.number();
  }
  EXPECT_GE(credit, 20'000U * 201 - connection_window);
}

}  // namespace
}  // namespace warmwire::connection::h2_test::h2_session_flow_test
