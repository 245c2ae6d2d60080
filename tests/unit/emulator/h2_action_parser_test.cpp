// The actions of the fault language that only HTTP/2 has.
#include "emulator/script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

namespace warmwire::emulator::h2_action_parser_test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

template <class Action>
Action only_action(std::string_view text) {
  const auto parsed = parse_script(std::string("all: ").append(text));
  EXPECT_TRUE(parsed.has_value()) << text << ": " << (parsed ? "" : parsed.error().message);
  if (!parsed) return {};
  const auto* found = std::get_if<Action>(&parsed->rules.at(0).actions.at(0));
  EXPECT_NE(found, nullptr) << text;
  return found != nullptr ? *found : Action{};
}

std::string mistake_in(std::string_view text) {
  const auto parsed = parse_script(text);
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? std::string() : parsed.error().message;
}

TEST(parse_h2_action, reads_how_a_stream_is_reset) {
  using moment = fault::rst::moment;
  EXPECT_EQ(only_action<fault::rst>("rst cancel").code, h2_code::cancel);
  EXPECT_EQ(only_action<fault::rst>("rst cancel").when, moment::before_response);
  const auto in_body = only_action<fault::rst>("rst http-1-1-required after 10 bytes");
  EXPECT_EQ(in_body.code, h2_code::http_1_1_required);
  EXPECT_EQ(in_body.when, moment::in_body);
  EXPECT_EQ(in_body.body_bytes, 10U);
  EXPECT_EQ(only_action<fault::rst>("rst no-error after 1 byte").body_bytes, 1U);
  EXPECT_EQ(only_action<fault::rst>("rst no-error after response").when, moment::after_response);
  only_action<fault::refuse>("refuse");
}

TEST(parse_h2_action, reads_goaway_with_its_parts) {
  using last_id = fault::goaway::last_id;
  using moment = fault::goaway::moment;
  const auto bare = only_action<fault::goaway>("goaway");
  EXPECT_EQ(bare.last, last_id::own);
  EXPECT_EQ(bare.code, h2_code::no_error);
  EXPECT_EQ(bare.when, moment::before_response);
  EXPECT_EQ(only_action<fault::goaway>("goaway last this").last, last_id::own);
  EXPECT_EQ(only_action<fault::goaway>("goaway last before").last, last_id::before_own);
  const auto numbered = only_action<fault::goaway>("goaway last 7 enhance-your-calm after head");
  EXPECT_EQ(numbered.last, last_id::number);
  EXPECT_EQ(numbered.number, 7U);
  EXPECT_EQ(numbered.code, h2_code::enhance_your_calm);
  EXPECT_EQ(numbered.when, moment::after_head);
  EXPECT_EQ(only_action<fault::goaway>("goaway when idle").when, moment::idle);
  EXPECT_EQ(only_action<fault::goaway>("goaway internal-error when idle after 2s").after, 2s);
}

TEST(parse_h2_action, reads_limits) {
  const auto streams = only_action<fault::settings>("settings max-streams 0");
  EXPECT_EQ(streams.changed, fault::settings::name::max_streams);
  EXPECT_EQ(streams.value, 0U);
  EXPECT_EQ(only_action<fault::settings>("settings window 5").changed, fault::settings::name::window);
  EXPECT_EQ(only_action<fault::slow_window>("slow-window 5ms").after, 5ms);
  EXPECT_FALSE(only_action<fault::slow_window>("slow-window 5ms").has_connection);
  EXPECT_EQ(only_action<fault::slow_window>("slow-window never").after, std::nullopt);
  EXPECT_TRUE(only_action<fault::slow_window>("slow-window never connection").has_connection);
}

TEST(parse_h2_action, reads_hostile_frames) {
  const auto flood = only_action<fault::flood>("flood empty-data 100");
  EXPECT_EQ(flood.kind, fault::flood_kind::empty_data);
  EXPECT_EQ(flood.count, 100U);
  EXPECT_FALSE(only_action<fault::overflow_window>("overflow-window").is_of_stream);
  EXPECT_TRUE(only_action<fault::overflow_window>("overflow-window stream").is_of_stream);
  EXPECT_EQ(only_action<fault::bad_frame>("bad-frame two-statuses").kind, fault::frame_fault::two_statuses);
  only_action<fault::push>("push");
  only_action<fault::no_pong>("no-pong");
  EXPECT_EQ(only_action<fault::end>("mute when idle after 1s").how, fault::ending::mute);
}

TEST(parse_h2_action, says_what_is_allowed) {
  EXPECT_THAT(mistake_in("all: rst sometimes"), AllOf(HasSubstr("'sometimes'"), HasSubstr("refused-stream")));
  EXPECT_THAT(mistake_in("all: goaway last x"), HasSubstr("0 to 2147483647 after 'last'"));
  EXPECT_THAT(mistake_in("all: goaway last 2147483648"), HasSubstr("0 to 2147483647"));
  EXPECT_THAT(mistake_in("all: settings size 5"), HasSubstr("max-streams N or window N"));
  EXPECT_THAT(mistake_in("all: settings window 2147483648"), HasSubstr("0 to 2147483647"));
  EXPECT_THAT(mistake_in("all: flood tears 5"), HasSubstr("continuation"));
  EXPECT_THAT(mistake_in("all: flood ping 100001"), HasSubstr("1 to 100000"));
  EXPECT_THAT(mistake_in("all: flood headers 10001"), HasSubstr("1 to 10000"));
  EXPECT_THAT(mistake_in("all: bad-frame nice"), HasSubstr("uppercase-header"));
  EXPECT_THAT(mistake_in("all: slow-window"), HasSubstr("duration"));
  EXPECT_THAT(mistake_in("all: explode"), HasSubstr("overflow-window"));
  for (const char* text : {"all: rst", "all: rst cancel after", "all: rst cancel after 5", "all: goaway last",
                           "all: goaway after 5 bytes", "all: goaway when", "all: flood ping", "all: flood ping 0"}) {
    mistake_in(text);
  }
}

TEST(parse_h2_action, refuses_parts_that_do_not_go_together) {
  EXPECT_THAT(mistake_in("all: refuse, status 500"), HasSubstr("whole answer"));
  EXPECT_THAT(mistake_in("all: rst cancel, http 1.0"), HasSubstr("a rule for each"));
  EXPECT_THAT(mistake_in("all: malformed status-line, goaway"), HasSubstr("a rule for each"));
  EXPECT_TRUE(parse_script("all: rst cancel, reset").has_value());
}

TEST(only_version, knows_what_each_protocol_lacks) {
  EXPECT_EQ(only_version(fault::http_1_0{}), http_version::http1);
  EXPECT_EQ(only_version(fault::malformed{}), http_version::http1);
  EXPECT_EQ(only_version(fault::goaway{}), http_version::http2);
  EXPECT_EQ(only_version(fault::bad_frame{}), http_version::http2);
  EXPECT_EQ(only_version(fault::end{.how = fault::ending::mute}), std::nullopt);
  EXPECT_EQ(only_version(fault::raw{}), std::nullopt);
}

}  // namespace
}  // namespace warmwire::emulator::h2_action_parser_test
