#include "providers/reply_builder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::providers::reply_builder_test {
namespace {

TEST(reply_builder, joins_what_follows_of_one_kind_into_one_part) {
  reply_builder pieces(delivery::whole);
  pieces.add_text("a");
  pieces.add_text("b");
  EXPECT_EQ(pieces.reply().message.content, "ab");
  EXPECT_TRUE(pieces.reply().message.parts.empty());
  pieces.add_reasoning("c");
  pieces.add_text("d");
  pieces.end_part();
  pieces.add_text("e");
  const auto reply = pieces.reply();
  EXPECT_EQ(reply.content, "abde");
  EXPECT_EQ(reply.message.content, "");
  EXPECT_EQ(reply.message.parts.size(), 4U);
}

TEST(reply_builder, makes_events_only_for_streams) {
  reply_builder whole(delivery::whole);
  whole.add_text("a");
  EXPECT_FALSE(whole.next_event());
  reply_builder streamed(delivery::streamed);
  streamed.add_text("a");
  EXPECT_TRUE(streamed.next_event());
  EXPECT_FALSE(streamed.next_event());
}

TEST(reply_builder, takes_nothing_beyond_its_limit) {
  reply_builder pieces(delivery::streamed, 10'000);
  pieces.add_text(std::string(9000, 'x'));
  EXPECT_FALSE(pieces.is_over_limit());
  pieces.add_text(std::string(1001, 'y'));
  EXPECT_TRUE(pieces.is_over_limit());
  pieces.add_text("z");
  EXPECT_EQ(pieces.reply().content, std::string(9000, 'x'));
}

TEST(reply_builder, counts_what_each_part_takes_besides_its_text) {
  reply_builder pieces(delivery::streamed, 10'000);
  int parts = 0;
  for (; !pieces.is_over_limit() && parts < 10'000; ++parts) {
    pieces.add_text("x");
    pieces.add_reasoning("y");
  }
  EXPECT_LT(parts, 100);
}

TEST(reply_builder, gives_a_call_that_takes_nothing_an_empty_object_and_ends_it_once) {
  reply_builder pieces(delivery::streamed);
  const auto index = pieces.start_call({.id = "a", .name = "f"});
  pieces.end_call(index);
  pieces.end_call(index);
  pieces.add_arguments(index, "late");
  pieces.complete();
  int events = 0;
  while (pieces.next_event())
    ++events;
  EXPECT_EQ(events, 3);  // started, ended, finished
  EXPECT_EQ(pieces.reply().tool_calls.at(0).arguments, "{}");
}

}  // namespace
}  // namespace warmwire::providers::reply_builder_test
