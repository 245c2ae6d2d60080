#include "client/blocking_state.hpp"
#include "net/signals_blocked.hpp"

#include <unistd.h>

namespace warmwire {

blocking_transport::state::state(transport_options options)
    : process_(::getpid()), keep_running_(context_.get_executor()) {
  transport_.emplace(context_.get_executor(), std::move(options));
}

void blocking_transport::state::start() {
  const net::signals_blocked around;
  thread_ = std::thread([self = shared_from_this()] { self->run(); });
}

/// An exception costs the event that it comes from: whoever waits for that hears of a broken promise, see `wait`.
void blocking_transport::state::run() noexcept {
  while (!context_.stopped()) {
    try {
      context_.run();
    } catch (...) {
      // There is nobody here to tell.
    }
  }
}

void blocking_transport::state::stop() {
  if (is_forked() || !thread_.joinable()) return;
  // The loop ends by itself when the last operation has: the ended transport aborts all of them.
  try {
    boost::asio::post(context_, [this] {
      transport_.reset();
      keep_running_.reset();
    });
  } catch (...) {
    context_.stop();  // for lack of memory: the operations end with the loop, which `this` destroys
  }
  if (std::this_thread::get_id() == thread_.get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

std::optional<error> blocking_transport::state::why_barred() const {
  if (is_forked()) {
    return error{.code = errc::forked,
                 .message = "this process is a fork of the one that made the transport; make one here"};
  }
  if (std::this_thread::get_id() == thread_.get_id()) {
    return error{.code = errc::would_deadlock,
                 .message = "a blocking call from the transport's own thread would wait for itself"};
  }
  return std::nullopt;
}

void blocking_transport::state::drop(std::shared_ptr<void> what) noexcept {
  // A union destroys nothing: what is left in it is kept for good.
  union keeper {
    explicit keeper(std::shared_ptr<void> kept) : what(std::move(kept)) {}
    keeper(const keeper&) = delete;
    keeper& operator=(const keeper&) = delete;
    ~keeper() {}  // NOLINT(modernize-use-equals-default)
    std::shared_ptr<void> what;
  } kept(std::move(what));
  if (is_forked()) return;
  try {
    boost::asio::post(context_, [what = kept.what]() mutable { what.reset(); });
    kept.what.reset();
  } catch (...) {
    // For lack of memory. It must not be destroyed on this thread.
  }
}

error blocking_transport::state::ended() {
  return {.code = errc::pool_closed, .message = "the transport has ended"};
}

bool blocking_transport::state::is_forked() const {
  return ::getpid() != process_;
}

blocking_transport::blocking_transport(transport_options options)
    : state_(std::make_shared<state>(std::move(options))) {
  state_->start();
}

// In a fork the thread does not exist, and the copy of the `shared_ptr` that it held is never released: the state is
// leaked, on purpose. Destroying it would write to sockets that the parent still uses.
blocking_transport::~blocking_transport() {
  state_->stop();
}

result<void> blocking_transport::configure(std::string_view provider, const pool_options& options) {
  return state_->on_thread<void>([&](transport& over) { return over.configure(provider, options); });
}

result<pool_settings> blocking_transport::settings(std::string_view provider) const {
  return state_->on_thread<pool_settings>(
      [&](transport& over) { return result<pool_settings>(over.settings(provider)); });
}

result<response> blocking_transport::send(request message) {
  return state_->wait<response>(
      [&](auto handler) { state_->inner().async_send(std::move(message), std::move(handler)); });
}

result<pool_stats> blocking_transport::stats(std::string_view provider) const {
  return state_->on_thread<pool_stats>([&](transport& over) { return result<pool_stats>(over.stats(provider)); });
}

result<std::vector<pool_stats>> blocking_transport::stats() const {
  return state_->on_thread<std::vector<pool_stats>>(
      [](transport& over) { return result<std::vector<pool_stats>>(over.stats()); });
}

result<std::size_t> blocking_transport::close_idle() {
  return state_->on_thread<std::size_t>([](transport& over) { return result<std::size_t>(over.close_idle()); });
}

result<void> blocking_transport::network_changed() {
  return state_->on_thread<void>([](transport& over) {
    over.network_changed();
    return result<void>();
  });
}

result<void> blocking_transport::prewarm(std::string_view provider, std::string_view url, std::size_t connections) {
  return state_->wait<void>([&](auto handler) {
    state_->inner().async_prewarm(std::string(provider), std::string(url), connections, std::move(handler));
  });
}

result<void> blocking_transport::close(std::string_view provider, std::chrono::milliseconds drain) {
  return state_->wait<void>(
      [&](auto handler) { state_->inner().async_close(std::string(provider), drain, std::move(handler)); });
}

result<void> blocking_transport::close_all(std::chrono::milliseconds drain) {
  return state_->wait<void>([&](auto handler) { state_->inner().async_close_all(drain, std::move(handler)); });
}

}  // namespace warmwire
