#include "transport/sending.hpp"
#include "transport/transport_core.hpp"

#include <warmwire/transport.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>

#include <exception>
#include <utility>

namespace warmwire {

namespace {

/// Runs a coroutine for a caller's completion handler. The coroutine itself obeys the caller's cancellation.
void run_task(const detail::transport_core& core, boost::asio::awaitable<result<void>> task,
              detail::completion<void> done) {
  boost::asio::co_spawn(core.executor(), std::move(task),
                        [done = std::move(done)](const std::exception_ptr& thrown, result<void> outcome) mutable {
                          if (thrown) std::rethrow_exception(thrown);
                          done(std::move(outcome));
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
  boost::asio::dispatch(core_->executor(), [core = core_, provider = std::move(provider), url = std::move(url),
                                            connections, done = std::move(done)]() mutable {
    auto slot = done.slot();
    run_task(*core, core->prewarm(std::move(provider), std::move(url), connections, slot), std::move(done));
  });
}

void transport::start_close(std::string provider, std::chrono::milliseconds drain, detail::completion<void> done) {
  boost::asio::dispatch(core_->executor(),
                        [core = core_, provider = std::move(provider), drain, done = std::move(done)]() mutable {
                          auto slot = done.slot();
                          run_task(*core, core->close(std::move(provider), drain, slot), std::move(done));
                        });
}

void transport::start_close_all(std::chrono::milliseconds drain, detail::completion<void> done) {
  boost::asio::dispatch(core_->executor(), [core = core_, drain, done = std::move(done)]() mutable {
    auto slot = done.slot();
    run_task(*core, core->close_all(drain, slot), std::move(done));
  });
}

}  // namespace warmwire
