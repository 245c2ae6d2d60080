#include "transport/provider_pool.hpp"

#include "net/tls_context.hpp"
#include "transport/transport_core.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::detail {

namespace {

void add(pool_stats& sum, const origin_driver& origin) {
  const auto& counts = origin.counts();
  sum.requests += counts.requests;
  sum.opened += counts.opened;
  sum.reused += counts.reused;
  sum.rejected += counts.rejected;
  sum.timed_out += counts.timed_out;
  sum.dial_failures += counts.dial_failures;
  sum.peak_pending = std::max<std::uint64_t>(sum.peak_pending, counts.peak_pending);
  for (std::size_t i = 0; i < close_reason_count; ++i)
    sum.closed[i] += counts.closed[i];
  sum.replayed_unsent += origin.counters().replayed_unsent;
  sum.replayed_stale += origin.counters().replayed_stale;
  sum.replayed = sum.replayed_unsent + sum.replayed_stale;
  sum.tls_full += origin.counters().tls_full;
  sum.tls_resumed += origin.counters().tls_resumed;
}

}  // namespace

provider_pool::provider_pool(transport_core& core, std::string id, const pool_settings& settings)
    : core_(core.shared_from_this()), id_(std::move(id)) {
  past_.provider = id_;
  config_ = std::make_shared<provider_config>(provider_config{settings, nullptr});
}

result<void> provider_pool::configure(const pool_options& options) {
  auto merged = merge(config_->settings, options);
  if (!merged) return merged.error();
  const bool same_identity = merged->tls == config_->settings.tls;
  auto next = std::make_shared<provider_config>(provider_config{*merged, same_identity ? config_->tls : nullptr});
  if (!same_identity) {
    // Made at once: whoever names a file that cannot be read hears it here, not at the first request.
    auto tls = net::tls_context::make(next->settings.tls);
    if (!tls) return tls.error();
    next->tls = *tls;
  }
  config_ = std::move(next);
  for (const auto& [name, origin] : origins_)
    origin->reconfigure(config_);
  return {};
}

result<void> provider_pool::make_tls() {
  auto tls = net::tls_context::make(config_->settings.tls);
  if (!tls) return tls.error();
  config_ = std::make_shared<provider_config>(provider_config{config_->settings, *tls});
  for (const auto& [name, origin] : origins_)
    origin->reconfigure(config_);
  return {};
}

result<std::shared_ptr<origin_driver>> provider_pool::origin(const http::url& url) {
  if (closing_ > 0) {
    ++past_.rejected;
    error reason;
    reason.code = errc::pool_closed;
    reason.phase = phase::queue;
    reason.message = "the pool of provider " + id_ + " is being closed";
    return reason;
  }
  if (url.scheme == http::scheme::https && !config_->tls) {
    if (auto made = make_tls(); !made) return made.error();
  }
  auto& origin = origins_[url.origin()];
  if (!origin) origin = std::make_shared<origin_driver>(*core_, url, config_, living_);
  return origin;
}

pool_stats provider_pool::stats() const {
  pool_stats sum = past_;
  for (const auto& [name, origin] : origins_) {
    const auto& counts = origin->counts();
    sum.active += counts.active;
    sum.streams += counts.streams;
    sum.idle += counts.idle;
    sum.connecting += counts.connecting;
    sum.pending += counts.pending;
    add(sum, *origin);
  }
  return sum;
}

std::size_t provider_pool::close_idle() {
  std::size_t closed = 0;
  for (const auto& [name, origin] : origins_)
    closed += origin->close_idle();
  return closed;
}

void provider_pool::begin_close() {
  ++closing_;
  for (const auto& [name, origin] : origins_)
    origin->begin_close();
}

boost::asio::awaitable<void> provider_pool::finish_close(std::shared_ptr<const pool::time_point> due) {
  const auto self = shared_from_this();
  co_await wait_until_empty(std::move(due));
  for (const auto& [name, origin] : origins_)
    origin->abort();
  co_await wait_until_empty(std::make_shared<const pool::time_point>(pool::time_point::max()));
  if (--closing_ > 0) co_return;
  for (const auto& [name, origin] : origins_)
    origin->reopen();
  forget_vacant();
}

boost::asio::awaitable<void> provider_pool::wait_until_empty(std::shared_ptr<const pool::time_point> limit) {
  live_count::waiter waiting(living_, core_->executor());
  while (!living_->is_zero() && pool::time_point::clock::now() < *limit)
    co_await waiting.wait_until(*limit);
}

void provider_pool::abort() {
  ++closing_;
  for (const auto& [name, origin] : std::exchange(origins_, {})) {
    origin->begin_close();
    origin->abort();
  }
}

void provider_pool::tick(pool::time_point now) {
  for (const auto& [name, origin] : origins_)
    origin->tick(now);
  if (closing_ == 0) forget_vacant();
}

/// An origin without connections or requests is only figures: keep those.
void provider_pool::forget_vacant() {
  std::erase_if(origins_, [this](const auto& entry) {
    if (!entry.second->is_vacant()) return false;
    add(past_, *entry.second);
    return true;
  });
}

std::optional<pool::time_point> provider_pool::next_wakeup() const {
  std::optional<pool::time_point> due;
  for (const auto& [name, origin] : origins_) {
    const auto wanted = origin->next_wakeup();
    if (wanted && (!due || *wanted < *due)) due = wanted;
  }
  return due;
}

}  // namespace warmwire::detail
