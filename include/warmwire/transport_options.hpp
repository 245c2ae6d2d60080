// What a whole transport is made with.
#pragma once

#include <warmwire/options.hpp>
#include <warmwire/resolver.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace warmwire {

struct transport_options {
  /// Laid over the defaults of every provider; `configure` is laid over this.
  pool_options defaults{};
  /// Receives one line per request, without secrets, on the transport's executor. When it is not set and the
  /// environment variable DEBUG_CONNECTIONS is set and not empty, lines go to standard error.
  std::function<void(std::string_view)> log{};
  /// Sent as User-Agent when a request has none of its own.
  std::string user_agent = "warmwire/0.1";
  warmwire::resolver resolver{};  ///< default: the system's (getaddrinfo)
  dns_options dns{};
};

}  // namespace warmwire
