// Makes a TLS stream of a connected one.
#pragma once

#include "net/address.hpp"
#include "net/alpn.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"

#include <warmwire/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace warmwire::net {

struct handshake_request {
  host_port target;  ///< whose certificate is expected, unless the context's options name another server
  std::shared_ptr<tls_context> tls;
  std::string session_key;
  protocols alpn;
  std::chrono::milliseconds timeout;
};

/// Shakes hands on `over`, which must outlive the coroutine, and returns what the server picked of `alpn`; `http1` when
/// it picked nothing. The calling coroutine must have `throw_if_cancelled` off.
///
/// Errors, all of phase `tls`: those of `stream::handshake_error`; `tls_failed` when the server picked what was not
/// offered; `protocol_unavailable` when `alpn` has no `http1` and the server picked nothing; `tls_timeout`;
/// `cancelled`.
[[nodiscard]] boost::asio::awaitable<result<protocol>> shake_hands(stream& over, handshake_request request);

}  // namespace warmwire::net
