#include "transport/past_figures.hpp"

#include <utility>

namespace warmwire::detail {

void past_figures::keep(pool_stats figures) {
  (void)take(figures.provider);
  kept_.push_back(std::move(figures));
  by_id_[kept_.back().provider] = std::prev(kept_.end());
  if (kept_.size() > most_) (void)take(std::string(kept_.front().provider));
}

std::optional<pool_stats> past_figures::take(std::string_view id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  auto taken = std::move(*found->second);
  kept_.erase(found->second);
  by_id_.erase(found);
  return taken;
}

const pool_stats* past_figures::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &*found->second;
}

void past_figures::append_to(std::vector<pool_stats>& all) const {
  all.insert(all.end(), kept_.begin(), kept_.end());
}

}  // namespace warmwire::detail
