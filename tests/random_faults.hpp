// Faults of the emulator drawn by chance, for tests that want all of them at once. The same dice give the same faults.
#pragma once

#include "emulator/script.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

namespace warmwire::test {

using dice = std::mt19937;

/// What a failed run printed, or else a seed that stays.
inline dice seeded_dice(std::uint32_t otherwise) {
  const char* wanted = std::getenv("WARMWIRE_SEED");
  const auto seed = wanted ? static_cast<std::uint32_t>(std::strtoul(wanted, nullptr, 10)) : otherwise;
  std::cout << "WARMWIRE_SEED=" << seed << std::endl;
  return dice(seed);
}

/// From `least` to `most`. The standard's distributions differ between libraries.
inline std::uint32_t draw(dice& from, std::uint32_t least, std::uint32_t most) {
  return least + static_cast<std::uint32_t>(from() % (most - least + 1));
}

// No fault here changes what a complete response says: it is its own request's, or there is none. So nothing takes the
// length of an HTTP/1.1 response away, since then bytes that follow it would be its own, and a stray response comes
// with the one before it: when it comes later than the next request, nobody can tell it from the answer.

inline constexpr std::array<std::string_view, 16> faults_of_both{
    "delay 3ms",
    "interim 103 times 2",
    "framing chunked",
    "slow 16 bytes every 200us",
    "close",
    "close after head",
    "close after 20 bytes",
    "truncate after 10 bytes",
    "half-close",
    "reset",
    "reset after 5 bytes",
    "stall",
    "stall after 5 bytes",
    "mute",
    "close when idle",
    "reset when idle after 1ms",
};

inline constexpr std::array<std::string_view, 10> faults_of_http1{
    "stray \"surprise\" with response",
    "stray \"surprise\" after 1ms",
    "stray \"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nstray\" with response",
    "header \"keep-alive: max=1\"",
    "malformed conflicting-lengths",
    "malformed chunk-size",
    "malformed huge-head",
    "malformed status-line",
    "malformed nul-in-header",
    "malformed long-length",
};

inline constexpr std::array<std::string_view, 28> faults_of_http2{
    "rst cancel",
    "rst refused-stream",
    "rst internal-error after 10 bytes",
    "rst no-error after response",
    "refuse",
    "goaway",
    "goaway last before",
    "goaway last 2147483647",
    "goaway enhance-your-calm after head",
    "goaway when idle",
    "settings max-streams 0",
    "settings max-streams 1",
    "settings max-streams 7",
    "settings window 10",
    "no-pong",
    "slow-window 2ms connection",
    "slow-window never",
    "flood settings 30",
    "flood ping 50",
    "flood empty-data 20",
    "flood continuation 20",
    "flood headers 100",
    "overflow-window",
    "push",
    "bad-frame hpack",
    "bad-frame uppercase-header",
    "bad-frame long-length",
    "bad-frame unknown-type",
};

inline constexpr std::array<std::string_view, 5> faults_of_connections{
    "reset at accept", "close at accept", "stall at accept", "reset in handshake", "stall in handshake",
};

/// How often faults strike: each that is drawn strikes every N-th request or connection.
struct fault_rate {
  std::uint32_t least = 0;
  std::uint32_t most = 0;
};

/// Draws half of the faults, each with a rate of its own.
class random_faults {
 public:
  random_faults(dice& from, fault_rate of_requests, fault_rate of_connections)
      : dice_(from), of_requests_(of_requests), of_connections_(of_connections) {}

  template <class Faults>
  random_faults& add(const Faults& some) {
    for (const std::string_view each : some)
      add(each, of_requests_);
    return *this;
  }

  [[nodiscard]] emulator::script script() {
    for (const std::string_view each : faults_of_connections)
      add(each, of_connections_);
    return emulator::parse_script(rules_).value();
  }

 private:
  void add(std::string_view fault, fault_rate rate) {
    const auto every = draw(dice_, rate.least, rate.most);
    if (draw(dice_, 0, 1) == 0) return;
    rules_.append("every ").append(std::to_string(every)).append(": ").append(fault).append("\n");
  }

  dice& dice_;
  fault_rate of_requests_;
  fault_rate of_connections_;
  std::string rules_;
};

}  // namespace warmwire::test
