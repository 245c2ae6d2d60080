// A min-heap of times whose entries know their place in it, so that any of them can be taken out in O(log n).
#pragma once

#include "pool/types.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace warmwire::pool {

using heap_position = std::uint32_t;
inline constexpr heap_position not_in_heap = std::numeric_limits<heap_position>::max();

/// `PositionOf` is called with an entry and returns a reference to the `heap_position` that is kept in (or for) it,
/// `not_in_heap` to begin with. Entries that come in order of time, and leave in any, cost O(1) in practice.
template <class Entry, class PositionOf>
class time_heap {
 public:
  struct node {
    time_point due;
    Entry entry;
  };

  explicit time_heap(PositionOf position_of = {}) : position_of_(std::move(position_of)) {}

  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  [[nodiscard]] const node& top() const noexcept { return nodes_.front(); }
  [[nodiscard]] time_point due(const Entry& entry) const { return nodes_[position_of_(entry)].due; }

  void add(const Entry& entry, time_point due) {
    nodes_.push_back({due, entry});
    sift_up(nodes_.size() - 1, {due, entry});
  }

  void remove(const Entry& entry) {
    const std::size_t hole = position_of_(entry);
    position_of_(entry) = not_in_heap;
    const node last = nodes_.back();
    nodes_.pop_back();
    if (hole < nodes_.size()) {
      settle(hole, last);
    }
  }

  void move(const Entry& entry, time_point due) { settle(position_of_(entry), {due, entry}); }

  /// Makes every entry due earlier by `span`. O(n).
  void advance(duration span) {
    for (node& each : nodes_) {
      each.due -= span;
    }
  }

 private:
  void settle(std::size_t hole, const node& moved) {
    if (hole > 0 && moved.due < nodes_[(hole - 1) / 2].due) {
      sift_up(hole, moved);
    } else {
      sift_down(hole, moved);
    }
  }

  void sift_up(std::size_t hole, const node& moved) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 2;
      if (!(moved.due < nodes_[parent].due)) {
        break;
      }
      put(hole, nodes_[parent]);
      hole = parent;
    }
    put(hole, moved);
  }

  void sift_down(std::size_t hole, const node& moved) {
    for (std::size_t child = 2 * hole + 1; child < nodes_.size(); child = 2 * hole + 1) {
      if (child + 1 < nodes_.size() && nodes_[child + 1].due < nodes_[child].due) {
        ++child;
      }
      if (!(nodes_[child].due < moved.due)) {
        break;
      }
      put(hole, nodes_[child]);
      hole = child;
    }
    put(hole, moved);
  }

  void put(std::size_t at, const node& what) {
    nodes_[at] = what;
    position_of_(what.entry) = static_cast<heap_position>(at);
  }

  std::vector<node> nodes_;
  [[no_unique_address]] PositionOf position_of_;
};

}  // namespace warmwire::pool
