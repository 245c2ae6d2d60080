// Jittered exponential back-off.
#include "pool/dial_backoff.hpp"

#include <algorithm>

namespace warmwire::pool {
namespace {

constexpr double spread_part = 0.2;

duration doubled(duration span, std::uint32_t times, duration most) {
  for (; times > 0 && span < most; --times) {
    span *= 2;
  }
  return std::min(span, most);
}

}  // namespace

void dial_backoff::failed(std::uint64_t round, const bounds& limits, time_point now) {
  if (round == round_) {
    ++round_;
    ++failures_;
  }
  const std::uint32_t doublings = failures_ > 0 ? failures_ - 1 : 0;
  const time_point until = now + spread(doubled(limits.min, doublings, limits.max), spread_part, jitter_.next());
  until_ = is_waiting_ ? std::max(until_, until) : until;
  is_waiting_ = true;
}

void dial_backoff::succeeded() noexcept {
  failures_ = 0;
  is_waiting_ = false;
}

void dial_backoff::pass(time_point now) noexcept {
  if (is_waiting_ && until_ <= now) {
    is_waiting_ = false;
  }
}

void dial_backoff::advance(duration asleep) noexcept {
  until_ -= asleep;
}

}  // namespace warmwire::pool
