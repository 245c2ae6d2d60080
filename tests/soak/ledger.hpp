// What became of each request of the soak, by the client's account and by the server's, and whether the two agree.
// Bounded: what has ended a while ago is judged and forgotten.
#pragma once

#include "emulator/report.hpp"

#include <warmwire/error.hpp>
#include <warmwire/request.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace warmwire::test {

/// A request's own text: short ones and long ones, no two the same.
[[nodiscard]] std::string body_of(std::uint64_t id);

class ledger {
 public:
  using clock = std::chrono::steady_clock;

  struct totals {
    std::uint64_t requests = 0;
    std::uint64_t answers = 0;
    std::map<errc, std::uint64_t> errors{};
    std::uint64_t replayed_answers = 0;
    std::uint64_t sent_again = 0;  ///< arrivals beyond the first, without those that the server refused
    std::uint64_t refused = 0;     ///< arrivals that the server refused
  };

  /// A new request over `protocol`, "http/1.1" or "h2".
  [[nodiscard]] std::uint64_t begin(std::string_view protocol);
  void end(std::uint64_t id, const result<response>& how);
  /// What the server saw since the last call.
  void count(const emulator::id_counts& seen);
  /// Judges the requests that ended before `until`, the oldest first and up to the first that has not.
  void settle(clock::time_point until);

  [[nodiscard]] bool is_settled() const noexcept { return entries_.empty(); }
  [[nodiscard]] const totals& seen() const noexcept { return totals_; }

 private:
  struct entry {
    std::string_view protocol;
    clock::time_point ended_at{};
    std::uint64_t arrived = 0;
    std::uint64_t refused = 0;
    std::uint32_t ends = 0;
    std::uint32_t replays = 0;
    replay_reason replayed_because = replay_reason::none;
    bool is_answered = false;
  };

  void check_answer(std::uint64_t id, const entry& of, const response& got) const;
  static void judge_answered(const entry& of, const std::string& story);
  void judge(std::uint64_t id, const entry& of);

  std::deque<entry> entries_;
  std::uint64_t first_ = 1;  ///< the id of the oldest entry
  totals totals_;
};

}  // namespace warmwire::test
