// From a host's name to a connection that is ready for requests: resolve, connect, TLS.
#pragma once

#include "net/address.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"
#include "net/tunnel.hpp"

#include <warmwire/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace warmwire::net {

struct dial_request {
  host_port target;
  std::shared_ptr<tls_context> tls{};                  ///< none: a plain connection
  proxy_route proxy{};                                 ///< none: directly
  std::string session_key{};                           ///< under which TLS sessions are kept: the origin
  std::chrono::milliseconds connect_timeout{10'000};   ///< for the lookup, all addresses and a proxy together
  std::chrono::milliseconds min_address_share{2'000};  ///< of which each address gets this much at least
  std::chrono::milliseconds tls_timeout{10'000};
};

struct dialed {
  net::stream stream;
  std::string remote_address;  ///< "127.0.0.1:443": the proxy's, if there is one
  std::chrono::microseconds resolve{};
  std::chrono::microseconds connect{};  ///< with what it took to open a tunnel
  std::chrono::microseconds tls{};
};

/// With a proxy all of this goes for the way to it, and a tunnel to the target is opened (`open_tunnel`) before TLS
/// begins; if it wants the target's address, the target's first IPv4 address, or else its first one, is named to it.
///
/// Tries the target's addresses one after the other; all but the last get their share of the time that is left, so that
/// a silent one does not use up all of it. The connection has TCP_NODELAY, keep-alive probes after 30 s (every 10 s, 3
/// times) and a user timeout of 30 s.
///
/// Errors, each with its phase: `resolve_failed`; `connect_failed`, which names each address and the system's reason;
/// `connect_timeout`; those of `open_tunnel` and of `stream::handshake_error`; `tls_timeout`; `cancelled`.
/// Cancellation: at every point, as far as the calling coroutine lets it through; the result is then `cancelled`, never
/// an exception. A lookup cannot be interrupted: its thread ends it unheard.
[[nodiscard]] boost::asio::awaitable<result<dialed>> dial(dial_request request);

}  // namespace warmwire::net
