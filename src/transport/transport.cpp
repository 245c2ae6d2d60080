#include "transport/call_off.hpp"
#include "transport/sending.hpp"
#include "transport/spawn.hpp"
#include "transport/transport_core.hpp"

#include <warmwire/transport.hpp>

#include <boost/asio/dispatch.hpp>

#include <utility>

namespace warmwire {

namespace {

/// Runs a coroutine for a caller's completion handler. The coroutine itself obeys the caller's wish.
void run_task(const detail::transport_core& core, boost::asio::awaitable<result<void>> task,
              detail::completion<void> done) {
  detail::spawn(core.executor(), std::move(task), {},
                [done = std::move(done)](result<void> outcome) mutable { done(std::move(outcome)); });
}

/// Calls `make(core, wish)` on the executor for the coroutine, and runs it.
template <class Make>
void start_task(const std::shared_ptr<detail::transport_core>& core, detail::completion<void> done, Make make) {
  const detail::call_off wish(done.slot());
  boost::asio::dispatch(core->executor(), [core, done = std::move(done), wish, make = std::move(make)]() mutable {
    detail::begin_or_fail(core->executor(), done, [&](const auto& told) { run_task(*core, make(*core, wish), told); });
  });
}

}  // namespace

transport::transport(boost::asio::any_io_executor executor, transport_options options)
    : core_(std::make_shared<detail::transport_core>(std::move(executor), std::move(options))) {}

transport::transport(transport&&) noexcept = default;

transport& transport::operator=(transport&& other) noexcept {
  if (this != &other) {
    if (core_) core_->shut_down();
    core_ = std::move(other.core_);
  }
  return *this;
}

transport::~transport() {
  if (core_) core_->shut_down();
}

result<void> transport::configure(std::string_view provider, const pool_options& options) {
  auto pool = core_->provider(provider);
  if (!pool) return pool.error();
  return (*pool)->configure(options);
}

pool_settings transport::settings(std::string_view provider) const {
  return core_->settings(provider);
}

pool_stats transport::stats(std::string_view provider) const {
  return core_->stats(provider);
}

std::vector<pool_stats> transport::stats() const {
  return core_->stats();
}

std::size_t transport::close_idle() {
  return core_->close_idle();
}

boost::asio::any_io_executor transport::get_executor() const {
  return core_->executor();
}

void transport::start_send(request message, detail::completion<response> done) {
  detail::start_send(core_, std::move(message), std::move(done));
}

void transport::start_open(request message, detail::completion<response_stream> done) {
  detail::start_open(core_, std::move(message), std::move(done));
}

void transport::network_changed() {
  core_->network_changed();
}

void transport::start_prewarm(std::string provider, std::string url, std::size_t connections,
                              detail::completion<void> done) {
  start_task(core_, std::move(done),
             [provider = std::move(provider), url = std::move(url), connections](auto& core, const auto& wish) mutable {
               return core.prewarm(std::move(provider), std::move(url), connections, wish);
             });
}

void transport::start_close(std::string provider, std::chrono::milliseconds drain, detail::completion<void> done) {
  start_task(core_, std::move(done), [provider = std::move(provider), drain](auto& core, const auto& wish) mutable {
    return core.close(std::move(provider), drain, wish);
  });
}

void transport::start_close_all(std::chrono::milliseconds drain, detail::completion<void> done) {
  start_task(core_, std::move(done), [drain](auto& core, const auto& wish) { return core.close_all(drain, wish); });
}

}  // namespace warmwire
