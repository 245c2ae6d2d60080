// The index of waiting requests against the standard library's map.
#include "pool/request_index.hpp"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace warmwire::pool::request_index_test {
namespace {

TEST(request_index, finds_nothing_when_empty) {
  request_index index;
  EXPECT_EQ(index.take(request_id{1}), no_slot);
  index.insert(request_id{1}, 7);
  EXPECT_EQ(index.take(request_id{2}), no_slot);
  EXPECT_EQ(index.take(request_id{1}), 7U);
  EXPECT_EQ(index.take(request_id{1}), no_slot);
}

TEST(request_index, an_id_of_zero_is_as_good_as_any) {
  request_index index;
  EXPECT_EQ(index.take(request_id{0}), no_slot);
  index.insert(request_id{0}, 3);
  EXPECT_EQ(index.take(request_id{0}), 3U);
}

TEST(request_index, does_not_grow_with_what_was_taken_out) {
  request_index index;
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    index.insert(request_id{id}, 1);
    index.insert(request_id{id + 1'000'000}, 2);
    index.take(request_id{id});
    index.take(request_id{id + 1'000'000});
  }
  EXPECT_EQ(index.capacity_for_test(), 16U);
}

TEST(request_index, behaves_as_a_map_would) {
  std::mt19937_64 random(1);
  request_index index;
  std::unordered_map<std::uint64_t, slot> expected;
  // Few distinct ids so that they are often there; spread so that chains of collisions form and wrap around.
  for (int step = 0; step < 500'000; ++step) {
    const std::uint64_t id = (random() % 600) * 0x1000'0000'0000'0001U;
    if (const auto found = expected.find(id); found == expected.end()) {
      const auto at = static_cast<slot>(random() % 1000);
      index.insert(request_id{id}, at);
      expected.emplace(id, at);
    } else {
      ASSERT_EQ(index.take(request_id{id}), found->second) << step;
      ASSERT_EQ(index.take(request_id{id}), no_slot) << step;
      expected.erase(found);
    }
  }
}

}  // namespace
}  // namespace warmwire::pool::request_index_test
