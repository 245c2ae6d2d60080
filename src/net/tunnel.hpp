// From a connection to a proxy to one that leads through it.
#pragma once

#include "http/proxy_url.hpp"
#include "net/address.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"

#include <warmwire/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace warmwire::net {

/// By which proxy a connection is made.
struct proxy_route {
  std::shared_ptr<const http::proxy> server{};  ///< none: directly
  std::shared_ptr<tls_context> tls{};           ///< whom to trust as an https proxy
  std::string user_agent{};                     ///< told to an HTTP proxy

  [[nodiscard]] explicit operator bool() const noexcept { return server != nullptr; }
};

/// What TCP connects to: the proxy if there is one, else the target.
[[nodiscard]] host_port first_hop(const proxy_route& proxy, const host_port& target);
/// Whether the proxy is to be given an address, for which the target's name has to be resolved here.
[[nodiscard]] bool wants_address(const proxy_route& proxy);
/// `why` as it is told when it happened on the way to the proxy.
[[nodiscard]] error on_the_way_to(const http::proxy& proxy, error why);

struct tunnel_request {
  proxy_route proxy;
  host_port target;  ///< a name only if `wants_address` says no
  std::chrono::steady_clock::time_point deadline;
  std::chrono::milliseconds connect_timeout;  ///< which `deadline` is the end of, for the message
  std::chrono::milliseconds tls_timeout;      ///< for the handshake with an https proxy, if that is sooner
};

/// Opens a tunnel over a fresh connection to the proxy: TLS if it is an https one, then CONNECT or SOCKS5. Afterwards
/// the stream's bytes are the target's.
///
/// Errors, with phase `proxy` and without credentials, even where the proxy echoes them: `proxy_failed` with what the
/// proxy answered, and its `http_status`; `proxy_authentication` with what it offers; `connect_timeout`; with an https
/// proxy those of `stream::handshake_error` and `tls_timeout`; `cancelled`.
/// Cancellation: at every point; the calling coroutine must not let it throw. The stream must stay in its place.
[[nodiscard]] boost::asio::awaitable<result<void>> open_tunnel(stream& over, tunnel_request request);

}  // namespace warmwire::net
