// What a dial is asked for, and what it brings.
#pragma once

#include "net/address.hpp"
#include "net/alpn.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"
#include "net/tunnel.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace warmwire::net {

struct dial_request {
  host_port target;
  std::shared_ptr<tls_context> tls{};                 ///< none: a plain connection
  proxy_route proxy{};                                ///< none: directly
  std::string session_key{};                          ///< under which TLS sessions are kept: the origin
  protocols alpn{protocol::http1};                    ///< offered by ALPN; plain, the first is spoken (RFC 9113 §3.3)
  std::chrono::milliseconds connect_timeout{10'000};  ///< for the lookup, all addresses and a proxy together
  std::chrono::milliseconds connect_stagger{250};     ///< until the next address is tried beside the ones before
  std::chrono::milliseconds tls_timeout{10'000};
};

struct dialed {
  net::stream stream;
  std::string remote_address;  ///< "127.0.0.1:443": the proxy's, if there is one
  net::protocol protocol = net::protocol::http1;
  std::chrono::microseconds resolve{};  ///< zero when the addresses were known
  std::chrono::microseconds connect{};  ///< with what it took to open a tunnel
  std::chrono::microseconds tls{};
};

}  // namespace warmwire::net
