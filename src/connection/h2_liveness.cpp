#include "connection/h2_liveness.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::connection {

namespace {

constexpr int round_trips_of_patience = 4;
constexpr int jitter_percent = 10;

/// Steele, Lea and Flood's SplitMix64.
std::uint64_t next_random(std::uint64_t& state) noexcept {
  std::uint64_t mixed = state += 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

}  // namespace

h2_liveness::h2_liveness(const liveness_settings& settings, pool::time_point born)
    : settings_(settings), random_(settings.seed), last_heard_(born) {
  draw_silence();
}

/// Connections that were opened together are not to ping together.
void h2_liveness::draw_silence() noexcept {
  constexpr int steps = 1000;
  const auto step = static_cast<int>(next_random(random_) % (2 * steps + 1)) - steps;
  silence_ = settings_.ping_after + settings_.ping_after / (100 / jitter_percent) / steps * step;
}

void h2_liveness::heard(pool::time_point now) noexcept {
  last_heard_ = std::max(last_heard_, now);
}

void h2_liveness::check_out(pool::time_point now) noexcept {
  if (now - last_heard_ >= settings_.ping_at_checkout_after) suspect();
}

void h2_liveness::suspect() noexcept {
  if (!is_pinged_) is_asked_ = true;  // else the answer that is due will do
}

void h2_liveness::pinged(pool::time_point now) noexcept {
  if (!std::exchange(is_pinged_, true)) last_ping_ = now;
  is_asked_ = false;
}

void h2_liveness::pong(pool::time_point now, pool::duration round_trip) noexcept {
  heard(now);
  is_pinged_ = false;
  smoothed_ = smoothed_ ? *smoothed_ + (round_trip - *smoothed_) / 8 : round_trip;
  draw_silence();
}

pool::time_point h2_liveness::dies_at() const noexcept {
  const auto answer_may_take =
      std::max(settings_.ping_timeout, smoothed_.value_or(pool::duration{}) * round_trips_of_patience);
  return std::max(last_ping_, last_heard_) + answer_may_take;
}

bool h2_liveness::wants_ping(pool::time_point now) const noexcept {
  if (is_pinged_) return false;
  return is_asked_ || (has_streams_ && now - last_heard_ >= silence_);
}

bool h2_liveness::is_dead(pool::time_point now) const noexcept {
  return is_pinged_ && now >= dies_at();
}

std::optional<pool::time_point> h2_liveness::next_wakeup() const noexcept {
  if (is_pinged_) return dies_at();
  if (is_asked_) return last_heard_;
  if (has_streams_) return last_heard_ + silence_;
  return std::nullopt;
}

}  // namespace warmwire::connection
