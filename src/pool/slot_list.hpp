// Doubly-linked lists threaded through the records of a vector, by index: O(1) at both ends and in the middle, and
// nothing is allocated to be on one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace warmwire::pool {

/// A record's place in its vector; it stays the same while the record lives.
using slot = std::uint32_t;
inline constexpr slot no_slot = std::numeric_limits<slot>::max();

/// A record's place in one list. A record has one for each list that it can be on at the same time.
struct list_hook {
  slot previous = no_slot;
  slot next = no_slot;
};

/// The records are handed in by whoever owns them. Being on this list or not is for the owner to know.
template <class Record, list_hook Record::*Hook>
class slot_list {
 public:
  using records = std::vector<Record>;

  [[nodiscard]] bool empty() const noexcept { return front_ == no_slot; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] slot front() const noexcept { return front_; }
  [[nodiscard]] slot back() const noexcept { return back_; }
  [[nodiscard]] static slot next(const records& all, slot at) noexcept { return (all[at].*Hook).next; }
  [[nodiscard]] static slot previous(const records& all, slot at) noexcept { return (all[at].*Hook).previous; }

  void push_back(records& all, slot at) noexcept {
    all[at].*Hook = {back_, no_slot};
    (back_ == no_slot ? front_ : (all[back_].*Hook).next) = at;
    back_ = at;
    ++size_;
  }

  void erase(records& all, slot at) noexcept {
    const list_hook hook = all[at].*Hook;
    (hook.previous == no_slot ? front_ : (all[hook.previous].*Hook).next) = hook.next;
    (hook.next == no_slot ? back_ : (all[hook.next].*Hook).previous) = hook.previous;
    --size_;
  }

 private:
  slot front_ = no_slot;
  slot back_ = no_slot;
  std::size_t size_ = 0;
};

}  // namespace warmwire::pool
