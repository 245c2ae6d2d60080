// The rule by which tokens are counted.
#include "emulator/api/tokens.hpp"

#include <gtest/gtest.h>

namespace warmwire::emulator::tokens_test {
namespace {

TEST(count_tokens, takes_one_per_four_bytes_begun_of_a_word) {
  EXPECT_EQ(count_tokens(""), 0U);
  EXPECT_EQ(count_tokens(" \t\n"), 0U);
  EXPECT_EQ(count_tokens("abcd"), 1U);
  EXPECT_EQ(count_tokens("abcde"), 2U);
  EXPECT_EQ(count_tokens("ab cd"), 2U);
  EXPECT_EQ(count_tokens("äöü"), 2U);  // six bytes
}

TEST(count_tokens, takes_one_per_other_character) {
  EXPECT_EQ(count_tokens("a, b!"), 4U);
  EXPECT_EQ(count_tokens("..."), 3U);
}

TEST(first_tokens, cuts_before_the_token_that_is_too_much) {
  EXPECT_EQ(first_tokens("one two three", 2), "one two ");
  EXPECT_EQ(first_tokens("one two three", 0), "");
  EXPECT_EQ(first_tokens("one two three", 4), "one two three");
  EXPECT_EQ(first_tokens("abcdefgh", 1), "abcd");
}

TEST(first_tokens, does_not_cut_a_character) {
  EXPECT_EQ(first_tokens("abcä", 1), "abc");
  EXPECT_EQ(first_tokens("ääää", 1), "ää");
}

TEST(first_tokens, cost_what_they_were_cut_to) {
  const std::string_view text = "Some text, with (punctuation) and a veryverylongword.";
  for (std::uint64_t limit = 0; limit <= count_tokens(text); ++limit) {
    EXPECT_EQ(count_tokens(first_tokens(text, limit)), limit);
  }
}

TEST(count_words, counts_what_white_space_separates) {
  EXPECT_EQ(count_words("  one two-three\nfour "), 3U);
  EXPECT_EQ(count_words(" "), 0U);
}

}  // namespace
}  // namespace warmwire::emulator::tokens_test
