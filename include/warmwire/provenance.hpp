// Where a response came from and what it waited for.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

/// Time spent in each phase, in microseconds. Zero for what a request did not have to do: a reused connection has no
/// resolve, connect and tls. `connect` includes what it took to open a tunnel through a proxy. `first_byte` counts from
/// the last byte written to the first byte of the response.
struct timings {
  std::chrono::microseconds queue{};  ///< waiting for a connection, less the dial's own phases
  std::chrono::microseconds resolve{};
  std::chrono::microseconds connect{};
  std::chrono::microseconds tls{};
  std::chrono::microseconds first_byte{};
  std::chrono::microseconds total{};  ///< until the end of the body, or until now while it is still being read
};

/// Why the transport sent a request a second time.
enum class replay_reason : std::uint8_t {
  none,
  unsent,            ///< the connection died before a byte of the request was written
  refused,           ///< the server said that it had not processed it (REFUSED_STREAM, or GOAWAY before it)
  stale_connection,  ///< a reused connection died before a byte of the response had come
};

struct provenance {
  std::uint64_t connection_id = 0;       ///< unique within a transport
  bool reused = false;                   ///< the connection had served a request before
  std::chrono::microseconds idle_for{};  ///< how long it had been idle when this request took it
  std::uint32_t replays = 0;             ///< how often the transport sent the request again
  replay_reason replayed_because = replay_reason::none;
  bool tls_resumed = false;    ///< the connection's TLS session was resumed
  std::string protocol;        ///< "http/1.1", "http/1.0" or "h2"
  std::string proxy;           ///< "socks5h://127.0.0.1:1080": how it got there, without credentials; empty: directly
  std::string remote_address;  ///< "127.0.0.1:443": the proxy's, if there is one
  warmwire::timings timings;
  /// The tries of the call that failed before this one. Each was another request; see `replays` for those that the
  /// transport sent again by itself.
  std::vector<failed_attempt> failed_attempts;
};

}  // namespace warmwire
