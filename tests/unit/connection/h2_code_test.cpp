#include "connection/h2_code.hpp"

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

namespace warmwire::connection::h2_code_test {
namespace {

TEST(h2_code, has_the_names_of_the_specification) {
  for (std::uint32_t code = 0; code <= NGHTTP2_HTTP_1_1_REQUIRED; ++code)
    EXPECT_EQ(h2_code_name(code), nghttp2_http2_strerror(code));
  EXPECT_EQ(h2_code_name(14), "error 0xe");
  EXPECT_EQ(h2_code_name(0xffff'ffff), "error 0xffffffff");
}

TEST(h2_code, every_code_has_an_offence) {
  EXPECT_EQ(h2_offence(NGHTTP2_FLOW_CONTROL_ERROR), "overran a flow-control window");
  EXPECT_EQ(h2_offence(NGHTTP2_COMPRESSION_ERROR), "sent a header section that cannot be decompressed");
  EXPECT_EQ(h2_offence(99), "broke the protocol");
}

}  // namespace
}  // namespace warmwire::connection::h2_code_test
