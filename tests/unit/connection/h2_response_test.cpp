#include "connection/h2_response.hpp"

#include "tests/unit/connection/h2_frames.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace warmwire::connection::h2_response_test {
namespace {

using h2_test::field_list;
using section_end = h2_response::section_end;

constexpr auto more = section_end::more_follows;
constexpr auto ends = section_end::ends_stream;

result<void> add_section(h2_response& response, const field_list& fields, section_end how = more) {
  if (auto begun = response.begin_section(); !begun) return begun;
  for (const auto& [name, value] : fields)
    if (auto added = response.add_field(name, value); !added) return added;
  return response.end_section(how);
}

/// What is wrong with a section that comes first; empty when nothing is.
std::string complaint(const field_list& fields, section_end how = more) {
  h2_response response;
  const auto added = add_section(response, fields, how);
  return added ? "" : std::string(to_string(added.error().code)) + ": " + added.error().message;
}

void expect_malformed(const field_list& fields, std::string_view why) {
  EXPECT_EQ(complaint(fields), "malformed_response: the response is not HTTP/2: " + std::string(why));
}

TEST(h2_response, a_head_that_ends_the_stream_is_a_response) {
  h2_response response;
  EXPECT_FALSE(response.has_begun());
  ASSERT_TRUE(add_section(response, {{":status", "204"}, {"x-id", " 7\t"}}, ends));
  EXPECT_TRUE(response.is_done());
  EXPECT_EQ(response.status(), 204);
  EXPECT_EQ(response.headers().get("X-Id"), "7");
  EXPECT_EQ(response.remaining(), 0U);
}

TEST(h2_response, counts_its_body) {
  h2_response response;
  ASSERT_TRUE(add_section(response, {{":status", "200"}, {"content-length", "5"}}));
  ASSERT_TRUE(response.add_data("abc"));
  ASSERT_TRUE(response.add_data(""));
  EXPECT_EQ(response.remaining(), 2U);
  response.body().clear();
  ASSERT_TRUE(response.add_data("de"));
  EXPECT_EQ(response.body(), "de");
  EXPECT_EQ(response.body_bytes(), 5U);
  EXPECT_FALSE(response.is_done());
  ASSERT_TRUE(response.end());
  EXPECT_TRUE(response.is_done());
}

TEST(h2_response, the_pseudo_header_field_is_there_once_and_first) {
  expect_malformed({{"x", "y"}}, "it has no :status");
  expect_malformed({{":status", "200"}, {":status", "200"}}, "it has :status twice");
  expect_malformed({{"x", "y"}, {":status", "200"}}, "its :status does not come first");
  expect_malformed({{":status", "200"}, {":path", "/"}}, "it has a pseudo-header field that is not :status");
  for (const auto* value : {"", "20", "2000", "2x0", "099", "-10", " 200"})
    expect_malformed({{":status", value}}, "its :status is not a number of three digits");
}

TEST(h2_response, fields_are_those_of_http_2) {
  expect_malformed({{":status", "200"}, {"X-Id", "1"}}, "a field's name is not a token in lower case");
  expect_malformed({{":status", "200"}, {"", "1"}}, "a field's name is not a token in lower case");
  expect_malformed({{":status", "200"}, {"a b", "1"}}, "a field's name is not a token in lower case");
  for (const auto& value : {std::string("a\r\nb"), std::string("a\0b", 3), std::string("\x7f")})
    expect_malformed({{":status", "200"}, {"x", value}}, "a field's value holds a control character");
  for (const auto* name : {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
    expect_malformed({{":status", "200"}, {name, "x"}},
                     "it has the field " + std::string(name) + ", which belongs to HTTP/1.1");
  }
}

TEST(h2_response, a_section_has_a_limit) {
  const field_list fits = {{":status", "200"}, {"x", std::string(65'536 - 1 - 32 - 7 - 3 - 32, 'x')}};
  EXPECT_EQ(complaint(fits), "");
  field_list large = fits;
  large.back().second += "x";
  EXPECT_EQ(complaint(large), "header_section_too_large: the response's header section is over 65536 bytes");
  EXPECT_NE(complaint(field_list(3000, {"x", ""})), "");
}

TEST(h2_response, the_limit_is_of_each_section) {
  const field_list half = {{":status", "103"}, {"x", std::string(40'000, 'x')}};
  h2_response response;
  ASSERT_TRUE(add_section(response, half));
  ASSERT_TRUE(add_section(response, half));
  ASSERT_TRUE(add_section(response, {{":status", "200"}}));
  EXPECT_TRUE(response.headers().empty());
}

TEST(h2_response, interim_responses_are_passed_over_up_to_a_limit) {
  h2_response response;
  for (int i = 0; i < 16; ++i)
    ASSERT_TRUE(add_section(response, {{":status", "103"}, {"content-length", "7"}}));
  EXPECT_TRUE(response.has_begun());
  EXPECT_FALSE(response.is_head_done());
  auto one_more = response;
  const auto refused = add_section(one_more, {{":status", "103"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the response is not HTTP/2: more than 16 interim responses");
  ASSERT_TRUE(add_section(response, {{":status", "200"}}, ends));
  EXPECT_TRUE(response.headers().empty());
}

TEST(h2_response, an_interim_response_neither_ends_it_nor_switches_protocols) {
  EXPECT_EQ(complaint({{":status", "100"}}, ends),
            "malformed_response: the response is not HTTP/2: an interim response ends it");
  expect_malformed({{":status", "101"}}, "the server switches protocols, which HTTP/2 cannot");
}

TEST(h2_response, trailers_end_it_and_are_dropped) {
  h2_response response;
  ASSERT_TRUE(add_section(response, {{":status", "200"}}));
  ASSERT_TRUE(response.add_data("x"));
  auto other = response;
  ASSERT_TRUE(add_section(response, {{"content-length", "9"}}, ends));
  EXPECT_TRUE(response.is_done());
  EXPECT_TRUE(response.headers().empty());
  const auto unended = add_section(other, {{"x", "y"}});
  ASSERT_FALSE(unended);
  EXPECT_EQ(unended.error().message, "the response is not HTTP/2: its trailer does not end it");
  h2_response third;
  ASSERT_TRUE(add_section(third, {{":status", "200"}}));
  const auto pseudo = add_section(third, {{":status", "200"}}, ends);
  ASSERT_FALSE(pseudo);
  EXPECT_EQ(pseudo.error().message, "the response is not HTTP/2: its trailer has a pseudo-header field");
}

TEST(h2_response, a_length_that_is_contradicted_is_an_error) {
  EXPECT_EQ(complaint({{":status", "200"}, {"content-length", "5"}, {"content-length", "6"}}),
            "conflicting_length: the response gives its Content-Length twice and differently");
  EXPECT_EQ(complaint({{":status", "200"}, {"content-length", "5"}, {"content-length", "5"}}), "");
  for (const auto* value : {"x", "", "-1", "5x", "18446744073709551616"})
    EXPECT_EQ(complaint({{":status", "200"}, {"content-length", value}}),
              "conflicting_length: the response's Content-Length is no number");
  EXPECT_EQ(complaint({{":status", "200"}, {"content-length", "5"}}, ends),
            "conflicting_length: the response's body is shorter than its Content-Length");
}

TEST(h2_response, a_body_that_is_not_as_long_as_was_said_is_an_error) {
  h2_response response;
  ASSERT_TRUE(add_section(response, {{":status", "200"}, {"content-length", "5"}}));
  ASSERT_TRUE(response.add_data("abcd"));
  auto other = response;
  const auto longer = response.add_data("ef");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().message, "the response's body is longer than its Content-Length");
  const auto shorter = add_section(other, {{"x", "y"}}, ends);
  ASSERT_FALSE(shorter);
  EXPECT_EQ(shorter.error().code, errc::conflicting_length);
}

TEST(h2_response, a_response_to_head_has_a_length_but_no_body) {
  h2_response response;
  response.begin(true);
  ASSERT_TRUE(add_section(response, {{":status", "200"}, {"content-length", "5"}}));
  EXPECT_EQ(response.remaining(), 0U);
  auto with_body = response;
  ASSERT_TRUE(response.end());
  const auto refused = with_body.add_data("x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the response is not HTTP/2: a response to HEAD has a body");
}

TEST(h2_response, some_statuses_have_no_body) {
  for (const auto* status : {"204", "304"}) {
    h2_response response;
    ASSERT_TRUE(add_section(response, {{":status", status}, {"content-length", "5"}}));
    const auto refused = response.add_data("x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "the response is not HTTP/2: a response of status " + std::string(status) + " has a body");
    EXPECT_TRUE(response.end());
  }
}

TEST(h2_response, nothing_comes_before_the_head) {
  h2_response response;
  EXPECT_EQ(response.add_data("x").error().message, "the response is not HTTP/2: it has a body before its head");
  EXPECT_EQ(response.end().error().message, "the response is not HTTP/2: it ends before its head");
}

}  // namespace
}  // namespace warmwire::connection::h2_response_test
