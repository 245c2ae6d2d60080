#include "text/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::text::base64_test {
namespace {

std::string encoded(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

// RFC 4648 §10
TEST(base64, agrees_with_the_standards_examples) {
  const std::vector<std::pair<std::string, std::string>> examples{{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(encoded(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(base64, brings_every_byte_back) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  EXPECT_EQ(from_base64(encoded(bytes)), bytes);
}

TEST(base64, forgives_missing_padding_and_nothing_else) {
  EXPECT_EQ(from_base64("Zg"), "f");
  for (const auto* text : {"Z", "Zm9vY", "Zm 9", "Zm-_", "Zg===", "=Zg=", "Zm9v\n"})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace warmwire::text::base64_test
