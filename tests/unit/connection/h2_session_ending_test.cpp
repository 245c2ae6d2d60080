// How exchanges end other than well: reset by either side, refused, left out by a GOAWAY.
#include "tests/unit/connection/h2_exchange_of_test.hpp"

#include <boost/asio/io_context.hpp>

namespace warmwire::connection::h2_test::h2_session_ending_test {
namespace {

constexpr std::uint32_t no_error = 0;
constexpr std::uint32_t internal_error = 2;
constexpr std::uint32_t refused_stream = 7;
constexpr std::uint32_t cancel = 8;

const field_list ok = {{":status", "200"}};

class h2_session_ending_test : public session_fixture {
 protected:
  /// The failure's code and message; "no failure" if there is none.
  static std::string failure_of(const test_exchange& exchange) {
    const auto& failure = exchange.stream.failure();
    return failure ? std::string(to_string(failure->code)) + ": " + failure->message : "no failure";
  }
};

TEST_F(h2_session_ending_test, a_reset_before_the_response_names_its_code) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(reset_of(1, internal_error)));
  EXPECT_EQ(failure_of(*get), "stream_reset: the server reset the stream before a response (INTERNAL_ERROR)");
  EXPECT_EQ(get->stream.failure()->phase, phase::first_byte);
  EXPECT_FALSE(get->stream.is_unprocessed());
  EXPECT_FALSE(get->stream.is_open());
  EXPECT_TRUE(get->stream.has_heard_since_sent());
  EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(h2_session_ending_test, a_reset_within_the_response_says_how_much_had_come) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok) + data_of(1, "abc") + reset_of(1, no_error)));
  EXPECT_EQ(failure_of(*get),
            "stream_interrupted: the server reset the stream in the middle of the response (NO_ERROR)");
  EXPECT_EQ(get->stream.failure()->phase, phase::body);
  EXPECT_EQ(get->stream.failure()->body_bytes, 3U);
  EXPECT_EQ(get->stream.take_body(), "abc");
}

TEST_F(h2_session_ending_test, an_interim_response_is_a_beginning) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, {{":status", "103"}}) + reset_of(1, refused_stream)));
  EXPECT_EQ(get->stream.failure()->code, errc::stream_interrupted);
  EXPECT_FALSE(get->stream.is_unprocessed()) << "whatever it says, it has begun";
}

TEST_F(h2_session_ending_test, a_refused_stream_was_not_processed) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(reset_of(1, refused_stream)));
  EXPECT_EQ(failure_of(*get), "stream_refused: the server refused the stream unprocessed (REFUSED_STREAM)");
  EXPECT_TRUE(get->stream.is_unprocessed());
  EXPECT_TRUE(get->stream.was_refused());
  EXPECT_FALSE(session.is_draining());
}

TEST_F(h2_session_ending_test, a_reset_behind_a_complete_response_only_ends_the_upload) {
  greet({{4, 10}});
  const auto post = send("POST", std::string(100, 'x'));
  EXPECT_FALSE(post->stream.is_request_finished());
  ASSERT_TRUE(feed(head_of(1, ok, end_stream)));
  EXPECT_TRUE(post->stream.is_done());
  EXPECT_TRUE(post->stream.is_open());
  ASSERT_TRUE(feed(reset_of(1, no_error)));
  EXPECT_EQ(failure_of(*post), "no failure");
  EXPECT_FALSE(post->stream.is_open());
  EXPECT_FALSE(post->stream.is_request_finished());
  ASSERT_TRUE(feed(credit_of(1, 1000)));
  EXPECT_TRUE(written().empty()) << "the rest of the upload is abandoned";
}

TEST_F(h2_session_ending_test, an_upload_may_outlast_its_response) {
  greet({{4, 10}});
  const auto post = send("POST", std::string(100, 'x'));
  ASSERT_TRUE(feed(head_of(1, ok, end_stream) + credit_of(1, 1000)));
  EXPECT_EQ(written().back().flags, end_stream);
  EXPECT_TRUE(post->stream.is_request_finished());
  EXPECT_FALSE(post->stream.is_open());
}

TEST_F(h2_session_ending_test, resetting_a_stream_tells_the_peer_and_nobody_else) {
  greet();
  const auto get = send();
  const auto sibling = send();
  ASSERT_TRUE(feed(head_of(1, ok) + data_of(1, "abc")));
  session.reset(get->stream);
  EXPECT_FALSE(get->stream.is_open());
  EXPECT_EQ(failure_of(*get), "no failure");
  const auto frames = written();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(write(frames[0]), reset_of(1, cancel));
  ASSERT_TRUE(feed(head_of(3, ok) + data_of(3, "x", end_stream)));
  EXPECT_TRUE(sibling->stream.is_done());
}

TEST_F(h2_session_ending_test, resetting_a_stream_that_is_over_says_nothing) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok, end_stream)));
  session.reset(get->stream);
  session.reset(get->stream);
  EXPECT_TRUE(written().empty());
}

TEST_F(h2_session_ending_test, resetting_a_stream_before_it_left_sends_nothing_of_it) {
  greet();
  auto get = start();
  get.reset();
  EXPECT_TRUE(written().empty());
  const auto next = send();
  ASSERT_TRUE(feed(head_of(3, ok, end_stream)));
  EXPECT_TRUE(next->stream.is_done());
}

TEST_F(h2_session_ending_test, destroying_a_stream_resets_it) {
  greet();
  auto get = send();
  get.reset();
  EXPECT_EQ(session.open_streams(), 0U);
  EXPECT_EQ(only(written(), rst_stream).size(), 1U);
}

TEST_F(h2_session_ending_test, what_was_under_way_to_a_stream_that_was_reset_is_thrown_away) {
  greet();
  auto get = send();
  get.reset();
  ASSERT_TRUE(feed(head_of(1, ok))) << "it has not been told yet";
  (void)written();
  ASSERT_TRUE(feed(data_of(1, std::string(10'000, 'x'), end_stream)));
  EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(h2_session_ending_test, a_malformed_response_costs_its_stream_only) {
  greet();
  const auto bad = start();
  const auto good = send();
  ASSERT_TRUE(feed(head_of(1, {{":status", "200"}, {"Upper", "1"}, {"more", "2"}}) + data_of(1, "x", end_stream) +
                   head_of(3, ok, end_stream)));
  EXPECT_EQ(failure_of(*bad),
            "malformed_response: the response is not HTTP/2: a field's name is not a token in lower case");
  EXPECT_TRUE(good->stream.is_done());
  const auto frames = only(written(), rst_stream);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(write(frames[0]), reset_of(1, cancel));
}

TEST_F(h2_session_ending_test, a_response_without_status_is_malformed) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, {{"x", "y"}}, end_stream)));
  EXPECT_EQ(get->stream.failure()->code, errc::malformed_response);
}

TEST_F(h2_session_ending_test, a_header_section_that_is_too_large_costs_its_stream_only) {
  greet();
  const auto large = start();
  const auto good = send();
  const auto block =
      literal_fields({{":status", "200"}, {"x", std::string(65'000, 'x')}, {"y", std::string(900, 'y')}});
  std::string bytes = write({headers_frame, no_flags, 1, block.substr(0, 16'384)});
  for (std::size_t at = 16'384; at < block.size(); at += 16'384) {
    const bool is_last = at + 16'384 >= block.size();
    bytes += write({continuation, is_last ? end_headers : no_flags, 1, block.substr(at, 16'384)});
  }
  ASSERT_TRUE(feed(bytes + head_of(3, ok, end_stream)));
  EXPECT_EQ(large->stream.failure()->code, errc::header_section_too_large);
  EXPECT_TRUE(good->stream.is_done());
}

TEST_F(h2_session_ending_test, a_body_longer_than_its_length_costs_its_stream_only) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, {{":status", "200"}, {"content-length", "2"}}) + data_of(1, "abc")));
  EXPECT_EQ(failure_of(*get), "conflicting_length: the response's body is longer than its Content-Length");
  EXPECT_EQ(only(written(), rst_stream).size(), 1U);
  const auto next = send();
  ASSERT_TRUE(feed(head_of(3, ok, end_stream)));
  EXPECT_TRUE(next->stream.is_done());
}

TEST_F(h2_session_ending_test, goaway_leaves_out_what_is_above_it_and_lets_the_others_end) {
  greet();
  std::vector<std::unique_ptr<test_exchange>> all;
  for (int i = 0; i < 5; ++i)
    all.push_back(send());
  ASSERT_TRUE(feed(goaway_of(5, no_error, "moving\non")));
  EXPECT_TRUE(session.is_draining());
  EXPECT_FALSE(session.is_dead());
  EXPECT_TRUE(session.take_news().goaway);
  ASSERT_TRUE(session.goaway());
  EXPECT_EQ(session.goaway()->code, no_error);
  EXPECT_EQ(session.goaway()->last_stream_id, 5);
  EXPECT_EQ(session.goaway()->text, "NO_ERROR: moving on");
  EXPECT_EQ(session.open_streams(), 3U);
  for (std::size_t i = 3; i < 5; ++i) {
    EXPECT_TRUE(all[i]->stream.is_unprocessed());
    EXPECT_FALSE(all[i]->stream.was_refused());
    EXPECT_EQ(failure_of(*all[i]),
              "stream_refused: the server is closing the connection (GOAWAY, NO_ERROR: moving on) without the request");
  }
  for (const std::uint32_t id : {1U, 3U, 5U})
    ASSERT_TRUE(feed(head_of(id, ok, end_stream)));
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(all[i]->stream.is_done());
  EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(h2_session_ending_test, goaway_with_an_error_names_it_bounded_and_printable) {
  greet();
  ASSERT_TRUE(feed(goaway_of(0, 11, "\x1b[31m" + std::string(5'000, 'x'))));
  EXPECT_EQ(session.goaway()->code, 11U);
  EXPECT_TRUE(session.goaway()->text.starts_with("ENHANCE_YOUR_CALM: [31mxxx")) << session.goaway()->text;
  EXPECT_LT(session.goaway()->text.size(), 230U);
}

TEST_F(h2_session_ending_test, goaway_may_come_twice) {
  greet();
  const auto first = send();
  ASSERT_TRUE(feed(goaway_of(0x7fff'ffff, no_error)));
  EXPECT_TRUE(session.is_draining());
  EXPECT_EQ(session.open_streams(), 1U);
  ASSERT_TRUE(feed(goaway_of(0, no_error)));
  EXPECT_TRUE(first->stream.is_unprocessed());
  EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(h2_session_ending_test, after_goaway_nothing_is_opened) {
  greet();
  const auto waiting = start();
  ASSERT_TRUE(feed(goaway_of(0x7fff'ffff, no_error)));
  EXPECT_TRUE(waiting->stream.is_unprocessed()) << "it had not left";
  EXPECT_FALSE(waiting->stream.has_sent_anything());
  const auto late = start();
  EXPECT_TRUE(late->stream.is_unprocessed());
  EXPECT_EQ(late->stream.failure()->code, errc::stream_refused);
  EXPECT_TRUE(only(written(), headers_frame).empty());
  EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(h2_session_ending_test, news_of_a_failure_is_told_once) {
  greet();
  const auto get = send();
  int news = 0;
  get->stream.on_news([&news] { ++news; });
  ASSERT_TRUE(feed(goaway_of(0, no_error)));
  EXPECT_EQ(news, 1);
  (void)written();
  EXPECT_EQ(news, 1);
}

}  // namespace
}  // namespace warmwire::connection::h2_test::h2_session_ending_test
