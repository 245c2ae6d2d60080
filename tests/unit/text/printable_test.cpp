#include "text/printable.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::text::printable_test {
namespace {

TEST(printable, makes_one_line_of_many) {
  EXPECT_EQ(printable("  a\r\n\t b\n", 100), "a b");
}

TEST(printable, takes_out_what_a_terminal_obeys) {
  EXPECT_EQ(printable("\x1b[2Jwiped\x07\x7f", 100), "[2Jwiped");
  EXPECT_EQ(printable("C1 \xc2\x9b"
                      "31m",
                      100),
            "C1 31m");
}

TEST(printable, takes_out_what_turns_a_line_around_or_ends_it) {
  for (const auto* character : {"\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"})
    EXPECT_EQ(printable(std::string("a") + character + "b", 100), "a b");
  EXPECT_EQ(printable("a\u2027b\u206ac", 100), "a\u2027b\u206ac");
}

TEST(for_terminal, keeps_lines_and_takes_out_what_a_terminal_obeys) {
  EXPECT_EQ(for_terminal("a\n\tb\r\x1b[2J\x07\x7f\xc2\x9b"
                         "2J \x9b\xff\xc3"),
            "a\n\tb[2J2J ");
  EXPECT_EQ(for_terminal("Füße 東京 🎉\u00a0"), "Füße 東京 🎉\u00a0");
}

TEST(printable, keeps_letters_of_any_script) {
  EXPECT_EQ(printable("Füße 東京 🎉", 100), "Füße 東京 🎉");
}

TEST(printable, takes_out_bytes_that_are_not_utf8) {
  EXPECT_EQ(printable("a\xff\xfe b\xc3", 100), "a b");
}

TEST(printable, cuts_between_characters) {
  EXPECT_EQ(printable("abcdef", 6), "abcde…");
  EXPECT_EQ(printable("ääää", 6), "ää…");
  EXPECT_EQ(printable("abcde", 6), "abcde");
}

TEST(text_of_page, prefers_the_title) {
  EXPECT_EQ(text_of_page("<HTML><head><TITLE>502 Bad Gateway</TITLE></head><body>x</body></html>"), "502 Bad Gateway");
  EXPECT_EQ(text_of_page("<html><title>cut"), "cut");
}

TEST(text_of_page, drops_the_tags_of_a_page_without_title) {
  EXPECT_EQ(printable(text_of_page("<html><body><h1>Blocked</h1><p class='a'>by policy</p>"), 100),
            "Blocked by policy");
}

TEST(text_of_page, leaves_other_texts_alone) {
  EXPECT_EQ(text_of_page("a < b"), "a < b");
}

}  // namespace
}  // namespace warmwire::text::printable_test
