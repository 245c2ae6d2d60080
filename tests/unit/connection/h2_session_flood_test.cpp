// Peers that use HTTP/2 to wear the client out: each frame is legal, so many are not.
#include "tests/unit/connection/h2_hostile_fixture.hpp"

namespace warmwire::connection::h2_test::h2_session_flood_test {
namespace {

const field_list ok = {{":status", "200"}};

class h2_session_flood_test : public hostile_fixture {};

TEST_F(h2_session_flood_test, floods_with_continuation) {
  greet();
  const auto get = send();
  std::string bytes = write({headers_frame, no_flags, 1, literal_fields(ok)});
  for (int i = 0; i < 8; ++i)
    bytes += write({continuation, no_flags, 1, ""});
  ASSERT_TRUE(feed(bytes));
  expect_end_of(*get, feed(write({continuation, no_flags, 1, ""})), enhance_your_calm,
                "the server sent a header section in more than 8 CONTINUATION frames");
}

TEST_F(h2_session_flood_test, continues_each_of_many_sections_a_little_which_is_no_flood) {
  greet();
  for (std::uint32_t id = 1; id < 100; id += 2) {
    const auto get = send();
    std::string bytes = write({headers_frame, end_stream, id, literal_fields(ok)});
    for (int i = 0; i < 7; ++i)
      bytes += write({continuation, no_flags, id, ""});
    ASSERT_TRUE(feed(bytes + write({continuation, end_headers, id, ""})));
    EXPECT_TRUE(get->stream.is_done());
  }
}

TEST_F(h2_session_flood_test, floods_with_settings) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(settings_of(), fed), 19) << "the first was one of them";
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 20 SETTINGS frames at once or 1 a second");
}

TEST_F(h2_session_flood_test, floods_with_pings) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(write({ping, no_flags, 0, "12345678"}), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 PING frames at once or 50 a second");
}

TEST_F(h2_session_flood_test, floods_with_answers_to_no_ping) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(write({ping, ack, 0, "12345678"}), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 PING frames at once or 50 a second");
}

TEST_F(h2_session_flood_test, pings_within_the_rate_for_ever_but_reads_no_answer) {
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

TEST_F(h2_session_flood_test, pings_within_the_rate_are_answered_for_ever) {
  greet();
  result<void> fed;
  for (int i = 0; i < 10'000; ++i) {
    now += std::chrono::milliseconds(20);
    ASSERT_TRUE(feed(write({ping, no_flags, 0, "12345678"})));
    ASSERT_EQ(only(written(), ping).size(), 1U);
  }
}

TEST_F(h2_session_flood_test, floods_with_empty_data) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  result<void> fed;
  EXPECT_EQ(feed_until_refused(data_of(1, ""), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 empty DATA frames at once or 50 a second");
}

TEST_F(h2_session_flood_test, floods_with_padding) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  result<void> fed;
  EXPECT_EQ(feed_until_refused(write({data, padded, 1, std::string("\x0a") + std::string(10, '\0')}), fed), 200);
  expect_end_of(*get, fed, enhance_your_calm, "the server sent more than 200 empty DATA frames at once or 50 a second");
}

TEST_F(h2_session_flood_test, streams_small_pieces_which_is_no_flood) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  result<void> fed;
  EXPECT_EQ(feed_until_refused(data_of(1, "x"), fed, 20'000), 20'000);
}

TEST_F(h2_session_flood_test, floods_with_resets) {
  greet();
  const auto first = send();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(reset_of(1, 8), fed), 1 + 1000 + 4)
      << "the first ends a stream, and each request allows for two";
  expect_end_of(*get, fed, enhance_your_calm,
                "the server sent more than 1000 frames of no use at once or 100 a second");
}

TEST_F(h2_session_flood_test, floods_with_credit) {
  greet();
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(credit_of(0, 1), fed), 1000 + 4) << "four for the request";
  expect_end_of(*get, fed, enhance_your_calm,
                "the server sent more than 1000 WINDOW_UPDATE frames at once or 100 a second");
}

TEST_F(h2_session_flood_test, credits_a_large_upload_in_small_pieces_which_is_no_flood) {
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

TEST_F(h2_session_flood_test, credits_an_upload_in_small_pieces_twice_for_each_few_bytes_which_is_no_flood) {
  greet();
  const auto post = start("POST", std::string(100'000, 'x'));
  const auto get = start();
  while (!post->stream.is_request_finished()) {
    const auto frames = only(written(), data);
    ASSERT_FALSE(frames.empty());
    for (const auto& each : frames)
      for (std::size_t at = 0; at < each.payload.size(); at += 8)
        ASSERT_TRUE(feed(credit_of(0, 8) + credit_of(1, 8)));
  }
  ASSERT_TRUE(feed(head_of(1, ok, end_stream) + head_of(3, ok, end_stream)));
  EXPECT_TRUE(post->stream.is_done());
  EXPECT_TRUE(get->stream.is_done());
}

TEST_F(h2_session_flood_test, measures_the_path_with_a_ping_at_each_frame_of_an_upload_which_is_no_flood) {
  greet({{4, 0x7fff'ffff}});
  ASSERT_TRUE(feed(credit_of(0, 0x7fff'0000)));
  int pings = 0;
  for (std::uint32_t id = 1; id < 10; id += 2) {
    const auto post = start("POST", std::string(std::size_t{4} << 20, 'x'));
    for (std::size_t count = only(written(), data).size(); count > 0; --count, ++pings)
      ASSERT_TRUE(feed(write({ping, no_flags, 0, "12345678"}))) << pings;
    ASSERT_TRUE(feed(head_of(id, ok, end_stream)));
  }
  EXPECT_GE(pings, 1'000);
}

TEST_F(h2_session_flood_test, flushes_an_empty_frame_behind_each_piece_which_is_no_flood) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(head_of(1, ok)));
  for (int piece = 0; piece < 10'000; ++piece)
    ASSERT_TRUE(feed(data_of(1, "x") + data_of(1, ""))) << piece;
}

TEST_F(h2_session_flood_test, credits_each_of_many_small_requests_which_is_no_flood) {
  greet();
  for (std::uint32_t id = 1; id < 4'000; id += 2) {
    const auto post = start("POST", "x");
    (void)written();
    ASSERT_TRUE(feed(credit_of(0, 1) + credit_of(id, 1) + head_of(id, ok, end_stream))) << id;
    ASSERT_TRUE(post->stream.is_done()) << id;
  }
}

TEST_F(h2_session_flood_test, reads_no_further_behind_each_of_many_responses_which_is_no_flood) {
  greet();
  for (std::uint32_t id = 1; id < 4'000; id += 2) {
    const auto post = start("POST", "x");
    (void)written();
    ASSERT_TRUE(feed(head_of(id, ok, end_stream) + credit_of(id, 1) + reset_of(id, 0))) << id;
    ASSERT_TRUE(post->stream.is_done()) << id;
  }
}

TEST_F(h2_session_flood_test, answers_many_streams_before_it_knows_that_they_were_reset_which_is_no_flood) {
  greet();
  for (std::uint32_t id = 1; id < 4'000; id += 2) {
    const auto get = send();
    session.reset(get->stream);
    (void)written();
    ASSERT_TRUE(feed(head_of(id, ok) + data_of(id, "x") + write({data, end_stream, id, ""}))) << id;
  }
}

TEST_F(h2_session_flood_test, floods_with_priorities_goaways_and_what_nobody_knows) {
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

TEST_F(h2_session_flood_test, sends_header_sections_to_streams_that_are_closed) {
  greet();
  const auto done = send();
  ASSERT_TRUE(feed(head_of(1, ok, end_stream)));
  const auto get = send();
  result<void> fed;
  EXPECT_EQ(feed_until_refused(head_of(1, ok), fed), 1000 + 4) << "two for each request";
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

TEST_F(h2_session_flood_test, sends_a_section_that_swells) {
  greet();
  const auto get = send();
  const auto sibling = send();
  expect_end_of(*sibling, feed(header_bomb(12'000)), enhance_your_calm,
                "the server sent a header section of more than 262144 bytes");
  EXPECT_EQ(get->stream.failure()->code, errc::header_section_too_large);
}

TEST_F(h2_session_flood_test, sends_a_section_that_swells_a_little_which_costs_its_stream_only) {
  greet();
  const auto get = send();
  ASSERT_TRUE(feed(header_bomb(30)));
  EXPECT_EQ(get->stream.failure()->code, errc::header_section_too_large);
}

TEST_F(h2_session_flood_test, sends_a_section_of_many_fields) {
  greet();
  const auto get = send();
  field_list many(3'000, {"a", ""});
  many.insert(many.begin(), {":status", "200"});
  ASSERT_TRUE(feed(head_of(1, many)));
  EXPECT_EQ(get->stream.failure()->code, errc::header_section_too_large);
}

}  // namespace
}  // namespace warmwire::connection::h2_test::h2_session_flood_test
