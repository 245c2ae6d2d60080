// The figures of a provider's pool.
#pragma once

#include <warmwire/detail/visibility.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace WARMWIRE_PUBLIC warmwire {

/// Why a connection was closed. Each closed connection has exactly one.
enum class close_reason : std::uint8_t {
  idle_timeout,     ///< idle for `idle_timeout`, or for as long as the origin has taught to be safe
  idle_excess,      ///< beyond `max_idle` after `idle_burst_grace`, or beyond `max_connections`
  keep_alive_hint,  ///< the server's `Keep-Alive: timeout` or `max` was used up
  server_close,  ///< the response said so, ended with the connection, or came before the server had the whole request
  peer_closed_idle,   ///< the peer ended the connection while it was idle
  unsolicited_bytes,  ///< bytes arrived while no request was under way
  stale,              ///< it died under a request before a byte of the response
  suspect,            ///< a sibling that had been heard from later was found dead
  goaway,             ///< the peer asked for no more streams (RFC 9113 §6.8)
  refused,            ///< the peer refused a second stream on it (REFUSED_STREAM)
  max_lifetime,       ///< older than `max_lifetime`, give or take a tenth
  network_changed,    ///< `network_changed()`
  suspended,          ///< with the time that the machine slept it was idle for too long, or too old
  dead_path,          ///< the peer no longer acknowledged what was sent
  protocol_error,     ///< the response was not valid HTTP
  transport_error,    ///< reset or failed in the middle of an exchange
  timeout,            ///< a deadline of the request on it passed
  cancelled,          ///< the request on it was cancelled
  body_abandoned,     ///< the rest of the response was too long or too slow to drain
  dial_failed,        ///< it never became usable
  dial_excess,        ///< nobody needed it any more
  closed_by_user,     ///< `close_idle`, `close`, `close_all`, or the request's own `Connection: close`
};

inline constexpr std::size_t close_reason_count = static_cast<std::size_t>(close_reason::closed_by_user) + 1;

/// The enumerator's name, as written above.
[[nodiscard]] std::string_view to_string(close_reason reason) noexcept;

/// One provider's pool at one moment, all origins and both schemes together.
struct pool_stats {
  std::string provider;

  // Now
  std::size_t active = 0;   ///< connections with a request on them
  std::size_t streams = 0;  ///< requests on them; over HTTP/2 a connection has many
  std::size_t idle = 0;     ///< connections without one
  std::size_t connecting = 0;
  std::size_t pending = 0;  ///< requests in a queue

  // Since the transport was made. They never decrease, except that a request that goes away between being given a
  // connection and using it is taken out of `requests` and `reused` again.
  std::uint64_t requests = 0;          ///< requests that were given a connection (a replay counts again)
  std::uint64_t opened = 0;            ///< connections that became usable
  std::uint64_t reused = 0;            ///< requests that were given a connection that had served one before
  std::uint64_t replayed = 0;          ///< requests that were sent again, by reason:
  std::uint64_t replayed_unsent = 0;   ///< none of it had been written
  std::uint64_t replayed_stale = 0;    ///< its reused connection died without a byte of response
  std::uint64_t replayed_refused = 0;  ///< the server said that it had not processed it (REFUSED_STREAM, GOAWAY)
  std::uint64_t rejected = 0;          ///< `pool_overflow` and `pool_closed`
  std::uint64_t timed_out = 0;         ///< `pool_acquire_timeout`
  std::uint64_t dial_failures = 0;
  std::uint64_t tls_full = 0;     ///< full TLS handshakes
  std::uint64_t tls_resumed = 0;  ///< resumed ones
  std::uint64_t peak_pending = 0;
  std::array<std::uint64_t, close_reason_count> closed{};  ///< by `close_reason`

  [[nodiscard]] std::uint64_t closed_for(close_reason reason) const noexcept {
    return closed[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::uint64_t closed_total() const noexcept;
  /// One line for logs.
  [[nodiscard]] std::string to_string() const;
};

}  // namespace warmwire
