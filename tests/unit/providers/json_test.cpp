#include "providers/json_document.hpp"
#include "providers/json_writer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::providers::json_test {
namespace {

TEST(json_writer, puts_commas_where_they_belong) {
  json_writer out;
  out.begin_object().field("a", std::int64_t{1}).key("b").begin_array().value("x").value(true).raw("{}").end_array();
  out.key("c").begin_object().end_object().key("d").begin_array().begin_object().end_object().begin_object();
  out.end_object().end_array().field("e", 0.7).field("f", "\"\n\xC3\xA4").end_object();
  EXPECT_EQ(out.take(), "{\"a\":1,\"b\":[\"x\",true,{}],\"c\":{},\"d\":[{},{}],\"e\":0.7,\"f\":\"\\\"\\n\xC3\xA4\"}");
}

TEST(json_writer, writes_bytes_in_base64) {
  json_writer out;
  out.begin_array().base64("data:image/png;base64,", "foob").value("next").end_array();
  EXPECT_EQ(out.take(), R"(["data:image/png;base64,Zm9vYg==","next"])");
}

// RFC 7396, appendix A, as far as objects go
TEST(merged, does_what_the_standards_examples_say) {
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":"c"})").value(), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"b":"c"})").value(), R"({"a":"b","b":"c"})");
  EXPECT_EQ(merged(R"({"a":"b","b":"c"})", R"({"a":null})").value(), R"({"b":"c"})");
  EXPECT_EQ(merged(R"({"a":["b"]})", R"({"a":"c"})").value(), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})").value(), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})").value(), R"({"a":[1]})");
  EXPECT_EQ(merged(R"({"e":null})", R"({"a":1})").value(), R"({"e":null,"a":1})");
  EXPECT_EQ(merged("{}", R"({"a":{"bb":{"ccc":null}}})").value(), R"({"a":{"bb":{}}})");
}

TEST(merged, is_an_error_where_one_of_both_is_no_object_or_too_deep) {
  const auto message = [](std::string_view body, std::string_view patch) {
    const auto made = merged(body, patch);
    EXPECT_FALSE(made);
    return made ? std::string() : made.error().message;
  };
  const std::string deep = R"({"a":)" + std::string(80, '[') + std::string(80, ']') + '}';
  EXPECT_EQ(message(deep, "{}"),
            "extra_json cannot be laid over the request: that is no JSON object or nested too deeply");
  EXPECT_EQ(message("{", "{}"),
            "extra_json cannot be laid over the request: that is no JSON object or nested too deeply");
  EXPECT_EQ(message("{}", "7"), "extra_json cannot be laid over the request: it is no JSON object");
  EXPECT_EQ(message("{}", deep),
            "extra_json cannot be laid over the request: it is nested deeper than the 64 levels that are allowed");
}

bool reads(std::string_view text, json_limits limits) {
  const json_document read(text, limits);
  EXPECT_EQ(read.is_too_large(), !read.problem().empty()) << read.problem();
  return read.problem().empty();
}

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out.append(what);
  return out;
}

// The tree was made beside its memory and copied into it: half a megabyte of gzip became two gigabytes.
TEST(json_document, makes_its_tree_where_it_stays) {
  const json_document read(R"({"list":[{"a":"a text that is too long for a short string"}]})");
  ASSERT_NE(read.object(), nullptr);
  const auto where = read.root().storage();
  const auto& list = read.object()->at("list").get_array();
  EXPECT_EQ(list.storage(), where);
  EXPECT_EQ(list.front().get_object().at("a").storage(), where);
  EXPECT_NE(where, boost::json::storage_ptr());
}

TEST(json_document, bounds_its_size_and_its_values) {
  EXPECT_TRUE(reads("[1,2,3]", {.max_bytes = 7, .max_values = 4}));
  EXPECT_FALSE(reads("[1,2,3]", {.max_bytes = 6}));
  EXPECT_FALSE(reads("[1,2,3]", {.max_values = 3}));
  EXPECT_FALSE(reads(R"({"a":{},"b":[null,true,"c",1.5]})", {.max_values = 6}));
  EXPECT_TRUE(reads(R"({"a":{},"b":[null,true,"c",1.5]})", {.max_values = 7}));
  EXPECT_TRUE(reads('[' + repeated("0,", 200'000) + "0]", one_go));
  EXPECT_FALSE(reads('[' + repeated("0,", 300'000) + "0]", one_go));
  EXPECT_FALSE(reads('{' + repeated("\"a\":0,", 70'000) + "\"a\":0}", {})) << "an object is made at once";
}

TEST(json_document, means_the_same_in_whatever_pieces_it_comes) {
  for (const std::string_view text :
       {R"({"a":[1,-2.5e3,"x\u00e4\ud83d\ude00",null,true,{}],"bc":{"d":"e"}} )", "[1,2,3", "", " ", "{} x", "nul",
        "12345", R"({"a":"\ud83d"})", "\"\xff\"", "[1,2,3,4,5,6,7,8,9]", "[1,2,3,4,5,6,7,8,9,0]"}) {
    const json_limits limits{.max_bytes = 100, .max_values = 10};
    // As it comes: what is mended is known only when all of it is there.
    json_document whole(limits);
    whole.feed(text);
    whole.end();
    for (std::size_t piece = 1; piece <= text.size() + 1; ++piece) {
      json_document fed(limits);
      for (std::size_t at = 0; at < text.size(); at += piece) {
        if (!fed.feed(text.substr(at, piece))) break;
      }
      fed.end();
      EXPECT_EQ(fed.problem(), whole.problem()) << text << " in pieces of " << piece;
      EXPECT_EQ(fed.root(), whole.root()) << text << " in pieces of " << piece;
      EXPECT_EQ(fed.is_too_large(), whole.is_too_large()) << text;
    }
  }
}

TEST(json_document, does_not_bound_what_a_caller_gives) {
  EXPECT_TRUE(is_json_object("{\"a\":[" + repeated("0,", 300'000) + "0]}"));
}

TEST(json_document, counts_what_is_a_count_and_bounds_it) {
  const json_document read(
      R"({"a":12.0,"b":-1,"c":"7","d":1.5,"e":9223372036854775807,"f":1e300,"g":18446744073709551615,"h":"12.0",
          "i":"","j":"-1","k":"1e3","l":"inf","m":[7],"n":null,"o":true})");
  ASSERT_NE(read.object(), nullptr);
  EXPECT_EQ(count_in(read.object(), "a"), 12);
  EXPECT_EQ(count_in(read.object(), "c"), 7);
  EXPECT_EQ(count_in(read.object(), "d"), 1);
  EXPECT_EQ(count_in(read.object(), "h"), 12);
  for (const auto* field : {"b", "i", "j", "l", "m", "n", "o", "missing"})
    EXPECT_EQ(count_in(read.object(), field), 0) << field;
  for (const auto* field : {"e", "f", "g"})
    EXPECT_EQ(count_in(read.object(), field), std::int64_t{1} << 53) << field;
  EXPECT_EQ(count_in(nullptr, "a"), 0);
}

TEST(json_document, reads_numbers_that_are_whole) {
  const json_document read(R"({"a":0,"b":"3","c":2.0,"d":-1,"e":1.5,"f":null,"g":"","h":"x","i":1e300})");
  const auto number = [&](const char* field) { return number_in(*read.object(), field); };
  EXPECT_EQ(number("a"), 0);
  EXPECT_EQ(number("b"), 3);
  EXPECT_EQ(number("c"), 2);
  EXPECT_EQ(number("d"), -1);
  for (const auto* field : {"e", "f", "g", "h", "i", "missing"})
    EXPECT_FALSE(number(field)) << field;
}

TEST(json_document, refuses_what_is_nested_too_deeply) {
  EXPECT_TRUE(json_document(std::string(60, '[') + std::string(60, ']')).problem().empty());
  EXPECT_FALSE(json_document(std::string(70, '[') + std::string(70, ']')).problem().empty());
  EXPECT_FALSE(is_json_object("[]"));
  EXPECT_FALSE(is_json_object("{} {}"));
  EXPECT_TRUE(is_json_object(" {} "));
}

}  // namespace
}  // namespace warmwire::providers::json_test
