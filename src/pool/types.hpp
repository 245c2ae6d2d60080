// The words that the pool's decisions are written in.
#pragma once

#include <warmwire/stats.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace warmwire::pool {

/// Any clock's time: the caller says what time it is.
using time_point = std::chrono::time_point<std::chrono::steady_clock>;
using duration = std::chrono::steady_clock::duration;

enum class connection_id : std::uint64_t {};
enum class request_id : std::uint64_t {};

enum class freshness : std::uint8_t { any, fresh_only };

enum class reject_reason : std::uint8_t { overflow, acquire_timeout, closed, dial_failed };

/// What a response said about its connection's future.
struct keep_alive_hint {
  std::optional<std::chrono::seconds> timeout{};  ///< `Keep-Alive: timeout=`
  std::optional<std::uint64_t> max_requests{};    ///< `Keep-Alive: max=`: requests still allowed
  duration round_trip{};                          ///< measured on the connection, for the safety margin
};

/// What a new connection can carry.
struct capacity {
  std::size_t streams = 1;      ///< at once; 1 for HTTP/1.1
  bool is_multiplexed = false;  ///< HTTP/2: many streams, of which the peer says how many (SETTINGS)
  /// HTTP/2 whose SETTINGS have not come yet: `streams` is what may be used already, `stream_limit_changed` follows.
  bool is_provisional = false;
};

/// `from` and `span`, which may be endless (`duration::max()`).
[[nodiscard]] constexpr time_point later(time_point from, duration span) noexcept {
  return span == duration::max() ? time_point::max() : from + span;
}

struct action {
  enum class kind : std::uint8_t {
    use,     ///< give `request` a stream on `connection`
    dial,    ///< open a connection and call it `connection`
    close,   ///< close `connection` because of `reason`; its dial, if it is still dialing
    reject,  ///< fail `request` because of `why`
  };
  kind what;
  request_id request{};
  connection_id connection{};
  close_reason reason{};
  reject_reason why{};
};

using actions = std::vector<action>;

/// Kept up to date by every event. Connections are counted once: connecting, idle, or active.
struct pool_counts {
  std::size_t connecting = 0;
  std::size_t idle = 0;    ///< connections without a stream, those included that may take none at the moment
  std::size_t active = 0;  ///< connections with at least one stream, draining ones included
  std::size_t streams = 0;
  std::size_t pending = 0;
  std::size_t peak_pending = 0;
  std::uint64_t requests = 0;
  std::uint64_t opened = 0;
  std::uint64_t reused = 0;
  std::uint64_t rejected = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t dial_failures = 0;
  std::array<std::uint64_t, close_reason_count> closed{};
};

struct connection_view {
  std::uint64_t served = 0;  ///< streams given out on it, the current ones included
  duration idle_for{};       ///< how long it had been idle before the stream that took it last
  time_point last_heard{};
};

struct oldest_stream {
  connection_id connection{};
  time_point since{};
};

}  // namespace warmwire::pool
