// When an HTTP/2 connection is asked for a sign of life, and when it counts as dead. Pure: time is an argument.
// Owned by its connection.
#pragma once

#include "pool/types.hpp"

#include <cstdint>
#include <optional>

namespace warmwire::connection {

struct liveness_settings {
  pool::duration ping_after = std::chrono::seconds(20);  ///< of silence with streams open; a tenth is jitter
  pool::duration ping_at_checkout_after = std::chrono::seconds(15);
  pool::duration ping_timeout = std::chrono::seconds(1);  ///< at least; four smoothed round trips if that is longer
  std::uint64_t seed = 0;                                 ///< of the jitter
};

/// A PING is due when streams are open and nothing was heard for long, when a stream is about to be opened after a
/// silence, and when a stream timed out. The connection is dead when a PING was sent and nothing at all was heard for
/// the time that its answer may take: whoever still sends is alive, though its answer may stand behind other bytes.
class h2_liveness {
 public:
  h2_liveness(const liveness_settings& settings, pool::time_point born);

  // What happened
  void heard(pool::time_point now) noexcept;  ///< any byte came
  void streams_open(bool are_there) noexcept { has_streams_ = are_there; }
  void check_out(pool::time_point now) noexcept;  ///< a stream is about to be opened
  void suspect() noexcept;                        ///< a stream timed out: is it only that stream?
  void pinged(pool::time_point now) noexcept;     ///< a PING was sent, for whatever reason
  /// A PING was answered; that answers for those before and beside it too.
  void pong(pool::time_point now, pool::duration round_trip) noexcept;

  // What follows
  [[nodiscard]] bool wants_ping(pool::time_point now) const noexcept;
  [[nodiscard]] bool is_dead(pool::time_point now) const noexcept;
  /// When `wants_ping` or `is_dead` may become true by the passing of time alone; a time in the past: now.
  [[nodiscard]] std::optional<pool::time_point> next_wakeup() const noexcept;
  /// After RFC 6298 §2: an eighth of each new measurement.
  [[nodiscard]] std::optional<pool::duration> smoothed_round_trip() const noexcept { return smoothed_; }

 private:
  [[nodiscard]] pool::time_point dies_at() const noexcept;
  void draw_silence() noexcept;

  const liveness_settings settings_;
  std::uint64_t random_;
  pool::duration silence_{};  // ping_after with its jitter
  pool::time_point last_heard_;
  pool::time_point last_ping_{};
  std::optional<pool::duration> smoothed_;
  bool is_pinged_ = false;  // and has not answered
  bool has_streams_ = false;
  bool is_asked_ = false;
};

}  // namespace warmwire::connection
