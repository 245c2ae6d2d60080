// Peers that break HTTP/2, or use it to wear the client out: the connection ends with a reason that says so, the peer
// gets a GOAWAY, and what was open fails.
#include "tests/unit/connection/h2_exchange_of_test.hpp"

#include <cstdlib>
#include <random>

namespace warmwire::connection::h2_test {
namespace {

constexpr std::uint32_t protocol_error = 1;
constexpr std::uint32_t flow_control_error = 3;
constexpr std::uint32_t stream_closed = 5;
constexpr std::uint32_t frame_size_error = 6;
constexpr std::uint32_t compression_error = 9;
constexpr std::uint32_t enhance_your_calm = 11;

const field_list ok = {{":status", "200"}};

class h2_session_hostile_test : public session_fixture {
 protected:
  /// The session gives up over `bytes`, on which a stream is open: says why, and tells the peer.
  void expect_violation(std::string_view bytes, std::uint32_t code, std::string_view message) {
    const auto get = session.is_draining() ? nullptr : send();
    expect_end_of(*get, feed(bytes), code, message);
  }

  void expect_end_of(const test_exchange& open, const result<void>& fed, std::uint32_t code, std::string_view message) {
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::http2_violation);
    EXPECT_EQ(fed.error().message, message);
    const auto& failure = open.stream.failure();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, errc::http2_violation);
    EXPECT_EQ(failure->message, message);
    EXPECT_FALSE(open.stream.is_unprocessed());
    EXPECT_TRUE(session.is_dead());
    EXPECT_TRUE(session.is_draining());
    EXPECT_EQ(session.open_streams(), 0U);
    const auto told = only(written(), goaway_frame);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].number(4), code);
    const auto again = feed(settings_of());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, message);
    EXPECT_TRUE(written().empty());
    const auto late = start();
    EXPECT_TRUE(late->stream.is_unprocessed());
  }

  /// Feeds `bytes` over and over until the session gives up; how often that went well.
  int feed_until_refused(std::string_view bytes, result<void>& last, int most = 100'000) {
    for (int count = 0; count < most; ++count) {
      last = feed(bytes);
      if (!last) return count;
      if (drains) (void)written();
    }
    return most;
  }

  bool drains = true;  // the peer reads what it is sent
};

TEST_F(h2_session_hostile_test, answers_in_http_1) {
  expect_violation("HTTP/1.1 400 Bad Request\r\n\r\n", 13,
                   "the server answered in HTTP/1 on a connection that is HTTP/2");
}

TEST_F(h2_session_hostile_test, answers_in_http_1_byte_by_byte) {
  const auto get = send();
  result<void> fed;
  for (const char byte : std::string_view("HTTP/1."))
    fed = feed({&byte, 1});
  expect_end_of(*get, fed, 13, "the server answered in HTTP/1 on a connection that is HTTP/2");
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

TEST_F(h2_session_hostile_test, floods_with_continuation) {
  greet();
  const auto get = send();
  std::string bytes = write({headers_frame, no_flags, 1, literal_fields(ok)});
  for (int i = 0; i < 8; ++i)
    bytes += write({continuation, no_flags, 1, ""});
  ASSERT_TRUE(feed(bytes));
  expect_end_of(*get, feed(write({continuation, no_flags, 1, ""})), enhance_your_calm,
                "the server sent a header section in more than 8 CONTINUATION frames");
}

TEST_F(h2_session_hostile_test, floods_with_settings) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(settings_of(), fed), 19) << "the first was one of them";
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 20 SETTINGS frames at once or 1 a second");
}

TEST_F(h2_session_hostile_test, floods_with_pings) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(write({ping, no_flags, 0, "12345678"}), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 PING frames at once or 50 a second");
}

TEST_F(h2_session_hostile_test, floods_with_answers_to_no_ping) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(write({ping, ack, 0, "12345678"}), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 PING frames at once or 50 a second");
}

TEST_F(h2_session_hostile_test, pings_within_the_rate_for_ever_but_reads_no_answer) {
  greet();
  const auto get = send();
  drains = false;
  result<void> fed;
  int pings = 0;
  for (; pings < 10'000 && fed; ++pings) {
    now += std::chrono::milliseconds(20);
    fed = feed(write({ping, no_flags, 0, "12345678"}));
  }
  EXPECT_EQ(pings, 1001);
  expect_end_of(*get, fed, enhance_your_calm,
                "the server leaves more than 1000 answers to its PING and SETTINGS frames unread");
}

TEST_F(h2_session_hostile_test, pings_within_the_rate_are_answered_for_ever) {
  greet();
  result<void> fed;
  for (int i = 0; i < 10'000; ++i) {
    now += std::chrono::milliseconds(20);
    ASSERT_TRUE(feed(write({ping, no_flags, 0, "12345678"})));
    ASSERT_EQ(only(written(), ping).size(), 1U);
  }
}

TEST_F(h2_session_hostile_test, floods_with_empty_data) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  result<void> fed;
  EXPECT_EQ(feed_until_refused(data_of(1, ""), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 empty DATA frames at once or 50 a second");
}

TEST_F(h2_session_hostile_test, floods_with_padding) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  result<void> fed;
  EXPECT_EQ(feed_until_refused(write({data, padded, 1, std::string("\x0a") + std::string(10, '\0')}), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 empty DATA frames at once or 50 a second");
}

TEST_F(h2_session_hostile_test, streams_small_pieces_which_is_no_flood) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  result<void> fed;
  EXPECT_EQ(feed_until_refused(data_of(1, "x"), fed, 20'000), 20'000);
}

TEST_F(h2_session_hostile_test, floods_with_resets) {
  greet();
  const auto first = send();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(reset_of(1, 8), fed), 1 + 1000) << "the first ends a stream";
  expect_end_of(*get, fed, enhance_your_calm,
                "the server sent more than 1000 frames of no use at once or 100 a second");
}

TEST_F(h2_session_hostile_test, floods_with_credit) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(credit_of(0, 1), fed), 1000);
  expect_end_of(*get, fed, enhance_your_calm,
                "the server sent more than 1000 WINDOW_UPDATE frames at once or 100 a second");
}

TEST_F(h2_session_hostile_test, credits_a_large_upload_in_small_pieces_which_is_no_flood) {
  greet({{4, 0x7fff'ffff}});
  const auto post = start("POST", std::string(std::size_t{8} << 20, 'x'));
  result<void> fed;
  std::size_t uploaded = 0;
  while (!post->stream.is_request_finished()) {
    const auto frames = only(written(), data);
    ASSERT_FALSE(frames.empty());
    for (const auto& each : frames) {
      uploaded += each.payload.size();
      for (std::size_t at = 0; at < each.payload.size(); at += 4096)
        ASSERT_TRUE(feed(credit_of(0, 4096))) << uploaded;
    }
  }
}

TEST_F(h2_session_hostile_test, floods_with_priorities_goaways_and_what_nobody_knows) {
  const std::string frames[] = {write({priority, no_flags, 1, std::string(5, '\0')}), write({0xbe, no_flags, 0, "x"}),
                                goaway_of(0x7fff'ffff, 0), write({10, no_flags, 0, std::string("\0\1ax", 4)})};
  for (const auto& bytes : frames) {
    h2_session other{h2_settings{}};
    const auto first = settings_of();
    ASSERT_TRUE(other.feed(first, now));
    int count = 0;
    while (count < 10'000 && other.feed(bytes, now))
      ++count;
    EXPECT_EQ(count, 1000);
  }
}

TEST_F(h2_session_hostile_test, sends_header_sections_to_streams_that_are_closed) {
  greet();
  const auto done = send();
  ASSERT_TRUE(feed(head_of(1, ok, end_stream)));
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(head_of(1, ok), fed), 1000);
  expect_end_of(*get, fed, enhance_your_calm,
                "the server sent more than 1000 frames of no use at once or 100 a second");
}

/// One large entry in the table, and then a byte for each time that it is repeated.
std::string header_bomb(std::size_t repeats) {
  std::string block = literal_fields(ok);
  auto entry = literal_fields({{"x", std::string(4'000, 'x')}});
  entry[0] = 0x40;  // to be indexed
  block += entry;
  block.append(repeats, '\xbe');  // 62, the first of the dynamic table
  return write({headers_frame, end_headers, 1, block});
}

TEST_F(h2_session_hostile_test, sends_a_section_that_swells) {
  greet();
  const auto get = send();
  const auto sibling = send();
  expect_end_of(*sibling, feed(header_bomb(12'000)), enhance_your_calm,
                "the server sent a header section of more than 262144 bytes");
  EXPECT_EQ(get->stream.failure()->code, errc::header_section_too_large);
}

TEST_F(h2_session_hostile_test, sends_a_section_that_swells_a_little_which_costs_its_stream_only) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(header_bomb(30)));
  EXPECT_EQ(get->stream.failure()->code, errc::header_section_too_large);
}

TEST_F(h2_session_hostile_test, sends_a_section_of_many_fields) {
  greet();
  const auto get = send();
  field_list many(3'000, {"a", ""});
  many.insert(many.begin(), {":status", "200"});
  ASSERT_TRUE(feed(head_of(1, many)));
  EXPECT_EQ(get->stream.failure()->code, errc::header_section_too_large);
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
}  // namespace warmwire::connection::h2_test
