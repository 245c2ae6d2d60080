#include "connection/h2_frame_scanner.hpp"

#include "tests/unit/connection/h2_frames.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::connection::h2_frame_scanner_test {
namespace {

/// "type/flags/stream/length" of each frame, and a bar where one ends.
std::string scan_in_pieces(std::string_view bytes, std::size_t piece) {
  h2_frame_scanner scanner;
  std::string seen;
  std::string payloads;
  while (!bytes.empty()) {
    const auto [size, head, is_payload] = scanner.scan(bytes.substr(0, piece));
    EXPECT_GT(size, 0U);
    EXPECT_LE(size, std::min(piece, bytes.size()));
    EXPECT_FALSE(head && is_payload);
    if (is_payload) payloads.append(bytes.substr(0, size));
    if (head) {
      seen.append(std::to_string(head->type)).append("/").append(std::to_string(head->flags)).append("/");
      seen.append(std::to_string(head->stream)).append("/").append(std::to_string(head->length)).append(" ");
      EXPECT_EQ(scanner.head_bytes().size(), 9U);
      EXPECT_EQ(static_cast<std::uint8_t>(scanner.head_bytes()[3]), head->type);
    }
    bytes.remove_prefix(size);
    if (scanner.is_between_frames()) seen.append("| ");
  }
  return seen.append(payloads);
}

TEST(h2_frame_scanner, finds_the_heads_however_the_bytes_are_cut) {
  using namespace h2_test;
  const auto bytes = write({settings, ack, 0, ""}) + write({data, 9, 0x7fff'ffff, "hello"}) +
                     write({0xff, 0xff, 0x8000'0001, ""}) + write({ping, no_flags, 3, "12345678"}).substr(0, 12);
  const std::string expected = "4/1/0/0 | 0/9/2147483647/5 | 255/255/1/0 | 6/0/3/8 hello123";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_EQ(scan_in_pieces(bytes, piece), expected) << piece;
}

TEST(h2_frame_scanner, knows_long_frames) {
  h2_frame_scanner scanner;
  const std::string head("\xff\xff\xff\0\0\0\0\0\1", 9);
  EXPECT_EQ(scanner.scan(head).head->length, 0xff'ffffU);
}

}  // namespace
}  // namespace warmwire::connection::h2_frame_scanner_test
