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
