#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::text::utf8_test {
namespace {

std::string replaced(std::string text) {
  replace_ill_formed(text);
  return text;
}

TEST(utf8, accepts_well_formed_text) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST(utf8, refuses_overlong_forms_surrogates_and_cut_characters) {
  for (const std::string text : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                 "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc3(", "\xe2\x82("}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(utf8, replaces_each_maximal_part_that_is_ill_formed) {
  EXPECT_EQ(replaced("ä€😀"), "ä€😀");
  EXPECT_EQ(replaced("a\x80z"), "a\uFFFDz");
  EXPECT_EQ(replaced("\xE2\x82"), "\uFFFD");
  EXPECT_EQ(replaced("\xE2\x82z"), "\uFFFDz");
  EXPECT_EQ(replaced("\xE0\x80\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(replaced("\xF0\x9F\x98\xF0\x9F\x98\x80"), "\uFFFD😀");
}

}  // namespace
}  // namespace warmwire::text::utf8_test
