// Which of the choices of a streamed answer have come to their end. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

namespace warmwire::providers {

/// Nobody asks for more answers at once.
inline constexpr std::size_t max_choices = 128;

class choice_ends {
 public:
  /// A choice was seen. False when there are more than can be: it was not noted.
  [[nodiscard]] bool note(std::int64_t index, bool has_ended) {
    const auto known = has_ended_.find(index);
    if (known == has_ended_.end())
      return has_ended_.size() < max_choices && has_ended_.emplace(index, has_ended).second;
    known->second = known->second || has_ended;
    return true;
  }

  [[nodiscard]] bool contains(std::int64_t index) const { return has_ended_.contains(index); }
  /// All that were seen, and one was.
  [[nodiscard]] bool are_all() const noexcept {
    return !has_ended_.empty() &&
           std::all_of(has_ended_.begin(), has_ended_.end(), [](const auto& each) { return each.second; });
  }

 private:
  std::map<std::int64_t, bool> has_ended_;
};

}  // namespace warmwire::providers
