#include "net/address.hpp"

#include "http/ascii.hpp"

#include <boost/asio/ip/address.hpp>

#include <string_view>

namespace warmwire::net {
namespace asio = boost::asio;

namespace {

bool is_loopback_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  constexpr std::string_view below = ".localhost";
  return http::iequals(host, below.substr(1)) ||
         (host.size() > below.size() && http::iequals(host.substr(host.size() - below.size()), below));
}

}  // namespace

std::string to_string(const host_port& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return (is_v6 ? '[' + target.host + ']' : target.host) + ':' + std::to_string(target.port);
}

std::string to_string(const asio::ip::tcp::endpoint& endpoint) {
  return to_string(host_port{.host = endpoint.address().to_string(), .port = endpoint.port()});
}

std::vector<asio::ip::tcp::endpoint> endpoints_without_lookup(const host_port& target) {
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(target.host, not_an_address);
  if (!not_an_address) return {{address, target.port}};
  if (!is_loopback_name(target.host)) return {};
  return {{asio::ip::address_v4::loopback(), target.port}, {asio::ip::address_v6::loopback(), target.port}};
}

}  // namespace warmwire::net
