#include "http/private_host.hpp"

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace warmwire::http {
namespace {

using namespace std::string_view_literals;

struct v4_network {
  std::uint32_t address;
  unsigned bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return a << 24U | b << 16U | c << 8U;
}

constexpr std::array private_networks = {
    v4_network{v4(127, 0, 0), 8},    v4_network{v4(10, 0, 0), 8},     v4_network{v4(172, 16, 0), 12},
    v4_network{v4(192, 168, 0), 16}, v4_network{v4(169, 254, 0), 16}, v4_network{v4(100, 64, 0), 10},
};
constexpr std::array private_domains = {".localhost"sv, ".local"sv, ".internal"sv, ".home.arpa"sv};

bool is_private(std::uint32_t address) {
  return address == 0 || std::ranges::any_of(private_networks, [&](const v4_network& each) {
           return (address ^ each.address) >> (32 - each.bits) == 0;
         });
}

bool is_private(const boost::urls::ipv6_address& address) {
  const auto bytes = address.to_bytes();
  if (address.is_v4_mapped()) {
    return is_private(v4(bytes[12], bytes[13], bytes[14]) | bytes[15]);
  }
  const bool is_unique_local = (bytes[0] & 0xFEU) == 0xFC;
  const bool is_link_local = bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80;
  return address.is_loopback() || address.is_unspecified() || is_unique_local || is_link_local;
}

}  // namespace

bool is_private_host(std::string_view host) noexcept {
  if (const auto address = boost::urls::parse_ipv4_address(host)) return is_private(address->to_uint());
  if (const auto address = boost::urls::parse_ipv6_address(host)) return is_private(*address);
  if (host.ends_with('.')) host.remove_suffix(1);
  return host.find('.') == std::string_view::npos ||
         std::ranges::any_of(private_domains, [&](std::string_view each) { return host.ends_with(each); });
}

}  // namespace warmwire::http
