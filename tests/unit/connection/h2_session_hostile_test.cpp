// Peers that break HTTP/2.
#include "tests/unit/connection/h2_hostile_fixture.hpp"

#include <cstdlib>
#include <random>

namespace warmwire::connection::h2_test::h2_session_hostile_test {
namespace {

const field_list ok = {{":status", "200"}};

class h2_session_hostile_test : public hostile_fixture {};

TEST_F(h2_session_hostile_test, answers_in_http_1) {
  expect_violation("HTTP/1.1 400 Bad Request\r\n\r\n", 13,
                   "the server answered in HTTP/1 on a connection that is HTTP/2");
}

TEST_F(h2_session_hostile_test, answers_in_http_1_byte_by_byte) {
  const auto get = send();
  result<void> fed;
  for (const char byte : std::string_view("HTTP/1."))
    fed = feed({&byte, 1});
  expect_end_of(*get, fed, http_1_1_required, "the server answered in HTTP/1 on a connection that is HTTP/2");
}

TEST_F(h2_session_hostile_test, does_not_begin_with_settings) {
  expect_violation(write({ping, no_flags, 0, "12345678"}), protocol_error,
                   "the server sent a frame that is not allowed, or not allowed there (PROTOCOL_ERROR: SETTINGS "
                   "expected)");
}

TEST_F(h2_session_hostile_test, sends_a_frame_that_is_too_long) {
  greet();
  expect_violation(data_of(1, std::string(16'385, 'x')), frame_size_error,
                   "the server sent a frame that is too long or too short (FRAME_SIZE_ERROR: too large frame size)");
}

TEST_F(h2_session_hostile_test, sends_a_frame_that_is_too_short) {
  greet();
  expect_violation(write({ping, no_flags, 0, "1234"}), frame_size_error,
                   "the server sent a frame that is too long or too short (FRAME_SIZE_ERROR)");
}

TEST_F(h2_session_hostile_test, sends_a_setting_out_of_its_range) {
  greet();
  expect_violation(settings_of({{4, 0x8000'0000}}), flow_control_error,
                   "the server overran a flow-control window (FLOW_CONTROL_ERROR: SETTINGS: too large "
                   "SETTINGS_INITIAL_WINDOW_SIZE)");
}

TEST_F(h2_session_hostile_test, pushes) {
  expect_violation(settings_of() + write({push_promise, end_headers, 1, big_endian(2, 4) + literal_fields(ok)}),
                   protocol_error, "the server sent a PUSH_PROMISE frame though push is disabled");
}

TEST_F(h2_session_hostile_test, sends_what_cannot_be_decompressed) {
  greet();
  expect_violation(write({headers_frame, end_headers, 1, "\xff\xff\xff\xff\xff\xff"}), compression_error,
                   "the server sent a header section that cannot be decompressed (COMPRESSION_ERROR)");
}

TEST_F(h2_session_hostile_test, uses_a_stream_that_was_never_opened) {
  greet();
  expect_violation(data_of(9, "x"), stream_closed, "the server sent DATA on a stream that is closed");
}

TEST_F(h2_session_hostile_test, opens_a_stream_of_its_own) {
  greet();
  expect_violation(head_of(2, ok), protocol_error,
                   "the server sent a frame that is not allowed, or not allowed there (PROTOCOL_ERROR: request "
                   "HEADERS: client received request)");
}

TEST_F(h2_session_hostile_test, sends_data_before_the_head) {
  greet();
  expect_violation(data_of(1, "x"), protocol_error,
                   "the server sent a frame that is not allowed, or not allowed there (PROTOCOL_ERROR: DATA: stream "
                   "not opened)");
}

TEST_F(h2_session_hostile_test, goes_on_behind_the_end_of_a_stream_that_is_closed) {
  greet();
  const auto done = send();
  ASSERT_TRUE(feed(head_of(1, ok) + data_of(1, "x", end_stream)));
  expect_violation(data_of(1, "y"), stream_closed, "the server sent DATA on a stream that is closed");
  EXPECT_TRUE(done->stream.is_done());
  EXPECT_FALSE(done->stream.failure());
}

TEST_F(h2_session_hostile_test, goes_on_behind_the_end_of_a_stream_that_still_uploads) {
  greet({{4, 10}});
  const auto post = send("POST", std::string(100, 'x'));
  ASSERT_TRUE(feed(head_of(1, ok, end_stream)));
  expect_violation(
      data_of(1, "y"), stream_closed,
      "the server sent a frame on a stream that it had ended (STREAM_CLOSED: DATA: stream in half-closed(remote))");
}

TEST_F(h2_session_hostile_test, sends_more_to_a_stream_that_was_reset_than_can_be_under_way) {
  greet();
  ASSERT_TRUE(feed(write({settings, ack, 0, ""})));
  auto given_up = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  given_up.reset();
  (void)written();
  result<void> fed;
  const auto open = send();
  EXPECT_EQ(feed_until_refused(data_of(1, std::string(16'384, 'x')), fed), 64) << "one window";
  expect_end_of(*open, fed, stream_closed, "the server sent DATA on a stream that is closed");
}

TEST_F(h2_session_hostile_test, overruns_the_window_of_a_stream) {
  greet();
  ASSERT_TRUE(feed(write({settings, ack, 0, ""})));
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  result<void> fed;
  EXPECT_EQ(feed_until_refused(data_of(1, std::string(16'384, 'x')), fed), 64);
  expect_end_of(*get, fed, flow_control_error, "the server overran the flow-control window of a stream");
  EXPECT_LE(get->stream.body_bytes(), (1U << 20) + 16'384);
}

TEST_F(h2_session_hostile_test, overruns_what_a_window_can_be) {
  greet();
  expect_violation(credit_of(0, 0x7fff'ffff), flow_control_error,
                   "the server overran a flow-control window (FLOW_CONTROL_ERROR)");
}

TEST_F(h2_session_hostile_test, overruns_what_the_window_of_a_stream_can_be) {
  greet();
  expect_violation(credit_of(1, 0x7fff'ffff), flow_control_error,
                   "the server overran the flow-control window of a stream");
}

TEST_F(h2_session_hostile_test, takes_back_a_goaway) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(goaway_of(1, 0)));
  expect_end_of(*get, feed(goaway_of(3, 0)), protocol_error,
                "the server sent a frame that is not allowed, or not allowed there (PROTOCOL_ERROR: GOAWAY: invalid "
                "last_stream_id)");
}

TEST_F(h2_session_hostile_test, what_was_complete_before_the_violation_stays_so) {
  greet();
  const auto done = start();
  const auto open = send();
  const auto fed = feed(head_of(1, ok) + data_of(1, "all", end_stream) + head_of(3, ok) + data_of(3, "ab") +
                        write({push_promise, end_headers, 1, big_endian(2, 4) + literal_fields(ok)}));
  EXPECT_FALSE(fed);
  EXPECT_EQ(done->stream.take_body(), "all");
  EXPECT_FALSE(done->stream.failure());
  EXPECT_EQ(open->stream.failure()->body_bytes, 2U);
  EXPECT_EQ(open->stream.failure()->phase, phase::body);
}

TEST_F(h2_session_hostile_test, sends_noise) {
  const char* const given = std::getenv("WARMWIRE_SEED");
  const auto seed = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
  SCOPED_TRACE("WARMWIRE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    h2_session other{h2_settings{}};
    test_exchange get;
    other.open(get.stream, head("GET"), get.bytes);
    while (!other.output().empty())
      other.consume(other.output().size());
    const auto first = settings_of();
    ASSERT_TRUE(other.feed(first, now));
    for (int i = 0; i < 20; ++i) {
      std::string payload(random() % 40, '\0');
      for (auto& byte : payload)
        byte = static_cast<char>(random());
      const auto bytes = write({static_cast<std::uint8_t>(random() % 11), static_cast<std::uint8_t>(random()),
                                static_cast<std::uint32_t>(random() % 4), payload});
      if (!other.feed(bytes, now)) break;
    }
    (void)other.output();
  }
}

}  // namespace
}  // namespace warmwire::connection::h2_test::h2_session_hostile_test
