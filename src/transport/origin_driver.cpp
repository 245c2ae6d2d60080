#include "transport/origin_driver.hpp"

#include "transport/exchange.hpp"
#include "transport/transport_core.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <cassert>
#include <exception>
#include <utility>

namespace warmwire::detail {

using connection::clock;

namespace {

/// A waiting request is named by its address: unique while it lives, and found without a table.
pool::request_id id_of(const exchange& who) {
  return pool::request_id{reinterpret_cast<std::uintptr_t>(&who)};
}

exchange& exchange_of(pool::request_id id) {
  return *reinterpret_cast<exchange*>(static_cast<std::uintptr_t>(id));
}

}  // namespace

void lease::give_back(std::optional<close_reason> unfit, const pool::keep_alive_hint& hint) {
  const auto driver = std::exchange(driver_, nullptr);
  const auto connection = std::exchange(connection_, nullptr);
  if (driver) driver->give_back(id_, *connection, unfit, hint);
}

origin_driver::origin_driver(transport_core& core, http::url origin, std::shared_ptr<const provider_config> config,
                             std::shared_ptr<live_count> living)
    : core_(core.shared_from_this()),
      origin_(std::move(origin)),
      living_(std::move(living)),
      config_(std::move(config)),
      decisions_(config_->settings) {}

// For exchanges

void origin_driver::request(exchange& who, pool::freshness wanted) {
  decisions_.request_arrived(id_of(who), wanted, clock::now(), actions_);
  obey();
}

void origin_driver::cancel(exchange& who) {
  decisions_.request_cancelled(id_of(who), clock::now(), actions_);
  obey();
}

void origin_driver::give_back(pool::connection_id id, connection::h1_connection& connection,
                              std::optional<close_reason> unfit, const pool::keep_alive_hint& hint) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return connection.close(net::farewell::silent);  // the pool was aborted meanwhile
  found->second.user = nullptr;
  // Whoever waits gets it at once: what has come since the response ended must not become theirs.
  if (!unfit && (decisions_.counts().pending > 0 || connection.has_buffered())) unfit = connection.probe();
  if (unfit) {
    drop(id, *unfit);
  } else {
    decisions_.heard_from(id, connection.last_activity());
    decisions_.stream_ended(id, hint, clock::now(), actions_);
  }
  obey();
  watch(id);
}

// For the provider's pool

void origin_driver::reconfigure(std::shared_ptr<const provider_config> config) {
  config_ = std::move(config);
  decisions_.reconfigure(config_->settings, clock::now(), actions_);
  obey();
}

std::size_t origin_driver::close_idle() {
  const auto idle = decisions_.counts().idle;
  decisions_.close_idle(clock::now(), actions_);
  obey();
  return idle;
}

void origin_driver::begin_close() {
  decisions_.begin_close(clock::now(), actions_);
  obey();
}

void origin_driver::abort() {
  decisions_.abort(clock::now(), actions_);
  obey();
}

void origin_driver::reopen() {
  decisions_.reopen();
}

void origin_driver::tick(pool::time_point now) {
  decisions_.tick(now, actions_);
  obey();
}

bool origin_driver::is_vacant() const {
  return slots_.empty() && decisions_.counts().pending == 0;
}

pool_snapshot origin_driver::snapshot() const {
  const auto& counts = decisions_.counts();
  pool_snapshot taken;
  taken.origin = origin_.origin();
  taken.max_connections = config_->settings.max_connections;
  taken.active = counts.active;
  taken.idle = counts.idle;
  taken.dialing = counts.connecting;
  taken.pending = counts.pending;
  if (const auto oldest = decisions_.oldest()) {
    taken.oldest_stream_age = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - oldest->since);
    const auto found = slots_.find(oldest->connection);
    if (found != slots_.end() && found->second.user) taken.oldest_stream_tag = found->second.user->tag();
  }
  if (last_dial_error_) taken.last_dial_error = last_dial_error_->to_string();
  return taken;
}

// Obeying

/// Actions may lead to further events: those append, and the outermost call goes on until nothing is left to do.
void origin_driver::obey() {
  if (obeying_) return;
  obeying_ = true;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const pool::action what = actions_[i];
    switch (what.what) {
      case pool::action::kind::use:
        do_use(what);
        break;
      case pool::action::kind::dial:
        do_dial(what);
        break;
      case pool::action::kind::close:
        do_close(what);
        break;
      case pool::action::kind::reject:
        do_reject(what);
        break;
    }
  }
  actions_.clear();
  obeying_ = false;
  if (const auto due = decisions_.next_wakeup()) core_->wake_at(*due);
}

void origin_driver::do_use(const pool::action& what) {
  auto& taken = slots_.at(what.connection);
  if (std::exchange(taken.watched, false)) {
    if (const auto dead = taken.connection->probe()) {
      decisions_.use_refused(what.connection, what.request, *dead, clock::now(), actions_);
      taken.connection->close(net::farewell::announce);
      slots_.erase(what.connection);
      return;
    }
  }
  auto& who = exchange_of(what.request);
  taken.user = &who;
  who.granted(lease(shared_from_this(), what.connection, taken.connection), decisions_.view(what.connection));
}

void origin_driver::do_dial(const pool::action& what) {
  auto signal = std::make_shared<boost::asio::cancellation_signal>();
  slots_[what.connection].dial_cancel = signal;
  boost::asio::co_spawn(core_->executor(), dial(what.connection, signal, living_->token()),
                        boost::asio::bind_cancellation_slot(signal->slot(), [](const std::exception_ptr& thrown) {
                          if (thrown) std::rethrow_exception(thrown);
                        }));
}

void origin_driver::do_close(const pool::action& what) {
  const auto found = slots_.find(what.connection);
  assert(found != slots_.end());
  slot closing = std::move(found->second);
  slots_.erase(found);
  if (closing.dial_cancel) closing.dial_cancel->emit(boost::asio::cancellation_type::terminal);
  if (closing.user) closing.user->interrupt(errc::pool_closed);
  // In a fork the connection still belongs to the parent: not a byte may be written to it.
  const bool forked = core_->is_forked();
  if (closing.connection && (!closing.user || forked)) {
    closing.connection->close(forked ? net::farewell::silent : net::farewell::announce);
  }
}

void origin_driver::do_reject(const pool::action& what) {
  error why;
  why.phase = phase::queue;
  switch (what.why) {
    case pool::reject_reason::overflow:
      why.code = errc::pool_overflow;
      why.pool = snapshot();
      why.message = "the queue is full: " + why.pool->to_string();
      break;
    case pool::reject_reason::acquire_timeout:
      why.code = errc::pool_acquire_timeout;
      why.pool = snapshot();
      why.message = "no connection became free within " + std::to_string(config_->settings.acquire_timeout.count()) +
                    " ms: " + why.pool->to_string();
      break;
    case pool::reject_reason::closed:
      why.code = errc::pool_closed;
      why.message = "the pool was closed";
      break;
    case pool::reject_reason::dial_failed:
      why = *last_dial_error_;
      break;
  }
  exchange_of(what.request).rejected(std::move(why));
}

// Connections

/// `signal` is held for as long as its slot is in use.
boost::asio::awaitable<void> origin_driver::dial(
    pool::connection_id id, [[maybe_unused]] std::shared_ptr<boost::asio::cancellation_signal> signal,
    std::shared_ptr<void> token) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const auto self = shared_from_this();
  auto dialed = co_await net::dial(dial_request());
  const auto found = slots_.find(id);
  if (found == slots_.end()) co_return;  // nobody needs it any more
  found->second.dial_cancel.reset();
  if (!dialed) {
    last_dial_error_ = dialed.error();
    slots_.erase(found);
    decisions_.dial_failed(id, clock::now(), actions_);
    co_return obey();
  }
  last_dial_error_.reset();
  if (dialed->stream.is_tls()) ++(dialed->stream.is_tls_resumed() ? counters_.tls_resumed : counters_.tls_full);
  connection::birth story{core_->next_connection_number(),
                          dialed->remote_address,
                          dialed->stream.is_tls_resumed(),
                          dialed->resolve,
                          dialed->connect,
                          dialed->tls};
  found->second.connection = std::make_shared<connection::h1_connection>(std::move(dialed->stream), std::move(story),
                                                                         core_->buffer(), std::move(token));
  decisions_.dial_succeeded(id, 1, clock::now(), actions_);
  obey();
  watch(id);
}

net::dial_request origin_driver::dial_request() const {
  net::dial_request request;
  request.target = {origin_.host, origin_.port};
  if (origin_.scheme == http::scheme::https) request.tls = config_->tls;
  request.session_key = origin_.origin();
  request.connect_timeout = config_->settings.connect_timeout;
  request.tls_timeout = config_->settings.tls_timeout;
  return request;
}

void origin_driver::watch(pool::connection_id id) {
  const auto found = slots_.find(id);
  if (found == slots_.end() || found->second.user || found->second.watched) return;
  found->second.watched = true;
  found->second.connection->watch_idle([weak = weak_from_this(), id](close_reason reason) {
    if (const auto self = weak.lock()) self->on_idle_end(id, reason);
  });
}

void origin_driver::on_idle_end(pool::connection_id id, close_reason reason) {
  drop(id, reason);
  obey();
}

void origin_driver::drop(pool::connection_id id, close_reason reason) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  const auto how = reason == close_reason::server_close || reason == close_reason::peer_closed_idle
                       ? net::farewell::announce
                       : net::farewell::silent;
  found->second.connection->close(how);
  slots_.erase(found);
  decisions_.connection_lost(id, reason, clock::now(), actions_);
}

}  // namespace warmwire::detail
