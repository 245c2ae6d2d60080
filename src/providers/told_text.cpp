#include "providers/told_text.hpp"

#include <algorithm>

namespace warmwire::providers {

void told_text::add(std::string_view text) noexcept {
  constexpr std::uint64_t prime = 1099511628211U;
  for (const char c : text)
    hash_ = (hash_ ^ static_cast<unsigned char>(c)) * prime;
  bytes_ += text.size();
}

bool told_text::is_beginning_of(std::string_view text) const {
  if (text.size() < bytes_) return false;
  told_text beginning;
  beginning.add(text.substr(0, bytes_));
  return beginning.hash_ == hash_;
}

std::vector<std::string_view> told_text::rest_of(std::vector<std::string_view> pieces) const {
  told_text beginning;
  for (auto& each : pieces) {
    const auto told = std::min(each.size(), bytes_ - beginning.bytes_);
    beginning.add(each.substr(0, told));
    each.remove_prefix(told);
  }
  if (beginning.bytes_ != bytes_ || beginning.hash_ != hash_)
    std::fill(pieces.begin(), pieces.end(), std::string_view());
  return pieces;
}

}  // namespace warmwire::providers
