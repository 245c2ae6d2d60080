// Which look-ups of names run on threads, which wait for one, and which go first. Pure: the time is an argument. Owned
// by a system_lookup, under its mutex.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace warmwire::net {

struct lookup_limits {
  std::size_t threads = 100;  ///< that look up at once
  std::size_t silent = 50;    ///< of them for names whose servers are known not to answer in time
  std::size_t per_name = 2;   ///< and for one name, so that it can be asked anew while the old answer is awaited
  std::size_t waiting = 256;  ///< names that wait for a thread; range 1 and more
  std::chrono::milliseconds silent_after{2'000};  ///< an answer that takes so long makes its name a silent one
  std::chrono::milliseconds idle{5'000};          ///< a thread that has nothing to do for so long ends
};

/// A name server that does not answer holds a thread for as long as the system's resolver is patient, which may be a
/// minute. So a name that was silent before never takes the last threads: those are for names that may be answered.
class lookup_list {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using number = std::uint64_t;
  struct lookup {
    number id;
    std::string host;
  };

  explicit lookup_list(const lookup_limits& limits) : limits_(limits) {}

  /// Puts a name in line. If it waits there already that look-up serves this one, too. Nothing when the line is full.
  std::optional<number> add(const std::string& host);
  /// What a free thread takes, the oldest that may run.
  std::optional<lookup> take(time_point now);
  void ended(number id, time_point now);
  /// Forgets those that wait.
  void clear() { waiting_.clear(); }

  /// How many of those that wait may run, counted up to `enough`.
  [[nodiscard]] std::size_t ready(time_point now, std::size_t enough) const;
  [[nodiscard]] std::size_t running() const noexcept { return running_.size(); }
  /// Why a name still waits: which others hold the threads. Empty when it does not wait.
  [[nodiscard]] std::string why_late(const std::string& host, time_point now) const;

 private:
  struct run {
    std::string host;
    time_point begun;
  };

  [[nodiscard]] bool is_silent(const run& what, time_point now) const;
  [[nodiscard]] std::size_t silent_runs(time_point now) const;
  [[nodiscard]] bool may_run(const std::string& host, std::size_t silent, time_point now) const;
  void remember_silence(const std::string& host);

  const lookup_limits limits_;
  number numbers_ = 0;
  std::deque<lookup> waiting_;
  std::map<number, run> running_;
  std::deque<std::string> silent_names_;  // the last to be silent is the last
};

}  // namespace warmwire::net
