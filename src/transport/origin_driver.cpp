#include "transport/origin_driver.hpp"

#include "transport/exchange.hpp"
#include "transport/make_error.hpp"
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

void lease::give_back_unused(std::optional<close_reason> unfit) {
  const auto driver = std::exchange(driver_, nullptr);
  const auto connection = std::exchange(connection_, nullptr);
  if (driver) driver->give_back_unused(id_, *connection, unfit);
}

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

void origin_driver::give_back_unused(pool::connection_id id, connection::h1_connection& connection,
                                     std::optional<close_reason> unfit) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return connection.close(net::farewell::silent);
  found->second.user = nullptr;
  decisions_.use_undone(id);
  take_back(id, unfit, {});
}

void origin_driver::give_back(pool::connection_id id, connection::h1_connection& connection,
                              std::optional<close_reason> unfit, const pool::keep_alive_hint& hint) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return connection.close(net::farewell::silent);  // the pool was aborted meanwhile
  found->second.user = nullptr;
  decisions_.heard_from(id, connection.last_activity());
  if (!unfit && connection.has_buffered()) unfit = connection.probe();
  take_back(id, unfit, hint);
}

void origin_driver::take_back(pool::connection_id id, std::optional<close_reason> unfit,
                              const pool::keep_alive_hint& hint) {
  if (unfit) {
    drop(id, *unfit);
  } else {
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
  // NOLINTNEXTLINE(modernize-loop-convert): the list grows under the loop.
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
  taken.connection->stop_watching();
  auto& who = exchange_of(what.request);
  taken.user = &who;
  who.granted(lease(shared_from_this(), what.connection, taken.connection), decisions_.view(what.connection));
}

void origin_driver::do_dial(const pool::action& what) {
  auto life = std::make_shared<dial_life>();
  life->living = living_->token();
  slots_[what.connection].dial = life;
  // The one exception that comes here is of a dial that was given up before it began: its slot is gone already.
  boost::asio::co_spawn(core_->executor(), dial(shared_from_this(), what.connection, life),
                        boost::asio::bind_cancellation_slot(life->cancel.slot(), [](const std::exception_ptr&) {}));
}

void origin_driver::do_close(const pool::action& what) {
  const auto found = slots_.find(what.connection);
  assert(found != slots_.end());
  slot closing = std::move(found->second);
  slots_.erase(found);
  if (closing.dial) closing.dial->cancel.emit(boost::asio::cancellation_type::terminal);
  if (closing.user) closing.user->interrupt(errc::pool_closed);
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

boost::asio::awaitable<void> origin_driver::dial(std::shared_ptr<origin_driver> self, pool::connection_id id,
                                                 std::shared_ptr<dial_life> life) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  result<net::dialed> dialed = error{};
  try {
    dialed = co_await self->core_->dialer().dial(self->dial_request());
  } catch (const std::exception& thrown) {
    dialed = make_error(errc::connect_failed, phase::connect, std::string("cannot dial: ") + thrown.what());
  }
  self->on_dialed(id, std::move(dialed), std::move(life->living));
}

void origin_driver::on_dialed(pool::connection_id id, result<net::dialed> dialed, std::shared_ptr<void> living) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;  // nobody needs it any more
  found->second.dial.reset();
  if (!dialed) {
    last_dial_error_ = dialed.error();
    slots_.erase(found);
    decisions_.dial_failed(id, clock::now(), actions_);
    return obey();
  }
  last_dial_error_.reset();
  const bool resumed = dialed->stream.is_tls_resumed();
  if (dialed->stream.is_tls()) ++(resumed ? counters_.tls_resumed : counters_.tls_full);
  connection::birth story{
      core_->next_connection_number(), dialed->remote_address, resumed, dialed->resolve, dialed->connect, dialed->tls};
  found->second.connection = std::make_shared<connection::h1_connection>(std::move(dialed->stream), std::move(story),
                                                                         core_->buffer(), std::move(living));
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
  request.connect_stagger = config_->settings.connect_stagger;
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
  if (const auto found = slots_.find(id); found == slots_.end() || found->second.user) return;
  drop(id, reason);
  obey();
}

void origin_driver::drop(pool::connection_id id, close_reason reason) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  const bool in_order = reason == close_reason::server_close || reason == close_reason::peer_closed_idle;
  // In a fork the connection still belongs to the parent: not a byte may be written to it.
  const auto how = in_order && !core_->is_forked() ? net::farewell::announce : net::farewell::silent;
  found->second.connection->close(how);
  slots_.erase(found);
  decisions_.connection_lost(id, reason, clock::now(), actions_);
}

}  // namespace warmwire::detail
