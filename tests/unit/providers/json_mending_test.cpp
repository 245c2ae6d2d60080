#include "providers/json_mending.hpp"

#include "providers/json_document.hpp"
#include "providers/json_extent.hpp"
#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::json_mending_test {
namespace {

TEST(mended_json, takes_out_what_other_readers_forgive_and_nothing_else) {
  const std::vector<std::pair<std::string, std::string>> texts{
      {"\xEF\xBB\xBF{\"a\":1}", R"({"a":1})"},
      {"{\"a\":\"\xFF\"}", "{\"a\":\"\xEF\xBF\xBD\"}"},
      {"{\"a\":\"x\xF0\x9F\"}", "{\"a\":\"x\xEF\xBF\xBD\"}"},
      {R"({"a":"Hi \ud83d"})", R"({"a":"Hi \ufffd"})"},
      {R"({"a":"\uDE00!"})", R"({"a":"\ufffd!"})"},
      {R"({"a":"\ud83d\ud83d\ude00"})", R"({"a":"\ufffd\ud83d\ude00"})"},
      {R"({"a":"\ud83d\n\ude00"})", R"({"a":"\ufffd\n\ufffd"})"},
      {R"({"a":"\ud83d\\ude00"})", R"({"a":"\ufffd\\ude00"})"},
      {"{\"a\":\"x\ty\nz\x01\"}", R"({"a":"x\u0009y\u000az\u0001"})"},
      {R"({"a":NaN,"b":[-Infinity,Infinity]})", R"({"a":null,"b":[null,null]})"},
      {"\xEF\xBB\xBF{\"NaN\":\"NaN\",\"a\":NaN}", R"({"NaN":"NaN","a":null})"},
  };
  for (const auto& [text, mended] : texts) {
    EXPECT_EQ(mended_json(text), mended) << text;
    EXPECT_TRUE(json_document(text).problem().empty()) << text;
  }
}

TEST(mended_json, is_nothing_where_there_is_nothing_to_mend) {
  for (const std::string text : {"", "{", R"({"a":"\ud83d\ude00 \u00e4 \\ \" \/"})", "{\"a\"\t:\r\n1}",
                                 R"({"a":"\u12"})", R"({"a":"cut\)", R"({"a":"cut\u)", "[1,]", "nan"})
    EXPECT_FALSE(mended_json(text)) << text;
}

TEST(json_document, does_not_mend_what_a_caller_wrote) {
  for (const auto* text : {"\xEF\xBB\xBF{}", R"({"a":"\ud83d"})", R"({"a":NaN})", "{\"a\":\"\xFF\"}"}) {
    EXPECT_TRUE(json_document(text).problem().empty()) << text;
    EXPECT_FALSE(json_document(text, json_reading::strict).problem().empty()) << text;
    EXPECT_FALSE(is_json_object(text)) << text;
    EXPECT_FALSE(problem_of_object(text, "no object").empty()) << text;
    EXPECT_FALSE(merged("{}", text)) << text;
  }
}

TEST(json_document, tells_the_problem_of_what_mending_does_not_help) {
  EXPECT_FALSE(json_document("{\"a\":\xFF").problem().empty());
  EXPECT_FALSE(json_document("").problem().empty());
}

TEST(json_extent, sees_the_end_of_an_object_whatever_its_pieces) {
  const std::string text = R"( {"a\"}":[{"b":"}\\"},[]],"c":{}} )";
  json_extent bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ(bytes.is_empty(), i < 2) << i;
    EXPECT_EQ(bytes.is_closed(), i + 1 >= text.size()) << i;
    EXPECT_EQ(is_closed_json(text.substr(0, i)), bytes.is_closed()) << i;
    bytes.add(text.substr(i, 1));
  }
  EXPECT_TRUE(bytes.is_closed());
  bytes.add("{");
  EXPECT_FALSE(bytes.is_closed());
  bytes.add("}");
  EXPECT_TRUE(bytes.is_closed());
  for (const auto* other : {"", " ", "null", "7", "\"{}\"", "}", "]", "{]{"})
    EXPECT_FALSE(is_closed_json(other)) << other;
}

}  // namespace
}  // namespace warmwire::providers::json_mending_test
