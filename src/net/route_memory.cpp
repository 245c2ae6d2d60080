#include "net/route_memory.hpp"

#include <algorithm>
#include <iterator>

namespace warmwire::net {

endpoints interleaved(const endpoints& addresses) {
  endpoints preferred;
  endpoints others;
  for (const auto& address : addresses) {
    auto& family = address.protocol() == addresses.front().protocol() ? preferred : others;
    if (std::ranges::find(family, address) == family.end()) family.push_back(address);
  }
  endpoints order;
  order.reserve(preferred.size() + others.size());
  for (std::size_t i = 0; i < std::max(preferred.size(), others.size()); ++i) {
    if (i < preferred.size()) order.push_back(preferred[i]);
    if (i < others.size()) order.push_back(others[i]);
  }
  return order;
}

endpoints route_memory::ordered(const endpoints& addresses, time_point now) const {
  endpoints good;
  endpoints bad;
  for (const auto& address : addresses) {
    const auto found = failed_at_.find(address);
    const bool is_bad = found != failed_at_.end() && now - found->second < kept_for;
    (is_bad ? bad : good).push_back(address);
  }
  auto order = interleaved(good);
  std::ranges::move(interleaved(bad), std::back_inserter(order));
  return order;
}

void route_memory::failed(const boost::asio::ip::tcp::endpoint& address, time_point now) {
  failed_at_[address] = now;
  if (failed_at_.size() <= max_addresses) return;
  failed_at_.erase(std::ranges::min_element(failed_at_, {}, [](const auto& entry) { return entry.second; }));
}

void route_memory::succeeded(const boost::asio::ip::tcp::endpoint& address) {
  failed_at_.erase(address);
}

void route_memory::forget() {
  failed_at_.clear();
}

}  // namespace warmwire::net
