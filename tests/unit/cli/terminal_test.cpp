#include "cli/terminal.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace warmwire::cli::terminal_test {
namespace {

TEST(terminal, writes_figures_to_be_read) {
  EXPECT_EQ(fixed(1.25), "1.2");
  EXPECT_EQ(fixed(-3.14159, 3), "-3.142");
  EXPECT_EQ(fixed(99.6, 0), "100");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(terminal, fills_columns_by_characters_and_not_by_bytes) {
  EXPECT_EQ(left("äö", 4), "äö  ");
  EXPECT_EQ(right("äö", 4), "  äö");
  EXPECT_EQ(left("too long", 3), "too long");
}

TEST(terminal, shortens_between_characters_and_to_one_line) {
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("longer", 5), "long…");
  EXPECT_EQ(shortened("äöüäöü", 3), "äö…");
  EXPECT_EQ(shortened("a\nb\x1b[0m", 20), "a b [0m");
}

TEST(terminal, shows_no_colours_where_it_is_no_terminal) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(is_terminal(file));
  EXPECT_EQ(style(file).bold("plain"), "plain");
  std::fclose(file);
}

}  // namespace
}  // namespace warmwire::cli::terminal_test
