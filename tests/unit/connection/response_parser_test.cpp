#include "connection/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace warmwire::connection::response_parser_test {
namespace {

struct outcome {
  std::optional<errc> failure;
  bool done = false;
  bool head_done = false;
  bool persistent = false;
  bool leftover = false;
  int status = 0;
  std::string body;
  std::string header_lines;

  friend bool operator==(const outcome&, const outcome&) = default;
  friend std::ostream& operator<<(std::ostream& out, const outcome& what) {
    return out << (what.failure ? to_string(*what.failure) : "no failure") << " done=" << what.done
               << " head=" << what.head_done << " persistent=" << what.persistent << " leftover=" << what.leftover
               << " status=" << what.status << " body=" << what.body << " headers=" << what.header_lines;
  }
};

outcome look(response_parser& parser, std::optional<errc> failure) {
  outcome seen;
  seen.failure = failure;
  seen.head_done = parser.is_head_done();
  if (failure || !seen.head_done) return seen;
  seen.done = parser.is_done();
  seen.persistent = parser.is_persistent();
  seen.leftover = parser.has_leftover();
  seen.status = parser.status();
  seen.body = parser.body();
  for (const auto& [name, value] : parser.headers())
    seen.header_lines += name + "=" + value + ";";
  return seen;
}

outcome parse_in_pieces(std::string_view bytes, std::size_t piece, const response_rules& rules = {}) {
  response_parser parser;
  parser.begin(rules);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (auto fed = parser.feed(bytes.substr(at, piece)); !fed) return look(parser, fed.error().code);
  }
  return look(parser, std::nullopt);
}

outcome parse(std::string_view bytes, const response_rules& rules = {}) {
  return parse_in_pieces(bytes, bytes.size(), rules);
}

TEST(response_parser, reads_a_response_with_a_length) {
  const auto seen = parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Id: 7\r\n\r\nhello");
  EXPECT_TRUE(seen.done);
  EXPECT_TRUE(seen.persistent);
  EXPECT_FALSE(seen.leftover);
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.body, "hello");
  EXPECT_EQ(seen.header_lines, "Content-Length=5;X-Id=7;");
}

TEST(response_parser, reads_a_chunked_response_and_drops_its_trailers) {
  const auto seen = parse(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nX-Late: no\r\n\r\n");
  EXPECT_TRUE(seen.done);
  EXPECT_EQ(seen.body, "hello, world");
  EXPECT_EQ(seen.header_lines, "Transfer-Encoding=chunked;");
}

TEST(response_parser, says_whether_the_connection_persists) {
  EXPECT_TRUE(parse("HTTP/1.1 204 No Content\r\n\r\n").persistent);
  EXPECT_FALSE(parse("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").persistent);
  EXPECT_FALSE(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").persistent);
  EXPECT_TRUE(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n").persistent);
}

TEST(response_parser, trusts_no_chunks_of_http_1_0_with_the_connection) {
  const auto seen =
      parse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
  EXPECT_TRUE(seen.done);
  EXPECT_EQ(seen.body, "ok");
  EXPECT_FALSE(seen.persistent);
}

TEST(response_parser, passes_over_interim_responses) {
  const auto seen = parse(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.header_lines, "Content-Length=2;");
  EXPECT_EQ(seen.body, "ok");
}

TEST(response_parser, bounds_interim_responses) {
  std::string endless;
  for (int i = 0; i <= max_interim_responses; ++i)
    endless += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(parse(endless).failure, errc::malformed_response);
}

TEST(response_parser, expects_no_body_after_head) {
  const auto seen = parse("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", {.answers_head = true});
  EXPECT_TRUE(seen.done);
  EXPECT_TRUE(seen.persistent);
}

TEST(response_parser, sees_bytes_behind_the_end) {
  const auto seen = parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(seen.done);
  EXPECT_TRUE(seen.leftover);
  EXPECT_EQ(seen.body, "ok");
}

struct bad_response {
  std::string_view name;
  std::string bytes;
  errc expected;
};

const std::vector<bad_response>& bad_responses() {
  static const std::vector<bad_response> all{
      {"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
       errc::conflicting_length},
      {"list_of_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello", errc::conflicting_length},
      {"length_and_chunked", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       errc::conflicting_length},
      {"chunked_and_length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
       errc::conflicting_length},
      {"length_and_other_coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
       errc::conflicting_length},
      {"negative_length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", errc::conflicting_length},
      {"length_overflow", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
       errc::conflicting_length},
      {"chunk_overflow", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
       errc::invalid_chunk},
      {"chunk_no_number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", errc::invalid_chunk},
      {"chunk_without_crlf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokkk\r\n0\r\n\r\n",
       errc::invalid_chunk},
      {"endless_chunk_header",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(max_header_section_bytes + 10, 'x'),
       errc::invalid_chunk},
      {"one_long_header", "HTTP/1.1 200 OK\r\nX: " + std::string(max_header_section_bytes, 'x') + "\r\n\r\n",
       errc::header_section_too_large},
      {"no_http", "SSH-2.0-OpenSSH_9.2\r\n", errc::malformed_response},
      {"http_2", "HTTP/2.0 200 OK\r\n\r\n", errc::malformed_response},
      {"nul_in_header", std::string("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 27), errc::malformed_response},
      {"switching_protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", errc::malformed_response},
  };
  return all;
}

TEST(response_parser, names_each_kind_of_bad_response) {
  for (const auto& bad : bad_responses())
    EXPECT_EQ(parse(bad.bytes).failure, bad.expected) << bad.name;
}

TEST(response_parser, bounds_a_header_section_that_comes_in_pieces) {
  response_parser parser;
  parser.begin({});
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\n"));
  std::optional<errc> failure;
  for (int i = 0; i < 10'000 && !failure; ++i) {
    if (auto fed = parser.feed("X-Number: 1234567890\r\n"); !fed) failure = fed.error().code;
  }
  EXPECT_EQ(failure, errc::header_section_too_large);
}

TEST(response_parser, means_the_same_in_any_pieces) {
  std::vector<std::string> all{
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Id: 7\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nX-Late: no\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nuntil the end",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokextra",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n\r\n",
  };
  for (const auto& bad : bad_responses()) {
    if (bad.bytes.size() < 1'000) all.push_back(bad.bytes);
  }
  for (const auto& bytes : all) {
    const auto expected = parse(bytes);
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 16U})
      EXPECT_EQ(parse_in_pieces(bytes, piece), expected) << bytes;
  }
}

// Beast's assertion about it ended programs without NDEBUG.
TEST(response_parser, takes_an_empty_chunked_body_that_is_cut_anywhere) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t first = bytes.size() - 4; first < bytes.size(); ++first) {
    response_parser parser;
    parser.begin({});
    ASSERT_TRUE(parser.feed(bytes.substr(0, first)));
    EXPECT_FALSE(parser.is_done());
    for (std::size_t at = first; at < bytes.size(); ++at)
      ASSERT_TRUE(parser.feed(bytes.substr(at, 1)));
    EXPECT_TRUE(parser.is_done());
    EXPECT_TRUE(parser.is_persistent());
  }
}

TEST(response_parser, knows_an_end_from_an_interruption) {
  using ending = response_parser::ending;
  const auto end_after = [](std::string_view bytes, ending how) -> std::optional<errc> {
    response_parser parser;
    parser.begin({});
    EXPECT_TRUE(parser.feed(bytes));
    const auto ended = parser.feed_end(how);
    return ended ? std::nullopt : std::optional(ended.error().code);
  };
  EXPECT_EQ(end_after("", ending::in_order), errc::connection_lost);
  EXPECT_EQ(end_after("HTTP/1.1 200", ending::in_order), errc::stream_interrupted);
  EXPECT_EQ(end_after("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", ending::in_order), errc::stream_interrupted);
  EXPECT_EQ(end_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ending::in_order),
            errc::stream_interrupted);
  EXPECT_EQ(end_after("HTTP/1.1 200 OK\r\n\r\nall of it", ending::in_order), std::nullopt);
  EXPECT_EQ(end_after("HTTP/1.1 200 OK\r\n\r\nall of it?", ending::truncatable), errc::stream_interrupted);
  EXPECT_EQ(end_after("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ending::truncatable), std::nullopt);
}

TEST(response_parser, tells_how_much_is_to_come) {
  response_parser parser;
  parser.begin({});
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"));
  EXPECT_EQ(parser.remaining(), 3U);
  EXPECT_EQ(parser.body_bytes(), 2U);
  ASSERT_TRUE(parser.feed("llo"));
  EXPECT_EQ(parser.remaining(), 0U);
  parser.begin({});
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(parser.remaining(), std::nullopt);
}

}  // namespace
}  // namespace warmwire::connection::response_parser_test
