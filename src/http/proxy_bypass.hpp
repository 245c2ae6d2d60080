// Hosts that are reached without a proxy: what NO_PROXY says. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace warmwire::http {

inline constexpr std::size_t max_no_proxy_bytes = std::size_t{64} << 10;

/// Whether a list such as "localhost, .example.com, 10.0.0.0/8, [::1]:8443" names the host, a name or an IP literal
/// without brackets. Entries are separated by commas and blanks, and each of them is one of
/// - `*`: every host,
/// - a name: the host itself and all below it, with or without a leading dot, and without regard to case,
/// - an IP literal, IPv6 with or without brackets, or a range of them as address/bits: the literal hosts in it; a name
///   is not looked up to see,
/// each followed by `:port` or not, where IPv6 then needs its brackets; with one, only that port is meant. A final dot
/// of a name says nothing. What is none of these names no host.
[[nodiscard]] bool bypasses_proxy(std::string_view list, std::string_view host, std::uint16_t port);

}  // namespace warmwire::http
