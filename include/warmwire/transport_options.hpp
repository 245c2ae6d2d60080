// What a whole transport is made with.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/long_lease.hpp>
#include <warmwire/options.hpp>
#include <warmwire/resolver.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace WARMWIRE_PUBLIC warmwire {

struct transport_options {
  /// Laid over the defaults of every provider; `configure` is laid over this.
  pool_options defaults{};
  /// Receives one line per request, and the warnings, without secrets, on the transport's executor, soon after what it
  /// tells of; what it throws is ignored. When it is not set and the environment variable DEBUG_CONNECTIONS is set and
  /// not empty, lines go to standard error.
  std::function<void(std::string_view)> log{};
  /// Whether the lines name the path of a request's URL, never its query. A path may tell what a host does not: a
  /// deployment, a file, a capability. DEBUG_CONNECTIONS=paths asks for it, too.
  bool log_paths = false;
  /// Told of what is allowed and dangerous, once for each host: a credential (Authorization, an API key, a cookie, …)
  /// that goes over plain http to a host that is neither this machine nor on a private network. On the transport's
  /// executor; what it throws is ignored. `log` gets it as a line, too.
  std::function<void(std::string_view)> on_warning{};
  /// Told of a stream that is held for longer than `pool_options::report_lease_after`, and again when it comes back. On
  /// the transport's executor; what it throws is ignored. `log` gets it as a line, too.
  std::function<void(const long_lease&)> on_long_lease{};
  /// The time since the machine was started, suspensions included, for noticing them; default CLOCK_BOOTTIME. Called on
  /// the transport's executor; when it throws nothing was noticed.
  std::function<std::chrono::nanoseconds()> boot_clock{};
  /// Sent as User-Agent when a request has none of its own.
  std::string user_agent = "warmwire/0.1";
  warmwire::resolver resolver{};  ///< default: the system's (getaddrinfo)
  dns_options dns{};
};

}  // namespace warmwire
