// The fault language.
#include "emulator/script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <variant>

namespace warmwire::emulator::script_parser_test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

rule only_rule(std::string_view text) {
  const auto parsed = parse_script(text);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << (parsed ? "" : parsed.error().message);
  EXPECT_TRUE(parsed && parsed->rules.size() == 1);
  return parsed && !parsed->rules.empty() ? parsed->rules.front() : rule{};
}

template <class Action>
Action only_action(std::string_view text) {
  const rule parsed = only_rule("all: " + std::string(text));
  const auto* found = parsed.actions.size() == 1 ? std::get_if<Action>(&parsed.actions.front()) : nullptr;
  EXPECT_NE(found, nullptr) << text;
  return found != nullptr ? *found : Action{};
}

std::string mistake_in(std::string_view text) {
  const auto parsed = parse_script(text);
  EXPECT_FALSE(parsed.has_value()) << text;
  if (parsed) return {};
  EXPECT_EQ(parsed.error().code, errc::invalid_option);
  return parsed.error().message;
}

TEST(parse_script, reads_every_selector) {
  EXPECT_EQ(only_rule("request 3: reset").when.request, 3U);
  EXPECT_EQ(only_rule("every 10: reset").when.every, 10U);
  const selector on_connection = only_rule("connection 2 request 4: reset").when;
  EXPECT_EQ(on_connection.connection, 2U);
  EXPECT_EQ(on_connection.connection_request, 4U);
  EXPECT_EQ(on_connection.request, std::nullopt);
  EXPECT_EQ(only_rule("request 4 connection 2: reset").when.connection_request, 4U);
  EXPECT_EQ(only_rule("each connection request 2: reset").when.connection_request, 2U);
  const selector limited = only_rule("path /v1/chat times 2: reset").when;
  EXPECT_EQ(limited.path, "/v1/chat");
  EXPECT_EQ(limited.times, 2U);
  EXPECT_EQ(only_rule(R"(all path "/a:b": reset)").when.path, "/a:b");
}

TEST(parse_script, reads_actions_that_change_the_answer) {
  EXPECT_EQ(only_action<fault::delay>("delay 1.5s").duration, 1500ms);
  EXPECT_EQ(only_action<fault::body>(R"(body "x")").text, "x");
  EXPECT_EQ(only_action<fault::raw>(R"(raw "x")").bytes, "x");
  EXPECT_EQ(only_action<fault::framing>("framing close").kind, fault::body_framing::until_close);
  EXPECT_EQ(only_action<fault::malformed>("malformed chunk-overflow").kind, fault::malformation::chunk_overflow);
  only_action<fault::http_1_0>("http 1.0");
  const auto header = only_action<fault::header>(R"(header "a:  b c")");
  EXPECT_EQ(header.name, "a");
  EXPECT_EQ(header.value, "b c");
  const auto interim = only_action<fault::interim>("interim 103 times 3");
  EXPECT_EQ(interim.code, 103U);
  EXPECT_EQ(interim.times, 3U);
  const auto slow = only_action<fault::slow>("slow 1 byte every 5ms");
  EXPECT_EQ(slow.bytes, 1U);
  EXPECT_EQ(slow.interval, 5ms);
}

TEST(parse_script, reads_stray_bytes_in_every_place) {
  EXPECT_EQ(only_action<fault::stray>(R"(stray "x")").where, fault::stray::placement::idle);
  EXPECT_EQ(only_action<fault::stray>(R"(stray "x" after 5ms)").after, 5ms);
  EXPECT_EQ(only_action<fault::stray>(R"(stray "x" with response)").where, fault::stray::placement::with_response);
}

TEST(parse_script, reads_ends_at_every_moment) {
  using fault::ending;
  using fault::moment;
  const auto expect = [](std::string_view text, ending how, moment when) {
    const auto parsed = only_action<fault::end>(text);
    EXPECT_EQ(parsed.how, how) << text;
    EXPECT_EQ(parsed.when, when) << text;
  };
  expect("close", ending::close, moment::before_response);
  expect("truncate after head", ending::truncate, moment::after_head);
  expect("reset after 10 bytes", ending::reset, moment::in_body);
  expect("half-close when idle", ending::half_close, moment::idle);
  expect("vanish when idle after 2s", ending::vanish, moment::idle);
  expect("close at accept", ending::close, moment::accept);
  expect("stall in handshake", ending::stall, moment::handshake);
  EXPECT_EQ(only_action<fault::end>("reset after 10 bytes").body_bytes, 10U);
  EXPECT_EQ(only_action<fault::end>("vanish when idle after 2s").after, 2s);
}

TEST(parse_script, reads_several_actions_rules_and_comments) {
  const auto parsed = parse_script(
      "# a comment\n"
      "\r\n"
      "request 1: delay 1s, status 503 # why\n"
      "  all:reset");
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->rules.size(), 2U);
  EXPECT_EQ(parsed->rules[0].actions.size(), 2U);
}

TEST(parse_script, reads_escapes) {
  EXPECT_EQ(only_action<fault::raw>(R"(raw "a\r\n\t\0\"\\\x4f#,:")").bytes, std::string("a\r\n\t\0\"\\O#,:", 11));
}

TEST(parse_script, of_nothing_is_a_script_without_rules) {
  EXPECT_TRUE(parse_script("").value().rules.empty());
  EXPECT_TRUE(parse_script("\n  \n# only words\n").value().rules.empty());
}

TEST(parse_script, says_where_and_what_is_allowed) {
  EXPECT_THAT(mistake_in("all: reset\n\nall: explode"),
              AllOf(HasSubstr("line 3"), HasSubstr("'explode'"), HasSubstr("half-close")));
  EXPECT_THAT(mistake_in("request: reset"), HasSubstr("a whole number from 1 on after 'request'"));
  EXPECT_THAT(mistake_in("all: delay 5"), AllOf(HasSubstr("'5'"), HasSubstr("200ms")));
  EXPECT_THAT(mistake_in("all: malformed x"), HasSubstr("conflicting-lengths"));
  EXPECT_THAT(mistake_in("all: stray x"), HasSubstr("double quotes"));
  EXPECT_THAT(mistake_in("all"), AllOf(HasSubstr("the line ends"), HasSubstr("the colon")));
}

TEST(parse_script, repeats_no_control_characters_and_no_long_words) {
  EXPECT_THAT(mistake_in("all: \x1b[31mred"), AllOf(HasSubstr("'[31mred'"), Not(HasSubstr("\x1b"))));
  EXPECT_LT(mistake_in("all: " + std::string(10'000, 'x')).size(), 1'000U);
}

TEST(parse_script, refuses_what_it_does_not_understand) {
  for (const char* text : {": reset",
                           "all:",
                           "all: reset,",
                           "all: reset reset",
                           "all: , reset",
                           "bogus 1: reset",
                           "request 0: reset",
                           "request -1: reset",
                           "request 1x: reset",
                           "every 99999999999999999999: reset",
                           "all: raw \"open",
                           R"(all: raw "\q")",
                           R"(all: raw "\x4")",
                           R"(all: raw "\xzz")",
                           "all: header \"no colon\"",
                           "all: slow 0 bytes every 1s",
                           "all: slow 5 every 1s",
                           "all: reset after 5",
                           "all: reset when",
                           "all: reset at dawn",
                           "all: interim",
                           "all: http 2",
                           "each request 1: reset",
                           "path: reset",
                           "all: status"}) {
    mistake_in(text);
  }
}

TEST(parse_script, refuses_parts_that_do_not_go_together) {
  EXPECT_THAT(mistake_in("request 1: close at accept"), HasSubstr("no request yet"));
  EXPECT_THAT(mistake_in("path /x: stall in handshake"), HasSubstr("no request yet"));
  EXPECT_THAT(mistake_in("all: close at accept, delay 1s"), HasSubstr("no other action"));
  EXPECT_THAT(mistake_in("all: early"), HasSubstr("status or raw"));
  EXPECT_THAT(mistake_in(R"(all: raw "x", status 200)"), HasSubstr("whole answer"));
  EXPECT_THAT(mistake_in("all: stall when idle"), HasSubstr("silent anyway"));
  EXPECT_THAT(mistake_in("all: status 199"), HasSubstr("200 to 599"));
  EXPECT_THAT(mistake_in("all: interim 101"), HasSubstr("102 to 199"));
  EXPECT_THAT(mistake_in(R"(all: header "a: b\r\nc: d")"), HasSubstr("one line"));
}

TEST(parse_script, reads_the_examples_of_the_documentation) {
  std::ifstream file(WARMWIRE_SOURCE_DIR "/docs/emulator.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto heading = text.find("### Examples");
  const auto start = text.find("```\n", heading) + 4;
  ASSERT_NE(heading, std::string::npos);
  const auto parsed = parse_script(text.substr(start, text.find("```", start) - start));
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->rules.size(), 9U);
}

}  // namespace
}  // namespace warmwire::emulator::script_parser_test
