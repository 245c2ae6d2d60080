#include "transport/provider_pool.hpp"

#include "net/tls_context.hpp"
#include "net/tls_files.hpp"
#include "transport/transport_core.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

namespace warmwire::detail {

namespace {

constexpr std::size_t most_memories = 1'024;

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
  sum.replayed_refused += origin.counters().replayed_refused;
  sum.replayed = sum.replayed_unsent + sum.replayed_stale + sum.replayed_refused;
  sum.tls_full += origin.counters().tls_full;
  sum.tls_resumed += origin.counters().tls_resumed;
}

std::optional<std::string> environment(const char* variable) {
  const char* value = ::secure_getenv(variable);
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

/// Holds a password: never shown.
std::string key_of(const http::url& url, const http::proxy* proxy) {
  auto key = url.origin();
  if (proxy != nullptr) key.append(" ").append(proxy->identity().reveal());
  return key;
}

}  // namespace

provider_pool::provider_pool(transport_core& core, std::string id, const pool_settings& settings,
                             std::optional<pool_stats> past)
    : core_(core.shared_from_this()), id_(std::move(id)), past_(std::move(past).value_or(pool_stats{})) {
  past_.provider = id_;
  config_ = std::make_shared<provider_config>(
      provider_config{settings, nullptr, 0, http::proxy_rules::make(settings.proxy, environment).value()});
}

result<void> provider_pool::configure(const pool_options& options) {
  auto merged = merge(config_->settings, options);
  if (!merged) return merged.error();
  auto proxies = http::proxy_rules::make(merged->proxy, environment);
  if (!proxies) return proxies.error();
  const auto files = net::state_of_tls_files(merged->tls);
  const bool same_files = !config_->tls || files == config_->tls_files;
  const bool same_identity = merged->tls == config_->settings.tls && same_files;
  auto next = std::make_shared<provider_config>(
      provider_config{*merged, same_identity ? config_->tls : nullptr, files, std::move(*proxies)});
  if (!same_identity) {
    // Made at once: whoever names a file that cannot be read hears it here, not at the first request.
    auto tls = net::tls_context::make(next->settings.tls);
    if (!tls) return tls.error();
    next->tls = *tls;
  }
  auto used = use(std::move(next));
  if (used) is_configured_ = true;
  return used;
}

/// All origins or, when the way to one cannot be told, none.
result<void> provider_pool::use(std::shared_ptr<const provider_config> config) {
  struct change {
    std::shared_ptr<origin_driver> origin;
    std::shared_ptr<const http::proxy> proxy;
  };
  std::vector<change> changes;
  decltype(origins_) renamed;
  for (const auto& [name, origin] : origins_) {
    auto proxy = config->proxies.proxy_for(origin->url());
    if (!proxy) return proxy.error();
    renamed.emplace(key_of(origin->url(), proxy->get()), origin);
    changes.push_back({origin, std::move(*proxy)});
  }
  config_ = std::move(config);
  origins_ = std::move(renamed);
  for (auto& each : changes)
    each.origin->reconfigure(config_, std::move(each.proxy));
  return {};
}

result<void> provider_pool::make_tls() {
  const auto files = net::state_of_tls_files(config_->settings.tls);
  auto tls = net::tls_context::make(config_->settings.tls);
  if (!tls) return tls.error();
  return use(std::make_shared<provider_config>(provider_config{config_->settings, *tls, files, config_->proxies}));
}

result<std::shared_ptr<origin_driver>> provider_pool::origin(const http::url& url) {
  last_used_ = pool::time_point::clock::now();
  if (closing_ > 0) {
    ++past_.rejected;
    error reason;
    reason.code = errc::pool_closed;
    reason.phase = phase::queue;
    reason.message = "the pool of provider " + id_ + " is being closed";
    return reason;
  }
  auto proxy = config_->proxies.proxy_for(url);
  if (!proxy) return proxy.error();
  const bool speaks_tls =
      url.scheme == http::scheme::https || (*proxy && (*proxy)->scheme == http::proxy_scheme::https);
  if (speaks_tls && !config_->tls) {
    if (auto made = make_tls(); !made) return made.error();
  }
  const auto key = key_of(url, proxy->get());
  if (const auto found = origins_.find(key); found != origins_.end()) return found->second;
  // Made before it has its place: memory may not suffice for it.
  const auto known = memories_.find(key);
  auto made = std::make_shared<origin_driver>(
      *core_, origin_driver::parts{url, config_, std::move(*proxy), living_,
                                   known == memories_.end() ? pool::origin_memory{} : known->second});
  origins_.emplace(key, made);
  return made;
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

void provider_pool::network_changed() {
  for (const auto& [name, origin] : origins_)
    origin->network_changed();
}

bool provider_pool::is_unused_since(pool::time_point when) {
  if (is_configured_ || closing_ > 0 || last_used_ > when) return false;
  forget_vacant();
  return origins_.empty() && living_->is_zero();
}

void provider_pool::slept(pool::duration asleep) {
  last_used_ -= asleep;
  for (const auto& [name, origin] : origins_)
    origin->slept(asleep);
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
    // Whoever holds it may be about to send a request again.
    if (entry.second.use_count() > 1 || !entry.second->is_vacant()) return false;
    add(past_, *entry.second);
    remember(entry.first, *entry.second);
    return true;
  });
}

/// What an origin has taught is worth more than its connections: a cold burst dials what it needs and no more.
void provider_pool::remember(const std::string& name, const origin_driver& origin) {
  if (memories_.size() >= most_memories && !memories_.contains(name)) memories_.erase(memories_.begin());
  memories_[name] = origin.memory();
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
