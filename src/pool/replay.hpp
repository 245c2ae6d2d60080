// Whether the transport may send a request a second time. Pure: facts of the failed exchange in, a decision out.
#pragma once

#include <warmwire/options.hpp>
#include <warmwire/provenance.hpp>

#include <cstdint>

namespace warmwire::pool {

/// How an exchange failed, as far as replaying goes.
enum class exchange_end : std::uint8_t {
  connection_died,  ///< EOF, reset, broken pipe, or a path found dead
  refused,          ///< never processed, says the peer: REFUSED_STREAM, or a stream above the last one of its GOAWAY
  timeout,          ///< a deadline or an inactivity time-out
  cancelled,        ///< the caller went away
};

/// What is left of the request's body.
enum class body_state : std::uint8_t {
  repeatable,       ///< buffered or empty: it can be sent as often as needed
  one_shot_unread,  ///< a source that can be read once, and nothing was taken from it yet
  one_shot_read,    ///< a source that something was taken from
};

struct failed_exchange {
  replay_policy policy{};
  exchange_end end{};
  bool is_reused = false;             ///< the connection had served a request before
  bool is_multiplexed = false;        ///< HTTP/2: other streams may have shown that the connection lived
  bool was_written = false;           ///< at least one byte of the request was handed to the connection
  bool has_heard_since_sent = false;  ///< a frame, of whatever stream, was read after the request was sent
  bool has_response = false;          ///< at least one byte of the response arrived
  body_state body{};
  std::uint32_t unsent_replays = 0;   ///< replays so far because nothing had been written
  std::uint32_t stale_replays = 0;    ///< replays so far because a reused connection died unanswered
  std::uint32_t refused_replays = 0;  ///< replays so far because the peer had refused it
};

enum class replay_on : std::uint8_t {
  nothing,           ///< no replay: the failure is the answer
  any_connection,    ///< whatever the pool gives
  fresh_connection,  ///< a new one (`freshness::fresh_only`)
};

struct replay_decision {
  replay_on where = replay_on::nothing;
  replay_reason reason = replay_reason::none;

  friend bool operator==(const replay_decision&, const replay_decision&) = default;
};

inline constexpr std::uint32_t max_unsent_replays = 3;   ///< on whatever connection; one more on a fresh one
inline constexpr std::uint32_t max_refused_replays = 6;  ///< the first half of them on whatever connection

/// A request of which no byte was written may always go again: three times on any connection, then once on a fresh one.
/// One that the peer says it has not processed goes again six times (RFC 9113 §8.7), if its body can: three times on
/// any connection, since the pool puts it on one that has room by what the peer's refusals have taught, then on fresh
/// ones, should all that there are say the same; and when none of it had been written, these come on top of those that
/// such a request may have anyway. One that was written may have been executed: it goes again once, on a fresh
/// connection, only if its connection had been used before and died without a byte of response, which is how a
/// connection closed by the server while idle looks. On a multiplexed one nothing else may have been read since either:
/// a frame of any stream shows that the connection was alive when the request came. After such a replay any other one
/// takes a fresh connection too. Time-outs and cancellation are the caller's answer, never replayed (RFC 9110 §9.2.2,
/// RFC 9112 §9.3.1).
[[nodiscard]] replay_decision decide_replay(const failed_exchange& exchange) noexcept;

}  // namespace warmwire::pool
