#include "http/chunked.hpp"

#include <gtest/gtest.h>

namespace warmwire::http::chunked_test {
namespace {

TEST(chunked, a_chunk_is_its_size_in_hexadecimal_and_its_data) {
  std::string out = "before";
  append_chunk(out, "hello");
  append_chunk(out, std::string(26, 'x'));
  EXPECT_EQ(out, "before5\r\nhello\r\n1a\r\n" + std::string(26, 'x') + "\r\n");
}

TEST(chunked, data_may_hold_line_ends) {
  std::string out;
  append_chunk(out, "\r\n0\r\n\r\n");
  EXPECT_EQ(out, "7\r\n\r\n0\r\n\r\n\r\n");
}

TEST(chunked, empty_data_does_not_end_the_body) {
  std::string out;
  append_chunk(out, "");
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace warmwire::http::chunked_test
