// How many frames of those that only make work a peer may send: each is legal, a flood of them is an attack
// (RFC 9113 §10.5). Pure: time is an argument. Owned by its session.
#pragma once

#include "pool/types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace warmwire::connection {

enum class h2_nuisance : std::uint8_t {
  settings,       ///< SETTINGS, and acknowledgements of them
  ping,           ///< PING, and answers to PINGs that were not sent; sending DATA allows for more
  empty_data,     ///< DATA that holds nothing and ends nothing; DATA that holds something allows for more
  window_update,  ///< WINDOW_UPDATE; sending requests and DATA allows for more
  of_no_use,      ///< frames on closed streams (requests and resets allow for more), GOAWAY, PRIORITY, unknown types
};
inline constexpr std::size_t h2_nuisance_count = 5;

/// A token bucket for each kind of nuisance.
class h2_flood_guard {
 public:
  h2_flood_guard() noexcept;

  /// Counts one. False when it is one too many.
  [[nodiscard]] bool allow(h2_nuisance what, pool::time_point now) noexcept;
  /// A DATA frame with so many bytes was sent. The peer may give back each of them twice, to the stream and to the
  /// connection, in pieces as small as those that its program reads; and measure the path with a PING.
  void sent_data(std::size_t bytes) noexcept;
  /// A DATA frame came that holds something: whoever flushes after each piece may send an empty one with it.
  void got_data() noexcept;
  /// A request was sent to its end: however small it is, the peer may give back what it took of either window, and one
  /// that has answered already may say that it reads no further (RST_STREAM with NO_ERROR, RFC 9113 §8.1).
  void sent_request() noexcept;
  /// We reset a stream: what the peer had sent on it before it knew may still come.
  void reset_stream() noexcept;

  /// "more than 200 PING frames at once or 50 a second".
  [[nodiscard]] static std::string_view describe(h2_nuisance what) noexcept;

 private:
  void earn(h2_nuisance what, double tokens) noexcept;

  struct bucket {
    double tokens = 0;
    pool::time_point filled{};
  };
  std::array<bucket, h2_nuisance_count> buckets_;
};

}  // namespace warmwire::connection
