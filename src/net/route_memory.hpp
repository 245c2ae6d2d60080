// In which order the addresses of a host are tried (RFC 8305 §4), and which of them failed lately. Pure: the time is an
// argument. Owned by a dialer.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <vector>

namespace warmwire::net {

using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// The families by turns, that of the first address first; the order within a family stays, and what occurs twice
/// counts once.
[[nodiscard]] endpoints interleaved(const endpoints& addresses);

/// Addresses that failed, or were overtaken by one that was tried later, for a while.
class route_memory {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kept_for{5};
  static constexpr std::size_t max_addresses = 1024;

  /// The interleaved addresses, those that failed lately behind all others.
  [[nodiscard]] endpoints ordered(const endpoints& addresses, time_point now) const;

  /// Remembers an address until `now + kept_for`; with too many, forgets the one that failed longest ago.
  void failed(const boost::asio::ip::tcp::endpoint& address, time_point now);
  void succeeded(const boost::asio::ip::tcp::endpoint& address);
  void forget();

  [[nodiscard]] std::size_t size() const noexcept { return failed_at_.size(); }

 private:
  std::map<boost::asio::ip::tcp::endpoint, time_point> failed_at_;
};

}  // namespace warmwire::net
