// The figures of pools that were forgotten, for as many ids as a program can make sense of. Owned by the
// transport_core; pure.
#pragma once

#include <warmwire/stats.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::detail {

class past_figures {
 public:
  explicit past_figures(std::size_t most = 1'000) : most_(most) {}

  /// Those kept for longest give way.
  void keep(pool_stats figures);
  /// Takes out those of an id.
  std::optional<pool_stats> take(std::string_view id);
  [[nodiscard]] const pool_stats* find(std::string_view id) const;
  void append_to(std::vector<pool_stats>& all) const;
  [[nodiscard]] std::size_t size() const noexcept { return kept_.size(); }

 private:
  std::size_t most_;
  std::list<pool_stats> kept_;  // the oldest first
  std::map<std::string, std::list<pool_stats>::iterator, std::less<>> by_id_;
};

}  // namespace warmwire::detail
