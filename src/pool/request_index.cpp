// A small hash table of request ids.
#include "pool/request_index.hpp"

#include <utility>

namespace warmwire::pool {

void request_index::insert(request_id request, slot at) {
  if (2 * (used_ + 1) > entries_.size()) {
    grow();
  }
  std::size_t place = home(request);
  while (entries_[place].at != no_slot) {
    place = after(place);
  }
  entries_[place] = {request, at};
  ++used_;
}

slot request_index::take(request_id request) {
  if (used_ == 0) {
    return no_slot;
  }
  std::size_t place = home(request);
  while (entries_[place].request != request || entries_[place].at == no_slot) {
    if (entries_[place].at == no_slot) {
      return no_slot;
    }
    place = after(place);
  }
  const slot found = entries_[place].at;
  close_gap(place);
  --used_;
  return found;
}

// Ids are mostly consecutive numbers or addresses; multiplying by 2^64 / golden ratio spreads both.
std::size_t request_index::home(request_id request) const noexcept {
  return static_cast<std::size_t>((static_cast<std::uint64_t>(request) * 0x9E3779B97F4A7C15U) >> shift_);
}

void request_index::grow() {
  const std::size_t size = entries_.empty() ? 16 : 2 * entries_.size();
  const std::vector<entry> old = std::exchange(entries_, std::vector<entry>(size));
  shift_ = old.empty() ? 60 : shift_ - 1;
  for (const entry& each : old) {
    if (each.at != no_slot) {
      std::size_t place = home(each.request);
      while (entries_[place].at != no_slot) {
        place = after(place);
      }
      entries_[place] = each;
    }
  }
}

// An entry further on may fill the gap when the gap lies between its home and where it is.
void request_index::close_gap(std::size_t gap) {
  const std::size_t mask = entries_.size() - 1;
  for (std::size_t place = after(gap); entries_[place].at != no_slot; place = after(place)) {
    const std::size_t distance_from_home = (place - home(entries_[place].request)) & mask;
    if (distance_from_home >= ((place - gap) & mask)) {
      entries_[gap] = entries_[place];
      gap = place;
    }
  }
  entries_[gap] = {};
}

}  // namespace warmwire::pool
