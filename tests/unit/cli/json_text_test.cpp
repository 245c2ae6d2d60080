#include "cli/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace warmwire::cli::json_text_test {
namespace {

namespace json = boost::json;

TEST(json_text, writes_numbers_as_people_do) {
  const json::value value{{"whole", 60.0}, {"part", 0.125}, {"count", 7}, {"tiny", 1e-9}, {"below", -2.5}};
  EXPECT_EQ(json_text(value), R"({"whole":60.0,"part":0.125,"count":7,"tiny":1e-09,"below":-2.5})");
}

TEST(json_text, writes_what_a_parser_reads_back) {
  const auto value = json::parse(R"({"a":[1,2.5,[],{}],"b":{"c":null,"d":true},"e \" f":"g \n \u0001 ü"})");
  EXPECT_EQ(json::parse(json_text(value)), value);
}

TEST(json_text, escapes_what_a_terminal_obeys) {
  const json::value value{{"a\x7f",
                           "b\x1b[2J\xc2\x9b"
                           "2J\xc2\x80\xc2\x9f\xc2\xa0\xc3\x9b"}};
  const auto text = json_text(value);
  EXPECT_EQ(text, "{\"a\\u007f\":\"b\\u001b[2J\\u009b2J\\u0080\\u009f\xc2\xa0\xc3\x9b\"}");
  EXPECT_EQ(json::parse(text), value);
}

TEST(rounded, keeps_three_decimals) {
  EXPECT_DOUBLE_EQ(rounded(1.23456), 1.235);
  EXPECT_DOUBLE_EQ(rounded(-0.0004), 0);
}

TEST(number, is_whole_where_the_value_is) {
  EXPECT_EQ(json_text(number(40)), "40");
  EXPECT_EQ(json_text(number(0.5)), "0.5");
}

}  // namespace
}  // namespace warmwire::cli::json_text_test
