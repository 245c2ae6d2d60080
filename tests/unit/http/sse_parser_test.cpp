#include "http/sse_parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::http::sse_parser_test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

struct event {
  std::string name;
  std::string data;
  std::string id;

  friend bool operator==(const event&, const event&) = default;
  friend std::ostream& operator<<(std::ostream& out, const event& value) {
    return out << '{' << value.name << '|' << value.data << '|' << value.id << '}';
  }
};

using events = std::vector<event>;

void drain(sse_parser& parser, events& to) {
  for (auto got = parser.next(); got && *got; got = parser.next())
    to.push_back({std::string((*got)->name), std::string((*got)->data), std::string((*got)->id)});
}

events all_at_once(std::string_view text) {
  sse_parser parser;
  events out;
  parser.feed(text);
  drain(parser, out);
  return out;
}

events byte_by_byte(std::string_view text) {
  sse_parser parser;
  events out;
  for (const char& c : text) {
    parser.feed({&c, 1});
    drain(parser, out);
  }
  return out;
}

// What every way of cutting must come to.
events events_of(std::string_view text) {
  auto out = all_at_once(text);
  EXPECT_EQ(byte_by_byte(text), out);
  return out;
}

TEST(sse_parser, reads_events_that_end_in_a_blank_line) {
  EXPECT_EQ(events_of("data: a\n\ndata: b\n\n"), (events{{"", "a", ""}, {"", "b", ""}}));
}

TEST(sse_parser, takes_lf_cr_and_crlf_for_the_end_of_a_line) {
  const events expected{{"x", "a\nb", ""}, {"", "c", ""}};
  EXPECT_EQ(events_of("event: x\ndata: a\ndata: b\n\ndata: c\n\n"), expected);
  EXPECT_EQ(events_of("event: x\rdata: a\rdata: b\r\rdata: c\r\r"), expected);
  EXPECT_EQ(events_of("event: x\r\ndata: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n"), expected);
  EXPECT_EQ(events_of("event: x\r\ndata: a\ndata: b\r\r\ndata: c\n\r"), expected);
}

TEST(sse_parser, gives_an_event_at_its_cr_without_waiting_for_what_follows) {
  EXPECT_EQ(all_at_once("data: a\r\n\r"), (events{{"", "a", ""}}));
}

TEST(sse_parser, takes_one_space_off_a_value_and_no_more) {
  EXPECT_EQ(events_of("data:a\n\ndata:  b \n\ndata:\tc\n\n"),
            (events{{"", "a", ""}, {"", " b ", ""}, {"", "\tc", ""}}));
}

TEST(sse_parser, reads_a_field_without_a_colon_as_one_without_a_value) {
  EXPECT_EQ(events_of("data\n\ndata\ndata\n\n"), (events{{"", "", ""}, {"", "\n", ""}}));
}

TEST(sse_parser, skips_comments_and_unknown_fields) {
  EXPECT_EQ(events_of(": keep-alive\n\n:\n\n: OPENROUTER PROCESSING\ndata: a\nfoo: b\nDATA: c\n data: d\n\n"),
            (events{{"", "a", ""}}));
}

TEST(sse_parser, gives_no_event_without_data) {
  EXPECT_EQ(events_of("event: ping\n\nid: 7\n\ndata: a\n\n"), (events{{"", "a", "7"}}));
}

TEST(sse_parser, forgets_the_name_after_each_event_and_keeps_the_id) {
  EXPECT_EQ(events_of("id: 1\nevent: x\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"),
            (events{{"x", "a", "1"}, {"", "b", "1"}, {"", "c", ""}}));
}

TEST(sse_parser, ignores_an_id_with_a_nul) {
  EXPECT_EQ(events_of("id: 1\ndata: a\n\nid: 2\0003\ndata: b\n\n"s), (events{{"", "a", "1"}, {"", "b", "1"}}));
}

TEST(sse_parser, ignores_an_id_that_is_longer_than_1_kib_as_if_it_had_not_come) {
  const std::string longest(1024, 'x');
  EXPECT_EQ(events_of("id: " + longest + "\ndata: a\n\ndata: b\n\n"), (events{{"", "a", longest}, {"", "b", longest}}));
  EXPECT_EQ(events_of("id: 1\ndata: a\n\nid: " + longest + "x\ndata: b\n\nid: 2\ndata: c\n\n"),
            (events{{"", "a", "1"}, {"", "b", "1"}, {"", "c", "2"}}));
  EXPECT_EQ(events_of("id: " + std::string(1 << 20, 'y') + "\ndata: a\n\n"), (events{{"", "a", ""}}));
}

TEST(sse_parser, skips_one_byte_order_mark_at_the_start) {
  EXPECT_EQ(events_of("\xEF\xBB\xBF"
                      "data: a\n\n"),
            (events{{"", "a", ""}}));
  EXPECT_EQ(events_of("\xEF\xBB\xBF\xEF\xBB\xBF"
                      "data: a\n\ndata: b\n\n"),
            (events{{"", "b", ""}}));
  EXPECT_EQ(events_of("data: a\n\n\xEF\xBB\xBF"
                      "data: b\n\n"),
            (events{{"", "a", ""}}));
  EXPECT_EQ(events_of("\xEF\xBB: x\ndata: a\n\n"), (events{{"", "a", ""}}));
}

TEST(sse_parser, keeps_what_no_blank_line_ends_until_it_is_told_that_nothing_more_comes) {
  EXPECT_EQ(events_of("data: a\n\ndata: b\n"), (events{{"", "a", ""}}));
  const std::vector<std::pair<std::string, events>> endings{{"data: b", {{"", "b", ""}}},
                                                            {"data: b\n", {{"", "b", ""}}},
                                                            {"data: b\r", {{"", "b", ""}}},
                                                            {"data: b\r\n", {{"", "b", ""}}},
                                                            {"data: b\n\n", {{"", "b", ""}}},
                                                            {"event: x\ndata: b\ndata: c", {{"x", "b\nc", ""}}},
                                                            {"data: b\nid: 7", {{"", "b", "7"}}},
                                                            {"data: b\n: remark", {{"", "b", ""}}},
                                                            {"data: \xC3", {{"", "\uFFFD", ""}}},
                                                            {"event: x", {}},
                                                            {"event: x\n", {}},
                                                            {": remark", {}},
                                                            {"\xEF\xBB", {}},
                                                            {"", {}}};
  for (const auto& [text, expected] : endings) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}}) {
      sse_parser parser;
      events got;
      for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
        parser.feed(rest.substr(0, piece));
        drain(parser, got);
      }
      parser.end();
      drain(parser, got);
      drain(parser, got);
      EXPECT_EQ(got, expected) << testing::PrintToString(text);
    }
  }
}

TEST(sse_parser, bounds_what_no_blank_line_ends_too) {
  sse_parser parser({.max_line_bytes = 20, .max_event_bytes = 12});
  parser.feed("data: 1234567890123");
  EXPECT_TRUE(parser.next());
  parser.end();
  const auto got = parser.next();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::response_too_large);
}

TEST(sse_parser, puts_the_replacement_character_where_the_text_is_not_utf_8) {
  EXPECT_EQ(events_of("data: \xC3\xA4|\xC3|\xFF|\xE2\x82|\xED\xA0\x80|\xF0\x9F\x98\x80\n\n"),
            (events{{"", "\xC3\xA4|\uFFFD|\uFFFD|\uFFFD|\uFFFD\uFFFD\uFFFD|\xF0\x9F\x98\x80", ""}}));
}

TEST(sse_parser, reads_a_retry_of_digits_alone) {
  const auto retry_of = [](std::string_view text) {
    sse_parser parser;
    parser.feed(text);
    EXPECT_TRUE(parser.next());
    return parser.retry();
  };
  EXPECT_EQ(retry_of("retry: 1500\n"), 1500ms);
  EXPECT_EQ(retry_of("retry: 1500\nretry: -1\nretry: 2 s\nretry:\n"), 1500ms);
  EXPECT_EQ(retry_of("retry: 99999999999999999999999\n"), std::nullopt);
  EXPECT_EQ(retry_of("data: a\n\n"), std::nullopt);
}

TEST(sse_parser, names_the_limit_that_is_exceeded_and_gives_nothing_after_it) {
  const auto failure = [](std::string_view text, std::size_t each) {
    sse_parser parser({.max_line_bytes = 20, .max_event_bytes = 12});
    result<std::optional<sse_event>> got = std::optional<sse_event>();
    for (; !text.empty(); text.remove_prefix(std::min(each, text.size()))) {
      parser.feed(text.substr(0, each));
      for (got = parser.next(); got && *got; got = parser.next()) {
      }
      if (!got) break;
    }
    EXPECT_FALSE(got) << text;
    if (got) return std::string();
    parser.feed("\n\ndata: a\n\n");
    EXPECT_FALSE(parser.next());
    EXPECT_EQ(got.error().code, errc::response_too_large);
    return got.error().message;
  };
  for (const std::size_t each : {1, 3, 100}) {
    EXPECT_EQ(failure("data: 123456789012345", each), "a line of the event stream is longer than 20 bytes");
    EXPECT_EQ(failure("data: 1234567890123\n\n", each),
              "the data of an event of the event stream is longer than 12 bytes");
    EXPECT_EQ(failure("data: 12345\ndata: 123456\ndata\n", each),
              "the data of an event of the event stream is longer than 12 bytes");
  }
}

TEST(sse_parser, keeps_within_its_limits_whatever_the_number_of_events_and_the_length_of_comments) {
  sse_parser parser({.max_line_bytes = 20, .max_event_bytes = 12});
  events got;
  for (int i = 0; i < 100; ++i) {
    parser.feed(":" + std::string(1000, 'x'));
    parser.feed(std::string(1000, 'y') + "\nevent: 1234567890123\ndata: 12345\ndata: 12345\n\n");
    drain(parser, got);
  }
  EXPECT_EQ(got.size(), 100U);
}

// Streams made of the pieces that matter, cut at random: every cut must give what one piece gives.
TEST(sse_parser, gives_the_same_events_however_the_stream_is_cut) {
  const std::vector<std::string> pieces{"data: a",
                                        "data",
                                        "data:",
                                        "event: x",
                                        "id: 1",
                                        "id",
                                        "\n",
                                        "\r",
                                        "\r\n",
                                        "\n\n",
                                        "\r\r",
                                        "\r\n\r\n",
                                        ": comment",
                                        ":",
                                        "retry: 5",
                                        "\xEF\xBB\xBF",
                                        "\xC3\xA4",
                                        "\xC3",
                                        "\xE2\x82",
                                        "\0"s,
                                        " ",
                                        "x",
                                        "\ndata: {\"b\":1}\n\n"};
  const char* given = std::getenv("WARMWIRE_SEED");
  const auto seed = given == nullptr ? std::random_device()() : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
  SCOPED_TRACE("WARMWIRE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::size_t total = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto count = random() % 30; count > 0; --count)
      text += pieces[random() % pieces.size()];
    const auto expected = all_at_once(text);
    ASSERT_EQ(byte_by_byte(text), expected) << testing::PrintToString(text);
    sse_parser parser;
    events got;
    for (std::string_view rest = text; !rest.empty();) {
      const auto size = std::min<std::size_t>(random() % 9, rest.size());
      parser.feed(rest.substr(0, size));
      rest.remove_prefix(size);
      if (random() % 3 != 0) drain(parser, got);
    }
    drain(parser, got);
    ASSERT_EQ(got, expected) << testing::PrintToString(text);
    total += expected.size();
  }
  EXPECT_GT(total, 1000U);
}

}  // namespace
}  // namespace warmwire::http::sse_parser_test
