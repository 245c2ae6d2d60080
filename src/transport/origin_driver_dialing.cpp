// How a driver comes by its connections: what is dialed, and what is made of it.
#include "connection/h1_connection.hpp"
#include "connection/h2_connection.hpp"
#include "http/thrown.hpp"
#include "transport/make_error.hpp"
#include "transport/origin_driver.hpp"
#include "transport/transport_core.hpp"

#include <exception>
#include <new>
#include <utility>

namespace warmwire::detail {

using connection::clock;

boost::asio::awaitable<void> origin_driver::dial(std::shared_ptr<origin_driver> self, pool::connection_id id,
                                                 std::shared_ptr<void> living) {
  result<net::dialed> dialed = error{};
  try {
    dialed = co_await self->core_->dialer().dial(self->dial_request());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    dialed = make_error(errc::connect_failed, phase::connect, std::string("cannot dial: ") + thrown.what());
  }
  self->on_dialed(id, std::move(dialed), std::move(living));
}

/// Nobody hears of a dial that was given up: its slot is gone.
void origin_driver::dial_ended_by(pool::connection_id id, const std::exception_ptr& thrown) noexcept {
  const auto found = slots_.find(id);
  if (found == slots_.end() || found->second.connection) return;
  last_dial_error_ = http::error_of(thrown);
  last_dial_error_->phase = phase::connect;
  slots_.erase(found);
  try {
    decisions_.dial_failed(id, clock::now(), actions_);
    obey();
  } catch (...) {
    // Whoever waits for it ends by its deadlines.
  }
}

void origin_driver::on_dialed(pool::connection_id id, result<net::dialed> dialed, std::shared_ptr<void> living) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;  // nobody needs it any more
  if (!dialed) {
    last_dial_error_ = dialed.error();
    slots_.erase(found);
    decisions_.dial_failed(id, clock::now(), actions_);
    return obey();
  }
  last_dial_error_.reset();
  const bool is_h2 = dialed->protocol == net::protocol::h2;
  auto made = make_connection(std::move(*dialed), std::move(living));
  made->belong_to(std::shared_ptr<connection::connection_owner>(shared_from_this(), this), id);
  found->second.dial.reset();
  found->second.connection = made;
  found->second.is_settled = !is_h2;
  const auto streams = is_h2 ? decisions_.streams_before_settings() : 1;
  decisions_.dial_succeeded(id, {.streams = streams, .is_multiplexed = is_h2, .is_provisional = is_h2}, clock::now(),
                            actions_);
  obey();
  watch(id);
}

/// Without TLS there is nobody to ask: what comes first is spoken.
net::protocols origin_driver::offered() const {
  const auto wanted = config_->settings.protocol;
  if (wanted == http_protocol::http2) return {net::protocol::h2};
  const bool is_free = wanted == http_protocol::automatic && origin_.scheme == http::scheme::https;
  if (is_free) return {net::protocol::h2, net::protocol::http1};
  return {net::protocol::http1};
}

std::shared_ptr<connection::http_connection> origin_driver::make_connection(net::dialed dialed,
                                                                            std::shared_ptr<void> living) {
  const bool resumed = dialed.stream.is_tls_resumed();
  if (dialed.stream.is_tls()) ++(resumed ? counters_.tls_resumed : counters_.tls_full);
  connection::birth story{.number = core_->next_connection_number(),
                          .remote_address = dialed.remote_address,
                          .proxy = proxy_ ? proxy_->to_string() : "",
                          .tls_resumed = resumed,
                          .resolve = dialed.resolve,
                          .connect = dialed.connect,
                          .tls = dialed.tls,
                          .process = core_->process()};
  if (dialed.protocol == net::protocol::http1) {
    return std::make_shared<connection::h1_connection>(std::move(dialed.stream), std::move(story), core_->buffer(),
                                                       std::move(living));
  }
  auto made = std::make_shared<connection::h2_connection>(std::move(dialed.stream), std::move(story), std::move(living),
                                                          h2_setup());
  made->start();
  return made;
}

connection::h2_setup origin_driver::h2_setup() const {
  const auto& settings = config_->settings;
  connection::h2_setup made;
  made.session = {.stream_window_bytes = settings.stream_window_bytes,
                  .connection_window_bytes = settings.connection_window_bytes,
                  .assumed_streams = settings.max_streams};
  made.liveness = {.ping_after = settings.ping_after,
                   .ping_at_checkout_after = settings.ping_at_checkout_after,
                   .ping_timeout = settings.ping_timeout,
                   .seed = core_->next_seed()};
  made.settings_timeout = settings.tls_timeout;
  made.buffer = core_->buffer();
  made.time = core_;
  return made;
}

net::dial_request origin_driver::dial_request() const {
  net::dial_request request;
  request.target = {origin_.host, origin_.port};
  if (origin_.scheme == http::scheme::https) request.tls = config_->tls;
  request.session_key = origin_.origin();
  if (proxy_) {
    const bool is_https = proxy_->scheme == http::proxy_scheme::https;
    request.proxy = {.server = proxy_, .tls = is_https ? config_->tls : nullptr, .user_agent = core_->user_agent()};
    // A ticket shown through another proxy would tell it who comes back.
    request.session_key.append(" by ").append(proxy_->to_string());
  }
  request.alpn = offered();
  request.connect_timeout = config_->settings.connect_timeout;
  request.connect_stagger = config_->settings.connect_stagger;
  request.tls_timeout = config_->settings.tls_timeout;
  return request;
}

}  // namespace warmwire::detail
