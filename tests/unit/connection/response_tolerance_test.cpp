// What the parser of HTTP/1 takes beyond the standard and what it refuses, each a row of docs/accepting.md.
#include "connection/response_parser.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::connection::response_tolerance_test {
namespace {

enum class fate { kept, closed, refused };

struct reply_row {
  std::string_view name;
  std::string bytes;
  fate expected;
  errc code = errc::malformed_response;  // of `refused`
  std::string_view body = "hello";
  bool answers_head = false;
};

std::ostream& operator<<(std::ostream& out, fate what) {
  return out << (what == fate::kept ? "kept" : what == fate::closed ? "closed" : "refused");
}

/// Feeds `bytes` in pieces, and the end behind them.
void check_reply(const reply_row& row, std::size_t piece) {
  response_parser parser;
  parser.begin({.answers_head = row.answers_head});
  std::optional<error> failure;
  for (std::size_t at = 0; at < row.bytes.size() && !failure; at += piece) {
    if (auto fed = parser.feed(std::string_view(row.bytes).substr(at, piece)); !fed) failure = fed.error();
  }
  const bool is_kept = !failure && parser.is_persistent() && !parser.has_leftover();
  if (!failure) {
    if (auto ended = parser.feed_end(response_parser::ending::in_order); !ended) failure = ended.error();
  }
  const auto seen = failure ? fate::refused : is_kept ? fate::kept : fate::closed;
  EXPECT_EQ(seen, row.expected) << row.name << " in pieces of " << piece << (failure ? ": " + failure->message : "");
  if (failure) {
    EXPECT_EQ(failure->code, row.code) << row.name << ": " << failure->message;
  } else {
    EXPECT_EQ(parser.body(), row.body) << row.name;
  }
}

void check_all(const std::vector<reply_row>& rows) {
  for (const auto& row : rows) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{5}, row.bytes.size()})
      check_reply(row, piece);
  }
}

std::string with_length(std::string_view before_fields) {
  return std::string(before_fields).append("Content-Length: 5\r\n\r\nhello");
}

TEST(response_tolerance, of_status_lines) {
  check_all({
      {"no reason", with_length("HTTP/1.1 200 \r\n"), fate::kept},
      {"no reason and no blank", with_length("HTTP/1.1 200\r\n"), fate::kept},
      {"the same of 1.0", with_length("HTTP/1.0 200\r\nConnection: keep-alive\r\n"), fate::kept},
      {"blanks", with_length("HTTP/1.1  \t200  OK  \r\n"), fate::kept},
      {"a reason beyond ASCII", with_length("HTTP/1.1 200 \xC3\xBC\xFF\r\n"), fate::kept},
      {"a status of the server's own", with_length("HTTP/1.1 999 Odd\r\n"), fate::kept},
      {"an empty line in front", with_length("\r\nHTTP/1.1 200 OK\r\n"), fate::kept},
      {"eight of them", with_length("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nHTTP/1.1 200 OK\r\n"), fate::kept},
      {"one behind an interim response", with_length("HTTP/1.1 100\r\n\r\n\r\nHTTP/1.1 200\r\n"), fate::kept},
      {"nine", with_length("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nHTTP/1.1 200 OK\r\n"), fate::refused},
      {"a line feed alone in front", with_length("\nHTTP/1.1 200 OK\r\n"), fate::refused},
      {"a blank in front", with_length(" HTTP/1.1 200 OK\r\n"), fate::refused},
      {"a line feed alone", with_length("HTTP/1.1 200 OK\n"), fate::refused},
      {"a carriage return within", with_length("HTTP/1.1 200 O\rK\r\n"), fate::refused},
      {"two digits", with_length("HTTP/1.1 20 OK\r\n"), fate::refused},
      {"four digits", with_length("HTTP/1.1 2000 OK\r\n"), fate::refused},
      {"no blank behind the digits", with_length("HTTP/1.1 200OK\r\n"), fate::refused},
      {"no blank before the digits", with_length("HTTP/1.1200 OK\r\n"), fate::refused},
      {"a status below 100", with_length("HTTP/1.1 099 OK\r\n"), fate::refused},
      {"a sign", with_length("HTTP/1.1 +20 OK\r\n"), fate::refused},
      {"no status", with_length("HTTP/1.1\r\n"), fate::refused},
      {"another version", with_length("HTTP/1.2 200 OK\r\n"), fate::refused},
      {"HTTP/2", with_length("HTTP/2 200\r\n"), fate::refused},
      {"HTTP/0.9", "hello", fate::refused},
      {"ICY", with_length("ICY 200 OK\r\n"), fate::refused},
      {"lower case", with_length("http/1.1 200 OK\r\n"), fate::refused},
      {"two digits of a version", with_length("HTTP/1.10 200 OK\r\n"), fate::refused},
  });
}

TEST(response_tolerance, of_connection_fields) {
  const auto says = [](std::string_view field) {
    return with_length(std::string("HTTP/1.1 200 OK\r\n").append(field).append("\r\n"));
  };
  check_all({
      {"a parameter", says("Connection: keep-alive; timeout=5"), fate::kept},
      {"quotes", says("Connection: \"keep-alive\""), fate::kept},
      {"a value", says("Connection: Keep-Alive=5"), fate::kept},
      {"what is no list", says("Connection: ;,=\"\\ @"), fate::kept},
      {"an open quote", says("Connection: \"close"), fate::kept},
      {"a longer word", says("Connection: closed"), fate::kept},
      {"bytes beyond ASCII", says("Connection: keep\xFF"), fate::kept},
      {"a proxy's parameter", says("Proxy-Connection: keep-alive; timeout=5"), fate::kept},
      {"a proxy's word", says("Proxy-Connection: whatever; close=maybe"), fate::kept},
      {"close", says("Connection: close"), fate::closed},
      {"close among others", says("Connection: x, CLOSE ,y"), fate::closed},
      {"close with a parameter", says("Connection: close; reason=restart"), fate::closed},
      {"close in quotes", says("Connection: \"close\""), fate::closed},
      {"close with a value", says("Connection: close=1"), fate::closed},
      {"both", says("Connection: keep-alive; timeout=5, close"), fate::closed},
      {"a proxy's close", says("Proxy-Connection: close; x=1"), fate::closed},
  });
}

TEST(response_tolerance, of_http_1_0) {
  const auto says = [](std::string_view field) {
    return with_length(std::string("HTTP/1.0 200 OK\r\n").append(field));
  };
  check_all({
      {"nothing", says(""), fate::closed},
      {"keep-alive", says("Connection: keep-alive\r\n"), fate::kept},
      {"with a parameter", says("Connection: Keep-Alive; timeout=5\r\n"), fate::kept},
      {"in quotes", says("Connection: \"keep-alive\"\r\n"), fate::kept},
      {"of a proxy only", says("Proxy-Connection: keep-alive\r\n"), fate::closed},
      {"and close", says("Connection: keep-alive, close\r\n"), fate::closed},
  });
}

TEST(response_tolerance, of_fields) {
  const auto has = [](std::string_view line) { return with_length(std::string("HTTP/1.1 200 OK\r\n").append(line)); };
  check_all({
      {"no value", has("X:\r\n"), fate::kept},
      {"blanks around a value", has("X: \t a b \t\r\n"), fate::kept},
      {"a folded value", has("X: a\r\n  b\r\n\tc\r\n"), fate::kept},
      {"bytes beyond ASCII", has("X: \xC3\xA4\xFF\r\n"), fate::kept},
      {"a fold in front of all", has(" X: a\r\n"), fate::refused},
      {"a blank before the colon", has("X : a\r\n"), fate::refused},
      {"no colon", has("X a\r\n"), fate::refused},
      {"no name", has(": a\r\n"), fate::refused},
      {"a control character", has("X: a\x01\r\n"), fate::refused},
      {"a carriage return", has("X: a\rb\r\n"), fate::refused},
      {"a line feed alone", has("X: a\n"), fate::refused},
      {"a NUL", has(std::string_view("X: a\0b\r\n", 8)), fate::refused},
      {"a name with a blank", has("X Y: a\r\n"), fate::refused},
      {"a control character in a fold", has("X: a\r\n b\x7F\r\n"), fate::refused},
  });
}

TEST(response_tolerance, of_lengths) {
  const auto says = [](std::string_view lines) {
    return std::string("HTTP/1.1 200 OK\r\n").append(lines).append("\r\nhello");
  };
  const auto bad = errc::conflicting_length;
  check_all({
      {"one", says("Content-Length: 5\r\n"), fate::kept},
      {"zeros in front", says("Content-Length: 005\r\n"), fate::kept},
      {"twice the same", says("Content-Length: 5\r\nContent-Length: 5\r\n"), fate::kept},
      {"the same in a list", says("Content-Length: 5, 5\r\n"), fate::kept},
      {"none", says(""), fate::closed},
      {"shorter than what comes", says("Content-Length: 4\r\n"), fate::closed, bad, "hell"},
      {"longer than what comes", says("Content-Length: 6\r\n"), fate::refused, errc::stream_interrupted},
      {"twice, differently", says("Content-Length: 5\r\nContent-Length: 6\r\n"), fate::refused, bad},
      {"a list of two", says("Content-Length: 5,6\r\n"), fate::refused, bad},
      {"a list with a gap", says("Content-Length: 5,\r\n"), fate::refused, bad},
      {"nothing in it", says("Content-Length:\r\n"), fate::refused, bad},
      {"a sign", says("Content-Length: +5\r\n"), fate::refused, bad},
      {"hexadecimal", says("Content-Length: 0x5\r\n"), fate::refused, bad},
      {"a fraction", says("Content-Length: 5.0\r\n"), fate::refused, bad},
      {"a blank within", says("Content-Length: 5 5\r\n"), fate::refused, bad},
      {"more than 64 bits", says("Content-Length: 18446744073709551621\r\n"), fate::refused, bad},
  });
}

TEST(response_tolerance, of_transfer_codings) {
  const auto says = [](std::string_view lines, std::string_view version = "1.1") {
    return std::string("HTTP/")
        .append(version)
        .append(" 200 OK\r\n")
        .append(lines)
        .append("\r\n5\r\nhello\r\n0\r\n\r\n");
  };
  const auto bad = errc::conflicting_length;
  check_all({
      {"chunked", says("Transfer-Encoding: chunked\r\n"), fate::kept},
      {"in capitals", says("Transfer-Encoding: CHUNKED\r\n"), fate::kept},
      {"of 1.0", says("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", "1.0"), fate::closed},
      {"identity", says("Transfer-Encoding: identity\r\n"), fate::closed, bad, "5\r\nhello\r\n0\r\n\r\n"},
      {"gzip", says("Transfer-Encoding: gzip\r\n"), fate::refused},
      {"gzip, chunked", says("Transfer-Encoding: gzip, chunked\r\n"), fate::refused},
      {"in two fields", says("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), fate::refused},
      {"chunked, gzip", says("Transfer-Encoding: chunked, gzip\r\n"), fate::refused},
      {"a parameter", says("Transfer-Encoding: chunked;x=1\r\n"), fate::refused},
      {"quotes", says("Transfer-Encoding: \"chunked\"\r\n"), fate::refused},
      {"a gap", says("Transfer-Encoding: chunked,\r\n"), fate::refused},
      {"nothing in it", says("Transfer-Encoding:\r\n"), fate::refused},
      {"a longer word", says("Transfer-Encoding: xchunked\r\n"), fate::refused},
      {"a control character", says("Transfer-Encoding: \vchunked\r\n"), fate::refused},
      {"twice", says("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), fate::refused, bad},
      {"beside a length", says("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), fate::refused, bad},
      {"behind a length", says("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), fate::refused, bad},
      {"identity beside a length", says("Content-Length: 5\r\nTransfer-Encoding: identity\r\n"), fate::refused, bad},
  });
}

TEST(response_tolerance, names_the_transfer_coding_that_it_refuses) {
  response_parser parser;
  parser.begin({});
  const auto fed = parser.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "the response has a transfer coding that was not asked for (gzip, chunked)");
}

TEST(response_tolerance, of_responses_without_a_body) {
  const auto head = [](std::string_view status, std::string_view lines) {
    return std::string("HTTP/1.1 ").append(status).append("\r\n").append(lines).append("\r\n");
  };
  const auto none = errc::malformed_response;
  const std::string_view chunked = "Transfer-Encoding: chunked\r\n";
  check_all({
      {"204", head("204", ""), fate::kept, none, ""},
      {"204 of no length", head("204", "Content-Length: 0\r\n"), fate::kept, none, ""},
      {"204 with a length", head("204", "Content-Length: 5\r\n"), fate::closed, none, ""},
      {"204 with a coding", head("204", chunked), fate::closed, none, ""},
      {"304", head("304", ""), fate::kept, none, ""},
      {"304 with the length it would have", head("304", "Content-Length: 5\r\n"), fate::kept, none, ""},
      {"304 with a coding", head("304", chunked), fate::closed, none, ""},
      {"304 with another coding", head("304", "Transfer-Encoding: gzip\r\n"), fate::closed, none, ""},
      {"HEAD with a length", head("200", "Content-Length: 5\r\n"), fate::kept, none, "", true},
      {"HEAD with a coding", head("200", chunked), fate::kept, none, "", true},
      {"HEAD with another coding", head("200", "Transfer-Encoding: gzip\r\n"), fate::closed, none, "", true},
      {"HEAD and a 204 with a coding", head("204", chunked), fate::closed, none, "", true},
      {"HEAD and a 304 with a coding", head("304", chunked), fate::closed, none, "", true},
      {"interim with a coding", with_length(head("100", chunked) + "HTTP/1.1 200\r\n"), fate::closed},
      {"interim with a length", with_length(head("103", "Content-Length: 5\r\n") + "HTTP/1.1 200\r\n"), fate::closed},
      {"interim with no length", with_length(head("103", "Content-Length: 0\r\n") + "HTTP/1.1 200\r\n"), fate::kept},
      {"101", head("101", "Upgrade: h2c\r\n"), fate::refused},
  });
}

TEST(response_tolerance, of_chunks) {
  const auto coded = [](std::string_view body) {
    return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").append(body);
  };
  const auto bad = errc::invalid_chunk;
  check_all({
      {"zeros in front", coded("0005\r\nhello\r\n000\r\n\r\n"), fate::kept},
      {"capitals", coded("5\r\nhello\r\n0\r\n\r\n"), fate::kept},
      {"an extension", coded("5;a\r\nhello\r\n0;b=\"c\"\r\n\r\n"), fate::kept},
      {"blanks around it", coded("5 ; a = b\r\nhello\r\n0\r\n\r\n"), fate::kept},
      {"a semicolon in quotes", coded("5;a=\";\\\"\\\\\"\r\nhello\r\n0\r\n\r\n"), fate::kept},
      {"trailers", coded("5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n"), fate::kept},
      {"a trailer that closes", coded("5\r\nhello\r\n0\r\nConnection: close\r\n\r\n"), fate::closed},
      {"bytes behind the end", coded("5\r\nhello\r\n0\r\n\r\n\r\n"), fate::closed},
      {"no size", coded("\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a prefix", coded("0x5\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a sign", coded("+5\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a blank in front", coded(" 5\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a blank behind", coded("5 \r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a semicolon alone", coded("5;\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"no name", coded("5;=b\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"no value", coded("5;a=\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"an open quote", coded("5;a=\"b\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a control character", coded("5;a=\"\x01\"\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a size beyond 64 bits", coded("10000000000000005\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a line feed alone", coded("5\nhello\r\n0\r\n\r\n"), fate::refused},
      {"a chunk that is longer", coded("4\r\nhello\r\n0\r\n\r\n"), fate::refused, bad},
      {"a trailer that is none", coded("5\r\nhello\r\n0\r\nX\r\n\r\n"), fate::refused},
      {"a length in a trailer", coded("5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"), fate::refused,
       errc::conflicting_length},
      {"the end within", coded("5\r\nhello\r\n0\r\n"), fate::refused, errc::stream_interrupted},
  });
}

// A server kept a client reading for ever with them: they counted for nothing.
TEST(response_tolerance, bounds_what_the_lines_of_chunks_hold_beside_their_data) {
  const auto feed_chunks = [](const std::string& chunk, std::size_t count) -> std::optional<errc> {
    response_parser parser;
    parser.begin({});
    EXPECT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for (std::size_t i = 0; i < count; ++i) {
      if (auto fed = parser.feed(chunk); !fed) return fed.error().code;
    }
    return std::nullopt;
  };
  const std::string extension = ";chunk-signature=" + std::string(64, 'f');
  EXPECT_EQ(feed_chunks("400" + extension + "\r\n" + std::string(0x400, 'x') + "\r\n", 1'000), std::nullopt)
      << "signed";
  EXPECT_EQ(feed_chunks("1\r\nx\r\n", 100'000), std::nullopt) << "small chunks are allowed";
  EXPECT_EQ(feed_chunks("1;a=\"" + std::string(1'000, 'x') + "\"\r\nx\r\n", 1'000), errc::invalid_chunk);
  EXPECT_EQ(feed_chunks(std::string(1'000, '0') + "1\r\nx\r\n", 1'000), errc::invalid_chunk);
  EXPECT_EQ(feed_chunks("1" + extension + "\r\nx\r\n", 1'000), errc::invalid_chunk);
}

}  // namespace
}  // namespace warmwire::connection::response_tolerance_test
