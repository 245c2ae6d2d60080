#include "providers/told_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace warmwire::providers::told_text_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(told_text, leaves_of_a_text_what_was_not_told) {
  told_text told;
  EXPECT_THAT(told.rest_of({"Hello"}), ElementsAre("Hello"));
  told.add("He");
  told.add("");
  told.add("l");
  EXPECT_THAT(told.rest_of({"Hello"}), ElementsAre("lo"));
  EXPECT_THAT(told.rest_of({"Hel"}), ElementsAre(""));
}

TEST(told_text, may_end_within_any_piece) {
  told_text told;
  told.add("abc");
  EXPECT_THAT(told.rest_of({"a", "", "bcd", "e"}), ElementsAre("", "", "d", "e"));
  EXPECT_THAT(told.rest_of({"abc", "de"}), ElementsAre("", "de"));
}

TEST(told_text, leaves_nothing_of_a_text_that_does_not_begin_with_it) {
  told_text told;
  told.add("abc");
  EXPECT_THAT(told.rest_of({"abd", "e"}), ElementsAre("", ""));
  EXPECT_THAT(told.rest_of({"ab"}), ElementsAre(""));
  EXPECT_THAT(told.rest_of({}), IsEmpty());
}

}  // namespace
}  // namespace warmwire::providers::told_text_test
