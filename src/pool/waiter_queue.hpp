// The requests that wait for a stream of one origin's pool, first come first served. Owned by an `origin_pool`.
#pragma once

#include "pool/request_index.hpp"
#include "pool/slot_list.hpp"
#include "pool/types.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace warmwire::pool {

struct waiter {
  list_hook hook;
  request_id request{};
  time_point arrived{};
  std::uint64_t ticket = 0;  ///< one more for each that ever waited
  freshness wanted{};
};

/// Two queues, one for each `freshness`: those that want a fresh connection must not hold up those that take any.
class waiter_queue {
 public:
  void push(request_id request, freshness wanted, time_point now);
  /// Takes out the one that has waited for longest among those that want `wanted`; there must be one.
  request_id pop(freshness wanted);
  /// False when it does not wait. O(1).
  bool remove(request_id request);

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] bool empty(freshness wanted) const noexcept { return queue(wanted).empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return any_.size() + fresh_.size(); }
  [[nodiscard]] std::size_t size(freshness wanted) const noexcept { return queue(wanted).size(); }
  /// The one that has waited for longest; there must be one.
  [[nodiscard]] const waiter& front(freshness wanted) const noexcept { return waiters_[queue(wanted).front()]; }
  [[nodiscard]] std::uint64_t last_ticket() const noexcept { return last_ticket_; }

 private:
  using list = slot_list<waiter, &waiter::hook>;

  [[nodiscard]] const list& queue(freshness wanted) const noexcept { return wanted == freshness::any ? any_ : fresh_; }
  [[nodiscard]] list& queue(freshness wanted) noexcept { return wanted == freshness::any ? any_ : fresh_; }
  void release(slot at);

  std::vector<waiter> waiters_;
  list any_;
  list fresh_;
  list free_;
  request_index index_;
  std::uint64_t last_ticket_ = 0;
};

}  // namespace warmwire::pool
