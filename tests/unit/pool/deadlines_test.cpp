// The heap of deadlines: order, moving, removing, and what may happen while one expires.
#include "pool/deadlines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace warmwire::pool::deadlines_test {
namespace {

constexpr time_point at(std::int64_t tick) {
  return time_point{duration{tick}};
}

struct probe : deadline {
  explicit probe(std::function<void(time_point)> action = {}) : on_expired(std::move(action)) {}

  void expired(time_point now) override {
    ++expirations;
    if (on_expired) {
      on_expired(now);
    }
  }

  int expirations = 0;
  std::function<void(time_point)> on_expired;
};

TEST(deadlines, an_empty_heap_has_no_next) {
  deadline_heap heap;
  EXPECT_EQ(heap.next(), std::nullopt);
  EXPECT_EQ(heap.expire(at(100)), 0U);
}

TEST(deadlines, expire_in_order_of_time) {
  deadline_heap heap;
  std::vector<int> order;
  std::deque<probe> probes;
  for (const int tick : {30, 10, 50, 20, 40}) {
    heap.add(probes.emplace_back([&order, tick](time_point) { order.push_back(tick); }), at(tick));
  }
  EXPECT_EQ(heap.next(), at(10));
  EXPECT_EQ(heap.expire(at(9)), 0U);
  EXPECT_EQ(heap.expire(at(30)), 3U);
  EXPECT_EQ(order, (std::vector{10, 20, 30}));
  EXPECT_EQ(heap.next(), at(40));
  EXPECT_EQ(heap.expire(at(99)), 2U);
  EXPECT_EQ(heap.size(), 0U);
}

TEST(deadlines, one_moved_later_is_looked_at_again_when_its_old_time_comes) {
  deadline_heap heap;
  probe moved;
  heap.add(moved, at(10));
  heap.move(moved, at(25));
  heap.move(moved, at(20));
  EXPECT_EQ(heap.next(), at(10)) << "moving later is only a store";
  EXPECT_EQ(heap.expire(at(10)), 0U);
  EXPECT_EQ(heap.next(), at(20));
  EXPECT_EQ(heap.expire(at(20)), 1U);
  EXPECT_FALSE(moved.is_pending());
}

TEST(deadlines, one_moved_earlier_comes_due_earlier) {
  deadline_heap heap;
  probe first;
  probe moved;
  heap.add(first, at(10));
  heap.add(moved, at(20));
  heap.move(moved, at(5));
  EXPECT_EQ(heap.next(), at(5));
  EXPECT_EQ(heap.expire(at(5)), 1U);
  EXPECT_EQ(moved.expirations, 1);
  heap.remove(first);
}

TEST(deadlines, a_removed_one_does_not_expire) {
  deadline_heap heap;
  std::deque<probe> probes;
  for (int tick = 0; tick < 8; ++tick) {
    heap.add(probes.emplace_back(), at(tick));
  }
  heap.remove(probes[0]);
  heap.remove(probes[4]);
  heap.remove(probes[4]);
  EXPECT_EQ(heap.expire(at(8)), 6U);
  EXPECT_EQ(probes[0].expirations + probes[4].expirations, 0);
}

TEST(deadlines, one_that_expires_may_add_itself_again_and_remove_others) {
  deadline_heap heap;
  probe other;
  probe again;
  again.on_expired = [&](time_point now) {
    heap.remove(other);
    heap.add(again, now + duration{10});
  };
  heap.add(again, at(10));
  heap.add(other, at(10));
  heap.expire(at(10));
  EXPECT_EQ(again.expirations, 1);
  EXPECT_EQ(heap.next(), at(20));
  EXPECT_GE(1, other.expirations);
  EXPECT_FALSE(other.is_pending());
  heap.remove(again);
}

TEST(deadlines, behave_as_a_sorted_list_would) {
  std::mt19937 random(1);
  const auto below = [&random](std::int64_t bound) { return static_cast<std::int64_t>(random() % 1000) % bound; };
  deadline_heap heap;
  std::deque<probe> probes(100);
  std::vector<std::int64_t> due(probes.size(), -1);  // -1: not pending
  std::int64_t now = 0;
  for (int step = 0; step < 100'000; ++step) {
    const auto which = static_cast<std::size_t>(below(static_cast<std::int64_t>(probes.size())));
    if (due[which] < 0) {
      due[which] = now + 1 + below(50);
      heap.add(probes[which], at(due[which]));
    } else if (below(3) == 0) {
      heap.remove(probes[which]);
      due[which] = -1;
    } else {
      due[which] = now + 1 + below(80);
      heap.move(probes[which], at(due[which]));
    }
    now += below(3);
    const auto expected =
        static_cast<std::size_t>(std::count_if(due.begin(), due.end(), [now](auto d) { return d >= 0 && d <= now; }));
    ASSERT_EQ(heap.expire(at(now)), expected);
    for (std::size_t each = 0; each < probes.size(); ++each) {
      due[each] = due[each] <= now ? -1 : due[each];
      ASSERT_EQ(probes[each].is_pending(), due[each] >= 0);
    }
    ASSERT_TRUE(!heap.next() || *heap.next() > at(now));
  }
  for (probe& each : probes) {
    heap.remove(each);
  }
}

}  // namespace
}  // namespace warmwire::pool::deadlines_test
