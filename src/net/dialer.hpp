// From a host's name to a connection that is ready for requests: resolve, connect, TLS. Keeps what was learned of names
// and addresses on the way. One per transport, on its executor.
#pragma once

#include "net/dial.hpp"
#include "net/name_lookup.hpp"
#include "net/route_memory.hpp"

#include <warmwire/error.hpp>
#include <warmwire/resolver.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace warmwire::net {

struct race_outcome;

struct dialer_options {
  dns_options dns{};   ///< checked by `net::check`
  resolver resolve{};  ///< none: `system_source`
  /// Tells the age of what is remembered. Time limits go by the real time.
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

class dialer {
 public:
  explicit dialer(const boost::asio::any_io_executor& executor, dialer_options options = {});
  ~dialer();
  dialer(const dialer&) = delete;
  dialer& operator=(const dialer&) = delete;

  /// Tries the target's addresses as Happy Eyeballs does (RFC 8305): the families by turns, those that failed lately
  /// last, one after the other by `connect_stagger` (by less if the time would not do for all) without giving up those
  /// before, unless more than `max_attempts_at_once` are silent; else only `connect_timeout` does. The connection has
  /// TCP_NODELAY, keep-alive probes after 30 s (every 10 s, 3 times) and a user timeout of 30 s.
  ///
  /// With a proxy all of this goes for the way to it, and a tunnel to the target is opened before TLS begins; if the
  /// proxy wants the target's address, the target's first IPv4 address, or else its first one, is named to it.
  ///
  /// Errors, each with its phase: `resolve_failed`; `connect_failed` and `connect_timeout`, which name each address
  /// (the first 16 of more) and the reason; those of `open_tunnel` and of `shake_hands`; `cancelled`. Cancellation: at
  /// every point, as far as the calling coroutine lets it through; the result is then `cancelled`, never an exception,
  /// and no socket is left. A lookup goes on, for others. The dialer must outlive the coroutine's run.
  [[nodiscard]] boost::asio::awaitable<result<dialed>> dial(dial_request request);

  /// Forgets all addresses: they may be those of another network.
  void network_changed();
  /// For good: no answer of a resolver touches the executor from here on.
  void shut_down();

 private:
  struct connection;
  boost::asio::awaitable<result<dialed>> dial_in_steps(const dial_request& request);
  boost::asio::awaitable<result<connection>> connect(const dial_request& request);
  boost::asio::awaitable<result<void>> pass_proxy(const dial_request& request, stream& over,
                                                  std::chrono::steady_clock::time_point begun);
  boost::asio::awaitable<result<host_port>> name_for_proxy(const dial_request& request,
                                                           std::chrono::steady_clock::time_point begun);
  void learn(const race_outcome& race);

  const std::function<std::chrono::steady_clock::time_point()> now_;
  const std::shared_ptr<name_lookup> names_;
  route_memory routes_;
};

}  // namespace warmwire::net
