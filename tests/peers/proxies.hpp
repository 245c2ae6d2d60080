// The proxies that the pool is tested against. Both reach the loopback interface only.
#pragma once

#include "tests/peers/peer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::test {

/// Whom a proxy lets pass.
enum class admission : std::uint8_t {
  everyone,
  known_user,  ///< who gives `proxy_user` and `proxy_password`
};

inline constexpr std::string_view proxy_user = "warm";
/// Holds what must be escaped in a URL.
inline constexpr std::string_view proxy_password = "em:ber@1";
/// The two as they stand in a proxy's URL, before its host.
inline constexpr std::string_view proxy_credentials = "warm:em%3Aber%401@";

/// What a proxy listens with.
enum class proxy_transport : std::uint8_t { plain, tls };

/// Tunnels by CONNECT, to any port; everything else is refused.
[[nodiscard]] peer start_squid(admission whom, proxy_transport how = proxy_transport::plain);

/// Ends squid and tells how many CONNECTs it answered with `status`.
[[nodiscard]] std::size_t connects_at_end(peer& squid, int status);

/// A name that only dante with `admission::known_user` can resolve.
inline constexpr std::string_view name_known_to_dante = "origin-behind-dante.invalid";

/// SOCKS5. Since dante knows users only as those of the system, `known_user` needs root: dante then runs with a user
/// list and a host list of its own laid over the system's, which no other process sees.
[[nodiscard]] peer start_dante(admission whom);

/// Why `start_dante(admission::known_user)` cannot work here; empty when it can.
[[nodiscard]] std::string obstacle_to_dante_users();

}  // namespace warmwire::test
