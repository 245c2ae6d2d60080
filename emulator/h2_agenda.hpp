// What the streams of an HTTP/2 connection are to do at which time. Pure, the time is an argument; owned by the
// session.
#pragma once

#include "emulator/delay_line.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace warmwire::emulator {

class h2_agenda {
 public:
  enum class step : std::uint8_t {
    answer,  ///< the server time has passed
    piece,   ///< the next piece of the body is due
    credit,  ///< the window is to be given back
  };
  struct entry {
    std::int32_t stream = 0;
    step what = step::answer;
  };
  using ticket = std::optional<std::multimap<steady_time, entry>::iterator>;

  /// The ticket is valid until its entry was taken or forgotten.
  [[nodiscard]] ticket add(steady_time at, entry due) { return entries_.emplace(at, due); }
  void forget(ticket& given) {
    if (given) entries_.erase(*given);
    given.reset();
  }

  /// `never` without an entry.
  [[nodiscard]] steady_time earliest() const { return entries_.empty() ? never : entries_.begin()->first; }
  /// Takes the earliest entry that is due by `now`; of those for one time, the one that was added first.
  std::optional<entry> take(steady_time now) {
    if (earliest() > now) return std::nullopt;
    const entry due = entries_.begin()->second;
    entries_.erase(entries_.begin());
    return due;
  }

 private:
  std::multimap<steady_time, entry> entries_;
};

}  // namespace warmwire::emulator
