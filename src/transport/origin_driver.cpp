#include "transport/origin_driver.hpp"

#include "transport/exchange.hpp"
#include "transport/make_error.hpp"
#include "transport/spawn.hpp"
#include "transport/transport_core.hpp"

#include <algorithm>
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

/// HTTP/2 comes by ALPN, so over TLS, or because the user knows better.
pool::origin_traits traits_of(const http::url& origin, const pool_settings& settings, std::uint64_t seed,
                              pool::origin_memory memory) {
  const bool is_tls = origin.scheme == http::scheme::https;
  if (settings.protocol == http_protocol::http2) memory.is_multiplexed = true;
  const bool may_multiplex =
      settings.protocol == http_protocol::http2 || (settings.protocol == http_protocol::automatic && is_tls);
  return {.may_multiplex = may_multiplex, .seed = seed, .memory = memory};
}

}  // namespace

void lease::give_back_unused(std::optional<close_reason> unfit) {
  const auto driver = std::exchange(driver_, nullptr);
  const auto connection = std::exchange(connection_, nullptr);
  const auto stream = std::exchange(stream_, nullptr);
  if (driver) driver->give_back_unused({id_, holder_, *connection}, unfit);
}

void lease::give_back(const connection::ending& how, const pool::keep_alive_hint& hint) {
  const auto driver = std::exchange(driver_, nullptr);
  const auto connection = std::exchange(connection_, nullptr);
  const auto stream = std::exchange(stream_, nullptr);
  if (driver) driver->give_back({id_, holder_, *connection}, how, hint);
}

origin_driver::origin_driver(transport_core& core, parts made_of)
    : core_(core.shared_from_this()),
      origin_(std::move(made_of.origin)),
      living_(std::move(made_of.living)),
      config_(std::move(made_of.config)),
      proxy_(std::move(made_of.proxy)),
      decisions_(config_->settings, traits_of(origin_, config_->settings, core_->next_seed(), made_of.memory)) {}

// For exchanges

void origin_driver::request(exchange& who, pool::freshness wanted) {
  decisions_.request_arrived(id_of(who), wanted, clock::now(), actions_);
  obey();
}

void origin_driver::cancel(exchange& who) {
  decisions_.request_cancelled(id_of(who), clock::now(), actions_);
  obey();
}

origin_driver::slot* origin_driver::take_back(const returned& what) {
  const auto found = slots_.find(what.id);
  if (found == slots_.end()) {
    what.connection.close(net::farewell::silent);
    return nullptr;
  }
  auto& users = found->second.users;
  users.erase(std::find(users.begin(), users.end(), what.holder));
  return &found->second;
}

void origin_driver::give_back_unused(const returned& what, std::optional<close_reason> unfit) {
  if (!take_back(what)) return;
  decisions_.use_undone(what.id);
  if (unfit) {
    drop(what.id, *unfit);
  } else {
    decisions_.stream_ended(what.id, {}, clock::now(), actions_);
  }
  obey();
  watch(what.id);
}

void origin_driver::give_back(const returned& what, const connection::ending& how, const pool::keep_alive_hint& hint) {
  if (!take_back(what)) return;
  decisions_.heard_from(what.id, what.connection.last_heard());
  if (how.unfit) {
    drop(what.id, *how.unfit);
  } else if (how.was_refused) {
    decisions_.stream_refused(what.id, clock::now(), actions_);
  } else if (!how.is_held) {
    decisions_.stream_ended(what.id, hint, clock::now(), actions_);
  }
  obey();
  watch(what.id);
}

// For the provider's pool

void origin_driver::reconfigure(std::shared_ptr<const provider_config> config,
                                std::shared_ptr<const http::proxy> proxy) {
  const bool uses_tls =
      origin_.scheme == http::scheme::https || (proxy_ && proxy_->scheme == http::proxy_scheme::https);
  const bool same_files = config_->tls == config->tls || !config_->tls || config_->settings.tls != config->settings.tls;
  config_ = std::move(config);
  if (uses_tls && !same_files) decisions_.rerouted(clock::now(), actions_);
  const bool same_way = proxy_ == proxy || (proxy_ && proxy && *proxy_ == *proxy);
  if (!same_way) {
    proxy_ = std::move(proxy);
    decisions_.rerouted(clock::now(), actions_);
  }
  decisions_.reconfigure(config_->settings, clock::now(), actions_);
  obey();
}

std::size_t origin_driver::close_idle() {
  const auto idle = decisions_.counts().idle;
  decisions_.close_idle(clock::now(), actions_);
  obey();
  return idle;
}

void origin_driver::network_changed() {
  decisions_.network_changed(clock::now(), actions_);
  obey();
}

void origin_driver::slept(pool::duration asleep) {
  decisions_.slept(asleep, clock::now(), actions_);
  obey();
}

boost::asio::awaitable<result<void>> origin_driver::prewarm(std::shared_ptr<prewarming> what) {
  const auto self = shared_from_this();
  // However the coroutine ends.
  const auto listed =
      std::shared_ptr<void>(nullptr, [this, one = what.get()](void*) { std::erase(prewarmings_, one); });
  prewarmings_.push_back(what.get());
  decisions_.prewarm(what->connections, clock::now(), actions_);
  obey();
  while (settled() < what->connections && !what->is_called_off && !what->is_closed && is_warming())
    co_await what->wake.sleep();
  if (what->is_called_off) co_return make_error(errc::cancelled, phase::none, "the caller cancelled the prewarming");
  if (what->is_closed) co_return make_error(errc::pool_closed, phase::none, "the pool was closed");
  if (settled() < what->connections) co_return why_not_warm();
  co_return result<void>();
}

/// Something is still under way that may become a connection to use.
bool origin_driver::is_warming() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& each) { return !each.second.is_settled; });
}

std::size_t origin_driver::settled() const {
  return static_cast<std::size_t>(
      std::count_if(slots_.begin(), slots_.end(), [](const auto& each) { return each.second.is_settled; }));
}

error origin_driver::why_not_warm() const {
  if (last_dial_error_) return *last_dial_error_;
  const auto have = std::to_string(settled());
  return make_error(errc::pool_overflow, phase::queue,
                    "the pool's limits allow no more than the " + have + " connections that it has");
}

void origin_driver::begin_close() {
  for (auto* each : prewarmings_)
    each->is_closed = true;
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
  return slots_.empty() && decisions_.counts().pending == 0 && !decisions_.next_wakeup();
}

pool_snapshot origin_driver::snapshot() const {
  const auto& counts = decisions_.counts();
  pool_snapshot taken;
  taken.origin = origin_.origin();
  taken.max_connections = decisions_.connection_limit();
  taken.active = counts.active;
  taken.idle = counts.idle;
  taken.dialing = counts.connecting;
  taken.pending = counts.pending;
  if (const auto oldest = decisions_.oldest()) {
    taken.oldest_stream_age = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - oldest->since);
    const auto found = slots_.find(oldest->connection);
    if (found != slots_.end() && !found->second.users.empty()) {
      taken.oldest_stream_tag = found->second.users.front()->tag();
    }
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
    try {
      carry_out(what);
    } catch (...) {
      // What an action fails with, such as for lack of memory, must not keep the others from being carried out.
      on_failed(what, std::current_exception());
    }
  }
  actions_.clear();
  obeying_ = false;
  for (auto* each : prewarmings_)
    each->wake.fire();
  if (const auto due = decisions_.next_wakeup()) core_->wake_at(*due);
}

void origin_driver::carry_out(const pool::action& what) {
  switch (what.what) {
    case pool::action::kind::use:
      return do_use(what);
    case pool::action::kind::dial:
      return do_dial(what);
    case pool::action::kind::close:
      return do_close(what);
    case pool::action::kind::reject:
      return do_reject(what);
  }
}

void origin_driver::on_failed(const pool::action& what, const std::exception_ptr& thrown) noexcept {
  switch (what.what) {
    case pool::action::kind::use:
    case pool::action::kind::reject:
      return exchange_of(what.request).not_granted(thrown);
    case pool::action::kind::dial:
      return dial_ended_by(what.connection, thrown);
    case pool::action::kind::close:
      return;
  }
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
  who.granted(make_lease(what.connection, taken, who), decisions_.view(what.connection));
}

lease origin_driver::make_lease(pool::connection_id id, slot& of, exchange& who) {
  try {
    of.connection->check_out();
    of.users.push_back(&who);
    return {shared_from_this(), id, who, of.connection};
  } catch (...) {
    std::erase(of.users, &who);
    decisions_.use_undone(id);
    decisions_.stream_ended(id, {}, clock::now(), actions_);
    throw;
  }
}

void origin_driver::do_dial(const pool::action& what) {
  const auto stop = std::make_shared<coroutine_stop>();
  slots_[what.connection].dial = stop;
  auto ended = [self = shared_from_this(), id = what.connection](const std::exception_ptr& thrown) {
    if (thrown) self->dial_ended_by(id, thrown);
  };
  spawn_stoppable(core_->executor(), dial(shared_from_this(), what.connection, living_->token()), stop,
                  std::move(ended));
}

void origin_driver::do_close(const pool::action& what) {
  const auto found = slots_.find(what.connection);
  assert(found != slots_.end());
  slot closing = std::move(found->second);
  slots_.erase(found);
  if (closing.dial) closing.dial->emit(boost::asio::cancellation_type::terminal);
  const bool was_used = !closing.users.empty();
  for (auto* user : closing.users)
    user->interrupt(errc::pool_closed);
  const bool forked = core_->is_forked();
  if (closing.connection && (!was_used || forked)) {
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

void origin_driver::watch(pool::connection_id id) {
  const auto found = slots_.find(id);
  if (found == slots_.end() || !found->second.users.empty() || found->second.watched) return;
  found->second.watched = true;
  found->second.connection->watch();
}

// What connections tell

void origin_driver::on_ended(pool::connection_id which, close_reason reason) {
  drop(which, reason);
  obey();
}

void origin_driver::on_stream_limit(pool::connection_id which, std::size_t streams) {
  const auto found = slots_.find(which);
  if (found == slots_.end()) return;
  found->second.is_settled = true;
  decisions_.heard_from(which, found->second.connection->last_heard());
  decisions_.stream_limit_changed(which, streams, clock::now(), actions_);
  obey();
}

void origin_driver::on_draining(pool::connection_id which, close_reason reason) {
  decisions_.connection_draining(which, reason, clock::now(), actions_);
  obey();
}

void origin_driver::on_turned_away(pool::connection_id which, std::uint64_t processed) {
  decisions_.turned_away(which, processed, clock::now(), actions_);
  obey();
}

void origin_driver::on_stream_free(pool::connection_id which) {
  decisions_.stream_ended(which, {}, clock::now(), actions_);
  obey();
  watch(which);
}

void origin_driver::drop(pool::connection_id id, close_reason reason) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  const bool in_order = reason == close_reason::server_close || reason == close_reason::peer_closed_idle ||
                        reason == close_reason::goaway;
  // In a fork the connection still belongs to the parent: not a byte may be written to it.
  const auto how = in_order && !core_->is_forked() ? net::farewell::announce : net::farewell::silent;
  decisions_.heard_from(id, found->second.connection->last_heard());
  found->second.connection->close(how);
  slots_.erase(found);
  decisions_.connection_lost(id, reason, clock::now(), actions_);
}

}  // namespace warmwire::detail
