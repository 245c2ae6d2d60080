// Names to addresses: what a user may put in the place of the system's resolver, and how long answers are kept.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

/// The answer to a look-up.
struct resolved {
  std::vector<std::string> addresses{};  ///< IP literals without brackets, the preferred first; at most 1,024 are read
  std::optional<std::chrono::milliseconds> ttl{};  ///< how long it holds; `dns_options::default_ttl` if not known
};

/// Takes the answer to one look-up, from any thread, within the resolver's call or at any time after it, even when the
/// transport is gone. What is called a second time is ignored, and what is never called ends in `connect_timeout`.
using resolve_completion = std::function<void(result<resolved>)>;

/// Looks up the addresses of a host name. Called on the transport's executor, so it must not block; never called for IP
/// literals and the names of the loopback interface, nor for a name whose answer is still being waited for. An error or
/// an exception fails the requests that wait with `resolve_failed` and its message, unless an older answer helps out.
using resolver = std::function<void(std::string host, resolve_completion done)>;

/// How long a transport keeps the answers of its resolver.
struct dns_options {
  using milliseconds = std::chrono::milliseconds;

  milliseconds min_ttl{5'000};       ///< an answer is kept for this long at least; range 0–24 h
  milliseconds max_ttl{300'000};     ///< and this long at most; range `min_ttl`–24 h
  milliseconds default_ttl{60'000};  ///< where the resolver names no time, as the system's never does; range 0–24 h
  milliseconds stale_for{300'000};   ///< how long after its time an answer serves while look-ups fail; range 0–24 h
  std::size_t max_names = 1024;      ///< how many names are kept; the least recently used goes; range 1–1,000,000
};

}  // namespace warmwire
