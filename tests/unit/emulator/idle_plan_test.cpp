// What happens on an idle connection, and in which order.
#include "emulator/idle_plan.hpp"

#include <gtest/gtest.h>

namespace warmwire::emulator::idle_plan_test {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start = steady_time(1000s);

behaviour behaviour_of(std::string_view actions) {
  behaviour made;
  const auto parsed = parse_script("all: " + std::string(actions));
  for (const action& each : parsed.value().rules.at(0).actions)
    made.apply(each);
  return made;
}

TEST(idle_plan, without_anything_waits_for_ever) {
  idle_plan plan(std::nullopt);
  plan.begin(start, {});
  EXPECT_EQ(plan.deadline(), never);
  EXPECT_FALSE(plan.is_due_at_once());
}

TEST(idle_plan, ends_when_the_announced_time_is_over) {
  idle_plan plan(5s);
  plan.begin(start, {});
  EXPECT_EQ(plan.deadline(), start + 5s);
  EXPECT_TRUE(std::holds_alternative<idle_plan::keep_alive_over>(plan.take()));
}

TEST(idle_plan, takes_steps_by_time_and_those_of_one_time_in_order) {
  idle_plan plan(5s);
  plan.begin(start, behaviour_of(R"(stray "c" after 2s, stray "a", stray "b" after 1s, close when idle after 2s)"));
  EXPECT_TRUE(plan.is_due_at_once());
  const auto text = [&plan] { return std::get<fault::stray>(plan.take()).bytes; };
  EXPECT_EQ(text(), "a");
  EXPECT_FALSE(plan.is_due_at_once());
  EXPECT_EQ(plan.deadline(), start + 1s);
  EXPECT_EQ(text(), "b");
  EXPECT_EQ(text(), "c");
  EXPECT_EQ(std::get<fault::end>(plan.take()).how, fault::ending::close);
}

TEST(idle_plan, has_goaway_among_its_steps) {
  idle_plan plan(std::nullopt);
  plan.begin(start, behaviour_of("goaway last 3 when idle after 1s"));
  EXPECT_EQ(plan.deadline(), start + 1s);
  EXPECT_EQ(std::get<fault::goaway>(plan.take()).number, 3U);
  plan.begin(start, behaviour_of("goaway"));
  EXPECT_EQ(plan.deadline(), never);
}

TEST(idle_plan, prefers_the_announced_time_to_what_is_due_later) {
  idle_plan plan(1s);
  plan.begin(start, behaviour_of("vanish when idle after 2s"));
  EXPECT_EQ(plan.deadline(), start + 1s);
  EXPECT_TRUE(std::holds_alternative<idle_plan::keep_alive_over>(plan.take()));
}

TEST(idle_plan, forgets_what_was_due_before_the_last_request) {
  idle_plan plan(std::nullopt);
  plan.begin(start, behaviour_of("close when idle after 2s"));
  plan.begin(start + 1s, behaviour_of("stray \"x\" with response"));
  EXPECT_EQ(plan.deadline(), never);
}

}  // namespace
}  // namespace warmwire::emulator::idle_plan_test
