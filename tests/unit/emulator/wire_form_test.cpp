// Answers as bytes.
#include "emulator/wire_form.hpp"

#include <gtest/gtest.h>

namespace warmwire::emulator::wire_form_test {
namespace {

std::string wire(const answer& said, const wire_options& how = {}) {
  wire_form form(said, how);
  std::string all;
  while (form.next(all)) {
  }
  return all;
}

answer text(std::string body) {
  answer said;
  said.body = std::move(body);
  return said;
}

TEST(wire_form, tells_the_length_of_a_body) {
  EXPECT_EQ(wire(text("abc"), {.date = "D"}), "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(wire(text("")), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST(wire_form, has_no_body_where_http_has_none) {
  EXPECT_EQ(wire(text("abc"), {.method = "HEAD"}), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
  answer nothing = text("abc");
  nothing.status = 204;
  EXPECT_EQ(wire(nothing), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(wire_form, announces_what_becomes_of_the_connection) {
  EXPECT_EQ(wire(text(""), {.is_last = true}), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(wire(text(""), {.keep_alive = std::chrono::seconds(5)}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n");
}

TEST(wire_form, makes_large_bodies_in_pieces_that_join) {
  answer said;
  said.filler_bytes = 1'000'000;
  wire_form form(said, {});
  std::string all;
  std::size_t pieces = 0;
  for (std::string piece; form.next(piece); piece.clear()) {
    EXPECT_LE(piece.size(), wire_form::piece_bytes + 4096);
    all += piece;
    ++pieces;
  }
  EXPECT_GT(pieces, 10U);
  EXPECT_EQ(all, wire(said));
  std::string expected;
  append_filler(expected, 0, 1'000'000);
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), expected);
}

TEST(wire_form, does_without_chunks_for_http_1_0) {
  answer said = text("abc");
  said.framing = fault::body_framing::chunked;
  const wire_options old{.minor_version = 0};
  EXPECT_EQ(wire(said, old), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
  EXPECT_TRUE(wire_form(said, old).closes());
}

TEST(wire_form, cuts_between_and_inside_of_chunks) {
  answer said = text("abcdef");
  said.framing = fault::body_framing::chunked;
  said.chunk_bytes = 3;
  const auto body = [&said](std::uint64_t cut) {
    const std::string all = wire(said, {.cut_after = cut});
    return all.substr(all.find("\r\n\r\n") + 4);
  };
  EXPECT_EQ(body(0), "");
  EXPECT_EQ(body(2), "3\r\nab");
  EXPECT_EQ(body(3), "3\r\nabc");
  EXPECT_EQ(body(4), "3\r\nabc\r\n3\r\nd");
  EXPECT_EQ(body(99), "3\r\nabc\r\n3\r\ndef");
}

TEST(reason_phrase, knows_those_that_matter) {
  EXPECT_EQ(reason_phrase(429), "Too Many Requests");
  EXPECT_EQ(reason_phrase(529), "Overloaded");
  EXPECT_EQ(reason_phrase(588), "Unknown");
}

}  // namespace
}  // namespace warmwire::emulator::wire_form_test
