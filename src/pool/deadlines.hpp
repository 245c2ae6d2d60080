// Deadlines of the exchanges in flight, for one timer. Owned by whoever arms that timer; pure, no clock.
#pragma once

#include "pool/time_heap.hpp"
#include "pool/types.hpp"

#include <cassert>
#include <cstddef>
#include <optional>

namespace warmwire::pool {

class deadline_heap;

/// Base of what can come due. Made to be moved later with every byte that arrives, which costs a store.
class deadline {
 public:
  deadline() = default;
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

  /// Called by `deadline_heap::expire` when it has come due and was taken off the heap. May add and remove deadlines,
  /// this one included, and destroy it.
  virtual void expired(time_point now) = 0;

  [[nodiscard]] bool is_pending() const noexcept { return position_ != not_in_heap; }
  /// When it comes due; of meaning only while it is pending.
  [[nodiscard]] time_point due() const noexcept { return due_; }

 protected:
  virtual ~deadline() { assert(!is_pending()); }

 private:
  friend class deadline_heap;

  time_point due_{};
  heap_position position_ = not_in_heap;
};

/// Holds pointers: a deadline must be removed before it is destroyed.
class deadline_heap {
 public:
  /// O(log n). `entry` must not be pending.
  void add(deadline& entry, time_point due) {
    assert(!entry.is_pending());
    entry.due_ = due;
    heap_.add(&entry, due);
  }

  /// Gives a pending entry another time: later is only a store, earlier O(log n).
  void move(deadline& entry, time_point due) {
    assert(entry.is_pending());
    entry.due_ = due;
    if (due < heap_.due(&entry)) {
      heap_.move(&entry, due);
    }
  }

  /// O(log n); does nothing for an entry that is not pending.
  void remove(deadline& entry) {
    if (entry.is_pending()) {
      heap_.remove(&entry);
    }
  }

  /// When to call `expire` next: no later than the first deadline. It may be earlier, when that was moved since.
  [[nodiscard]] std::optional<time_point> next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.top().due);
  }

  /// Expires what is due; returns how many. Afterwards `next()` is later than `now`.
  std::size_t expire(time_point now) {
    std::size_t count = 0;
    while (!heap_.empty() && heap_.top().due <= now) {
      deadline& first = *heap_.top().entry;
      if (first.due_ > now) {
        heap_.move(&first, first.due_);
      } else {
        heap_.remove(&first);
        ++count;
        first.expired(now);
      }
    }
    return count;
  }

  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

 private:
  struct position_of {
    heap_position& operator()(deadline* entry) const noexcept { return entry->position_; }
  };
  time_heap<deadline*, position_of> heap_;
};

}  // namespace warmwire::pool
