// How long the turns of an event loop take: no handler may keep all others waiting, whatever a server sends.
#pragma once

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace warmwire::test {

/// The sanitizers make the same code many times as slow, which says nothing of the code: there the tests look for its
/// other faults, with less to do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

/// A tenth of a second of CPU time.
inline constexpr std::chrono::milliseconds longest_turn_allowed{is_sanitized ? 10'000 : 100};
/// For the worst answers that there are, which take nearly that here, on a machine that is slower by far.
inline constexpr std::chrono::milliseconds longest_worst_turn{is_sanitized ? 10'000 : 400};

/// Runs a loop handler by handler. CPU time of the thread: that others use the machine as well changes nothing.
class turn_watch {
 public:
  explicit turn_watch(boost::asio::io_context& loop) : loop_(loop) {}

  /// Until the loop has nothing left to do, or for so long.
  void run_for(std::chrono::steady_clock::duration limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (auto before = cpu_time(); loop_.run_one_until(end) > 0; ++turns_) {
      const auto now = cpu_time();
      longest_ = std::max(longest_, now - before);
      before = now;
    }
  }

  [[nodiscard]] std::chrono::milliseconds longest() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(longest_);
  }
  [[nodiscard]] std::size_t turns() const noexcept { return turns_; }

 private:
  static std::chrono::nanoseconds cpu_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  }

  boost::asio::io_context& loop_;
  std::chrono::nanoseconds longest_{};
  std::size_t turns_ = 0;
};

}  // namespace warmwire::test
