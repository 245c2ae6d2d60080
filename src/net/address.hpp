// Host names and addresses where no name server is needed. Pure.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace warmwire::net {

struct host_port {
  std::string host;  ///< a name or an IP literal without brackets
  std::uint16_t port = 0;
};

/// "api.example.com:443", "[::1]:443".
[[nodiscard]] std::string to_string(const host_port& target);
[[nodiscard]] std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

/// The addresses of an IP literal, or of localhost and the names below it, which are the loopback addresses whatever a
/// name server says (RFC 6761 §6.3). Empty for any other name.
[[nodiscard]] std::vector<boost::asio::ip::tcp::endpoint> endpoints_without_lookup(const host_port& target);

}  // namespace warmwire::net
