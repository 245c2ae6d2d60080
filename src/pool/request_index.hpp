// Finds the slot of a waiting request by its id. Touched only by requests that really wait.
#pragma once

#include "pool/slot_list.hpp"
#include "pool/types.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace warmwire::pool {

/// Open addressing with linear probing, at most half full. Taking out closes the gap, so that there are no tombstones
/// and a queue that lives for weeks does not slow down.
class request_index {
 public:
  /// The id must not be in it.
  void insert(request_id request, slot at);
  /// Takes the id out; `no_slot` when it is not in it.
  slot take(request_id request);

  [[nodiscard]] std::size_t capacity_for_test() const noexcept { return entries_.size(); }

 private:
  struct entry {
    request_id request{};
    slot at = no_slot;
  };

  [[nodiscard]] std::size_t home(request_id request) const noexcept;
  [[nodiscard]] std::size_t after(std::size_t place) const noexcept { return (place + 1) & (entries_.size() - 1); }
  void grow();
  void close_gap(std::size_t gap);

  std::vector<entry> entries_;  ///< a power of two of them, or none
  std::size_t used_ = 0;
  int shift_ = 64;
};

}  // namespace warmwire::pool
