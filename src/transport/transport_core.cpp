#include "transport/transport_core.hpp"

#include "http/url.hpp"
#include "providers/defaults.hpp"
#include "text/printable.hpp"
#include "transport/make_error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace warmwire::detail {

namespace {

constexpr std::chrono::hours longest_drain{24};
/// Origins that were warned of: so many that a program which asks thousands of hosts hears of each but seldom twice.
constexpr std::size_t most_warned = 1024;
constexpr std::size_t read_size = std::size_t{64} << 10;

/// After such a silence a pool that nobody has configured is forgotten; looked for as often as that.
constexpr std::chrono::minutes long_silence{10};
constexpr std::chrono::minutes between_forgettings{1};

void write_to_standard_error(std::string_view line) {
  std::string text(line);
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string_view read_variable(const char* name) {
  const char* value = ::secure_getenv(name);
  return value != nullptr ? value : "";
}

bool is_id(std::string_view text) {
  return !text.empty() && text.find(' ') == std::string_view::npos && text::printable(text, text.size() + 1) == text;
}

std::chrono::nanoseconds since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

error invalid_provider() {
  error reason;
  reason.code = errc::invalid_option;
  reason.message =
      "provider is not an id; it must be at least one character, none of them a space or control character";
  return reason;
}

listeners take_listeners(transport_options& options) {
  listeners made{.log = std::exchange(options.log, nullptr),
                 .on_warning = std::exchange(options.on_warning, nullptr),
                 .on_long_lease = std::exchange(options.on_long_lease, nullptr)};
  const auto debug = read_variable("DEBUG_CONNECTIONS");
  if (debug == "paths") options.log_paths = true;
  if (!made.log && !debug.empty()) made.log = write_to_standard_error;
  return made;
}

net::dialer_options checked(const transport_options& options) {
  net::check(options.dns).value();
  return {.dns = options.dns, .resolve = options.resolver};
}

}  // namespace

transport_core::transport_core(boost::asio::any_io_executor executor, transport_options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      reports_(std::make_shared<reports>(executor_, take_listeners(options_))),
      dialer_(executor_, checked(options_)),
      buffer_(std::make_shared<connection::read_buffer>(read_size)),
      timer_(executor_),
      sleep_(connection::clock::now(), boot_time()),
      next_forgetting_(connection::clock::now() + between_forgettings) {
  (void)merge(pool_settings{}, options_.defaults).value();
}

result<provider_pool*> transport_core::provider(std::string_view id) {
  if (const auto found = providers_.find(id); found != providers_.end()) return found->second.get();
  if (!is_id(id)) return invalid_provider();
  forget_unused();
  auto made = std::make_shared<provider_pool>(*this, std::string(id), settings(id), past_.take(id));
  return providers_.emplace(std::string(id), std::move(made)).first->second.get();
}

const provider_pool* transport_core::find(std::string_view id) const {
  const auto found = providers_.find(id);
  return found == providers_.end() ? nullptr : found->second.get();
}

pool_settings transport_core::settings(std::string_view id) const {
  if (const auto* pool = find(id)) return pool->config()->settings;
  return merge(providers::default_settings(id), options_.defaults).value();
}

std::vector<pool_stats> transport_core::stats() const {
  std::vector<pool_stats> all;
  all.reserve(providers_.size() + past_.size());
  for (const auto& [id, pool] : providers_)
    all.push_back(pool->stats());
  past_.append_to(all);
  std::ranges::sort(all, {}, &pool_stats::provider);
  return all;
}

pool_stats transport_core::stats(std::string_view id) const {
  if (const auto* pool = find(id)) return pool->stats();
  if (const auto* past = past_.find(id)) return *past;
  pool_stats unused;
  unused.provider = id;
  return unused;
}

void transport_core::forget_if_unused(const provider_pool& pool) {
  const auto found = providers_.find(pool.id());
  if (found == providers_.end() || found->second.get() != &pool) return;
  if (!found->second->is_unused_since(pool::time_point::max())) return;
  past_.keep(found->second->stats());
  providers_.erase(found);
}

void transport_core::forget_unused() {
  const auto now = connection::clock::now();
  if (now < next_forgetting_) return;
  next_forgetting_ = now + between_forgettings;
  std::erase_if(providers_, [&](const auto& each) {
    if (!each.second->is_unused_since(now - long_silence)) return false;
    past_.keep(each.second->stats());
    return true;
  });
  std::erase_if(budgets_, [now](const auto& each) { return each.second.is_as_new(now); });
}

std::size_t transport_core::close_idle() {
  std::size_t closed = 0;
  for (const auto& [id, pool] : providers_)
    closed += pool->close_idle();
  return closed;
}

boost::asio::awaitable<result<void>> transport_core::prewarm(std::string id, std::string url, std::size_t connections,
                                                             call_off wish) {
  if (is_forked()) co_return make_error(errc::forked, phase::none, "this process is a fork of the pool's owner");
  if (shut_down_) co_return make_error(errc::pool_closed, phase::none, "the transport is gone");
  const auto where = http::parse_url(url);
  if (!where) co_return where.error();
  const auto pool = provider(id);
  if (!pool) co_return pool.error();
  const auto origin = (*pool)->origin(*where);
  if (!origin) co_return origin.error();
  const auto living = (*pool)->living_token();
  const auto what = std::make_shared<origin_driver::prewarming>();
  what->connections = connections;
  wish.listen([weak = std::weak_ptr(what)] {
    const auto running = weak.lock();
    if (!running) return;
    running->is_called_off = true;
    running->wake.fire();
  });
  auto outcome = co_await (*origin)->prewarm(what);
  wish.end();
  co_return outcome;
}

boost::asio::awaitable<result<void>> transport_core::close(std::string id, std::chrono::milliseconds drain,
                                                           call_off wish) {
  std::vector<std::shared_ptr<provider_pool>> closing;
  if (const auto found = providers_.find(id); found != providers_.end()) closing.push_back(found->second);
  return close_pools(std::move(closing), drain, std::move(wish));
}

boost::asio::awaitable<result<void>> transport_core::close_all(std::chrono::milliseconds drain, call_off wish) {
  std::vector<std::shared_ptr<provider_pool>> closing;
  for (const auto& [id, pool] : providers_)
    closing.push_back(pool);
  return close_pools(std::move(closing), drain, std::move(wish));
}

boost::asio::awaitable<result<void>> transport_core::close_pools(std::vector<std::shared_ptr<provider_pool>> closing,
                                                                 std::chrono::milliseconds drain, call_off wish) {
  const auto self = shared_from_this();
  const auto pools = std::make_shared<const std::vector<std::shared_ptr<provider_pool>>>(std::move(closing));
  const auto bounded = std::clamp<std::chrono::milliseconds>(drain, std::chrono::milliseconds(0), longest_drain);
  const auto due = std::make_shared<pool::time_point>(connection::clock::now() + bounded);
  wish.listen([due, weak = std::weak_ptr(pools)] {
    const auto hurried = weak.lock();
    if (!hurried) return;
    *due = connection::clock::now();
    for (const auto& pool : *hurried)
      pool->hurry();
  });
  for (const auto& pool : *pools)
    pool->begin_close();
  for (const auto& pool : *pools)
    co_await pool->finish_close(due);
  for (const auto& pool : *pools)
    forget_if_unused(*pool);
  wish.end();
  rearm();
  co_return result<void>();
}

void transport_core::shut_down() {
  shut_down_ = true;
  for (const auto& [id, pool] : std::exchange(providers_, {}))
    pool->abort();
  dialer_.shut_down();
  armed_for_.reset();
  timer_.cancel();
}

void transport_core::wake_at(pool::time_point when) noexcept {
  if (shut_down_ || (armed_for_ && *armed_for_ <= when)) return;
  armed_for_.reset();
  try {
    timer_.expires_at(when);
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
      const auto self = weak.lock();
      if (!ec && self) self->on_timer();
    });
    armed_for_ = when;
  } catch (...) {
    // For lack of memory. Whatever happens next asks again.
  }
}

/// A clock that fails tells of no sleep.
std::chrono::nanoseconds transport_core::boot_time() const noexcept {
  try {
    if (options_.boot_clock) return options_.boot_clock();
  } catch (...) {
    return {};
  }
  return since_boot();
}

void transport_core::notice_sleep() {
  const auto asleep = sleep_.slept_since(connection::clock::now(), boot_time());
  if (asleep == pool::duration::zero()) return;
  for (const auto& [id, pool] : providers_)
    pool->slept(asleep);
  next_forgetting_ -= asleep;
}

void transport_core::network_changed() {
  dialer_.network_changed();
  for (const auto& [id, pool] : providers_)
    pool->network_changed();
}

void transport_core::remind(pool::deadline& what, pool::time_point when) {
  what.is_pending() ? deadlines_.move(what, when) : deadlines_.add(what, when);
  wake_at(when);
}

void transport_core::forget(pool::deadline& what) {
  deadlines_.remove(what);
}

void transport_core::on_settled() {
  if (deadlines_.size() == 0) rearm();
}

void transport_core::on_timer() {
  armed_for_.reset();
  try {
    look_at_all_that_is_due();
  } catch (...) {
    // For lack of memory. What was not looked at stays due.
  }
  rearm();
}

void transport_core::look_at_all_that_is_due() {
  notice_sleep();
  const auto now = connection::clock::now();
  deadlines_.expire(now);
  for (const auto& [id, pool] : providers_)
    pool->tick(now);
  forget_unused();
}

/// With nothing due there is no timer, so that an idle event loop may end.
void transport_core::rearm() {
  if (shut_down_) return;
  auto due = deadlines_.next();
  for (const auto& [id, pool] : providers_) {
    const auto wanted = pool->next_wakeup();
    if (wanted && (!due || *wanted < *due)) due = wanted;
  }
  if (due) return wake_at(*due);
  armed_for_.reset();
  timer_.cancel();
}

void transport_core::warn_of_plain_credential(const http::url& to) {
  if (!reports_->hears_warnings()) return;
  if (warned_of_.size() >= most_warned) warned_of_.clear();
  if (!warned_of_.insert(to.origin()).second) return;
  reports_->warn("a credential goes to " + to.origin() + " in the clear: whoever is on the way can read it");
}

}  // namespace warmwire::detail
