// Which look-ups run and which wait: a table of the state space, since a wrong answer here shows only when a name
// server is down.
#include "net/lookup_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace warmwire::net::lookup_list_test {
namespace {

using namespace std::chrono_literals;

constexpr lookup_limits small{.threads = 4, .silent = 2, .per_name = 2, .waiting = 3, .silent_after = 2s};

class look_ups : public testing::Test {
 protected:
  void add(const std::string& host) { ASSERT_TRUE(list_.add(host)); }

  /// The name that the next free thread takes, or "none".
  std::string take() {
    const auto taken = list_.take(now_);
    if (taken) running_.push_back(*taken);
    return taken ? taken->host : "none";
  }

  std::string ask(const std::string& host) {
    add(host);
    return take();
  }

  void end(const std::string& host) {
    const auto found =
        std::find_if(running_.begin(), running_.end(), [&](const auto& each) { return each.host == host; });
    ASSERT_NE(found, running_.end());
    list_.ended(found->id, now_);
    running_.erase(found);
  }

  /// Makes a name known for its silence.
  void fall_silent(const std::string& host) {
    EXPECT_EQ(ask(host), host);
    now_ += 2s;
    end(host);
  }

  lookup_list list_{small};
  lookup_list::time_point now_{};
  std::vector<lookup_list::lookup> running_;
};

TEST_F(look_ups, names_run_at_once_in_their_order_as_long_as_there_are_threads) {
  for (const auto* each : {"a", "b", "c", "d"})
    EXPECT_EQ(ask(each), each);
  EXPECT_EQ(ask("e"), "none");
  EXPECT_EQ(ask("f"), "none");
  end("c");
  EXPECT_EQ(list_.ready(now_, 9), 2U);
  EXPECT_EQ(take(), "e");
  EXPECT_EQ(take(), "none");
}

TEST_F(look_ups, a_name_that_waits_is_not_put_in_line_twice) {
  const auto first = list_.add("a");
  EXPECT_EQ(list_.add("a"), first);
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "none");
  EXPECT_NE(list_.add("a"), first) << "once it runs its answer may be an old one: it is asked anew";
}

TEST_F(look_ups, a_name_takes_two_threads_at_most) {
  EXPECT_EQ(ask("a"), "a");
  EXPECT_EQ(ask("a"), "a");
  EXPECT_EQ(ask("a"), "none");
  EXPECT_EQ(ask("b"), "b") << "and does not stand in the way of others";
  end("a");
  EXPECT_EQ(take(), "a");
}

TEST_F(look_ups, silent_names_leave_threads_for_others) {
  for (const auto* each : {"s1", "s2", "s3"})
    fall_silent(each);
  EXPECT_EQ(ask("s1"), "s1");
  EXPECT_EQ(ask("s2"), "s2");
  EXPECT_EQ(ask("s3"), "none") << "two of four threads are what silent names may have";
  EXPECT_EQ(ask("a"), "a");
  EXPECT_EQ(ask("b"), "b");
  end("s1");
  EXPECT_EQ(take(), "s3");
}

TEST_F(look_ups, a_look_up_that_has_run_for_long_counts_as_silent) {
  EXPECT_EQ(ask("new1"), "new1");
  EXPECT_EQ(ask("new2"), "new2");
  now_ += 2s;
  EXPECT_EQ(ask("new1"), "none") << "asked anew it may not take another of the last threads";
  EXPECT_EQ(ask("a"), "a");
}

TEST_F(look_ups, a_name_that_is_answered_in_time_again_is_no_longer_silent) {
  for (const auto* each : {"s1", "s2", "s3"})
    fall_silent(each);
  EXPECT_EQ(ask("s3"), "s3");
  end("s3");
  EXPECT_EQ(ask("s1"), "s1");
  EXPECT_EQ(ask("s2"), "s2");
  EXPECT_EQ(ask("s3"), "s3");
}

TEST_F(look_ups, the_line_is_bounded) {
  for (const auto* each : {"a", "b", "c"})
    add(each);
  EXPECT_FALSE(list_.add("d"));
  EXPECT_TRUE(list_.add("b")) << "it is in line already";
}

TEST_F(look_ups, says_what_a_name_waits_for) {
  for (const auto* each : {"a", "b", "c", "d"}) {
    EXPECT_EQ(ask(each), each);
    now_ += 1s;
  }
  EXPECT_EQ(list_.why_late("a", now_), "") << "a thread is at it";
  add("e");
  EXPECT_EQ(list_.why_late("e", now_), "it waits for one of the 4 look-ups that run, the oldest of a for 4 s");
}

}  // namespace
}  // namespace warmwire::net::lookup_list_test
