#include "http/proxy_bypass.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>
#include <string>

namespace warmwire::http {
namespace {

struct ip_address {
  std::array<unsigned char, 16> bytes{};
  std::size_t bits = 0;  ///< 32 or 128
};

struct target {
  std::string_view host;  ///< without a final dot
  std::uint16_t port;
  std::optional<ip_address> address;
};

std::optional<ip_address> parse_address(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  ip_address made;
  const bool is_v6 = text.find(':') != std::string_view::npos;
  made.bits = is_v6 ? 128 : 32;
  if (::inet_pton(is_v6 ? AF_INET6 : AF_INET, terminated.c_str(), made.bytes.data()) != 1) return std::nullopt;
  return made;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, number);
  return failed == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

std::string_view without_final_dot(std::string_view name) {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

bool is_in(const ip_address& address, const ip_address& network, std::size_t prefix) {
  if (address.bits != network.bits || prefix > network.bits) return false;
  for (std::size_t bit = 0; bit < prefix; ++bit) {
    const auto mask = 0x80U >> (bit % 8);
    if (((address.bytes[bit / 8] ^ network.bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

/// Takes `:port` off the entry and says whether it may be this one.
bool takes_port(std::string_view& entry, std::uint16_t port) {
  const auto bracket = entry.find(']');
  const auto colon = entry.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return true;
  if (bracket == std::string_view::npos && entry.find(':', colon + 1) != std::string_view::npos) return true;  // IPv6
  const auto wanted = parse_number<std::uint16_t>(entry.substr(colon + 1));
  entry = entry.substr(0, colon);
  return wanted == port;
}

bool names_address(std::string_view entry, const ip_address& address) {
  const auto slash = entry.find('/');
  auto text = entry.substr(0, slash);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const auto network = parse_address(text);
  if (!network) return false;
  if (slash == std::string_view::npos) return is_in(address, *network, network->bits);
  const auto prefix = parse_number<std::size_t>(entry.substr(slash + 1));
  return prefix && is_in(address, *network, *prefix);
}

bool names_host(std::string_view entry, std::string_view host) {
  entry.remove_prefix(std::min(entry.find_first_not_of('.'), entry.size()));
  entry = without_final_dot(entry);
  if (entry.empty() || entry.size() > host.size()) return false;
  const auto above = host.size() - entry.size();
  return iequals(host.substr(above), entry) && (above == 0 || host[above - 1] == '.');
}

bool names(std::string_view entry, const target& to) {
  if (!takes_port(entry, to.port)) return false;
  if (entry == "*") return true;
  return to.address ? names_address(entry, *to.address) : names_host(entry, to.host);
}

}  // namespace

bool bypasses_proxy(std::string_view list, std::string_view host, std::uint16_t port) {
  constexpr std::string_view separators = ", \t\r\n";
  const target to{.host = without_final_dot(host), .port = port, .address = parse_address(host)};
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(separators), list.size()));
    if (list.empty()) return false;
    const auto entry = list.substr(0, list.find_first_of(separators));
    if (names(entry, to)) return true;
    list.remove_prefix(entry.size());
  }
}

}  // namespace warmwire::http
