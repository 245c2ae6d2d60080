// TCP connections to the addresses of one host, of which the first one is taken (Happy Eyeballs, RFC 8305 §5).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace warmwire::net {

/// A host with more silent addresses must not cost all the descriptors of a process.
inline constexpr std::size_t max_attempts_at_once = 64;

struct race_rules {
  std::vector<boost::asio::ip::tcp::endpoint> addresses;  ///< in the order in which they are tried; not empty
  std::chrono::milliseconds stagger;
  std::chrono::steady_clock::time_point deadline;
};

struct race_outcome {
  enum class fate : std::uint8_t {
    untried,
    pending,  ///< no answer yet when the race was over
    silent,   ///< the same, although it had `stagger` or longer and more than the winner; or given up for a later one
    failed,   ///< for the reason `why`
    won,
  };
  struct attempt {
    boost::asio::ip::tcp::endpoint address{};
    race_outcome::fate fate = fate::untried;
    boost::system::error_code why{};
  };

  std::vector<attempt> attempts{};                          ///< one per address, in their order
  std::optional<boost::asio::ip::tcp::socket> connected{};  ///< of the attempt that won
  bool is_out_of_time = false;
};

/// Tries an address `stagger` after the one before it, or at once when any attempt fails; those before go on, but for
/// the oldest when there would be more than `max_attempts_at_once`. Ends when one is connected, when all have failed,
/// at the deadline, or when the calling coroutine, which must have `throw_if_cancelled` off, is cancelled. All sockets
/// but the winner's are closed then.
[[nodiscard]] boost::asio::awaitable<race_outcome> race(race_rules rules);

}  // namespace warmwire::net
