#include "connection/h2_flood_guard.hpp"

#include <algorithm>
#include <chrono>

namespace warmwire::connection {

namespace {

struct allowance {
  double burst;
  double per_second;
  double most_earned;
  std::string_view words;
};

/// Far above what servers do in earnest, and far below what hurts. docs/design.md repeats the numbers.
constexpr std::array<allowance, h2_nuisance_count> allowances = {{
    {20, 1, 20, "more than 20 SETTINGS frames at once or 1 a second"},
    {200, 50, 65'536, "more than 200 PING frames at once or 50 a second"},
    {200, 50, 65'536, "more than 200 empty DATA frames at once or 50 a second"},
    {1000, 100, 1 << 22, "more than 1000 WINDOW_UPDATE frames at once or 100 a second"},
    {1000, 100, 65'536, "more than 1000 frames of no use at once or 100 a second"},
}};

constexpr double window_updates_of_a_byte = 2;
constexpr double window_updates_of_a_request = 4;
constexpr double pings_of_a_data_frame = 1;
constexpr double empty_frames_of_a_data_frame = 1;
constexpr double late_frames_of_a_request = 2;
constexpr double late_frames_of_a_reset = 4;

std::size_t index(h2_nuisance what) noexcept {
  return static_cast<std::size_t>(what);
}

}  // namespace

h2_flood_guard::h2_flood_guard() noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i].tokens = allowances[i].burst;
}

bool h2_flood_guard::allow(h2_nuisance what, pool::time_point now) noexcept {
  auto& [tokens, filled] = buckets_[index(what)];
  const auto& limit = allowances[index(what)];
  if (now > filled) {
    const std::chrono::duration<double> passed = now - filled;
    filled = now;
    // What was earned by sending stays beyond the burst.
    if (tokens < limit.burst) tokens = std::min(limit.burst, tokens + passed.count() * limit.per_second);
  }
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

void h2_flood_guard::sent_data(std::size_t bytes) noexcept {
  earn(h2_nuisance::window_update, static_cast<double>(bytes) * window_updates_of_a_byte);
  earn(h2_nuisance::ping, pings_of_a_data_frame);
}

void h2_flood_guard::got_data() noexcept {
  earn(h2_nuisance::empty_data, empty_frames_of_a_data_frame);
}

void h2_flood_guard::sent_request() noexcept {
  earn(h2_nuisance::window_update, window_updates_of_a_request);
  earn(h2_nuisance::of_no_use, late_frames_of_a_request);
}

void h2_flood_guard::reset_stream() noexcept {
  earn(h2_nuisance::of_no_use, late_frames_of_a_reset);
}

void h2_flood_guard::earn(h2_nuisance what, double tokens) noexcept {
  auto& of = buckets_[index(what)];
  of.tokens = std::min(allowances[index(what)].most_earned, of.tokens + tokens);
}

std::string_view h2_flood_guard::describe(h2_nuisance what) noexcept {
  return allowances[index(what)].words;
}

}  // namespace warmwire::connection
