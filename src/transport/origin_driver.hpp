// Obeys the decisions of one origin's pool: dials, hands out leases, closes. Owned by its provider_pool and kept alive
// by the leases it gave out; lives on the transport's executor.
#pragma once

#include "connection/wake_up.hpp"
#include "http/proxy_rules.hpp"
#include "http/url.hpp"
#include "net/dial.hpp"
#include "pool/origin_pool.hpp"
#include "transport/lease.hpp"
#include "transport/live_count.hpp"

#include <warmwire/error.hpp>
#include <warmwire/options.hpp>
#include <warmwire/provenance.hpp>
#include <warmwire/stats.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace warmwire::connection {
struct h2_setup;
}

namespace warmwire::detail {

class coroutine_stop;
class exchange;
class transport_core;

/// What a provider's pool runs on; replaced as a whole by `configure`.
struct provider_config {
  pool_settings settings;
  std::shared_ptr<net::tls_context> tls;  ///< made for the first https origin or proxy
  std::uint64_t tls_files = 0;            ///< the state of its files when it was made
  http::proxy_rules proxies{};            ///< as the settings and the environment had them when this was made
};

/// Counters that the pool's decisions do not know.
struct wire_counters {
  std::uint64_t tls_full = 0;
  std::uint64_t tls_resumed = 0;
  std::uint64_t replayed_unsent = 0;
  std::uint64_t replayed_stale = 0;
  std::uint64_t replayed_refused = 0;
};

class origin_driver final : public std::enable_shared_from_this<origin_driver>, private connection::connection_owner {
 public:
  /// What an origin's driver is made of.
  struct parts {
    http::url origin;
    std::shared_ptr<const provider_config> config;
    std::shared_ptr<const http::proxy> proxy;  ///< none: directly
    std::shared_ptr<live_count> living;
    pool::origin_memory memory{};
  };

  origin_driver(transport_core& core, parts made_of);

  // For exchanges
  /// Answers by `exchange::granted` or `exchange::rejected`, now or later.
  void request(exchange& who, pool::freshness wanted);
  /// Takes back a request that still waits.
  void cancel(exchange& who);
  /// Called by `lease` only.
  struct returned {
    pool::connection_id id;
    const exchange* holder;
    connection::http_connection& connection;
  };
  void give_back_unused(const returned& what, std::optional<close_reason> unfit);
  void give_back(const returned& what, const connection::ending& how, const pool::keep_alive_hint& hint);
  void count_replay(replay_reason why) {
    if (why == replay_reason::unsent) ++counters_.replayed_unsent;
    if (why == replay_reason::stale_connection) ++counters_.replayed_stale;
    if (why == replay_reason::refused) ++counters_.replayed_refused;
  }

  // For the provider's pool
  [[nodiscard]] const http::url& url() const noexcept { return origin_; }
  /// Another proxy retires every connection made by the old one.
  void reconfigure(std::shared_ptr<const provider_config> config, std::shared_ptr<const http::proxy> proxy);
  std::size_t close_idle();
  void network_changed();
  void slept(pool::duration asleep);
  /// Completes when so many connections are ready for requests (over HTTP/2 after the peer's SETTINGS), or with the
  /// error of the dial that failed. Errors: those of a dial, `pool_closed`, `cancelled` after `call_off` was set.
  struct prewarming {
    std::size_t connections = 0;
    bool is_called_off = false;
    bool is_closed = false;
    connection::wake_up wake{};
  };
  boost::asio::awaitable<result<void>> prewarm(std::shared_ptr<prewarming> what);
  /// What the origin has taught, for the driver that comes after this one.
  [[nodiscard]] pool::origin_memory memory() const { return decisions_.memory(); }
  void begin_close();
  /// Closes everything and interrupts what runs with `pool_closed`.
  void abort();
  void reopen();
  void tick(pool::time_point now);
  [[nodiscard]] std::optional<pool::time_point> next_wakeup() const { return decisions_.next_wakeup(); }
  /// Nothing is open, dialing or waiting.
  [[nodiscard]] bool is_vacant() const;

  [[nodiscard]] const pool::pool_counts& counts() const { return decisions_.counts(); }
  [[nodiscard]] const wire_counters& counters() const noexcept { return counters_; }
  [[nodiscard]] pool_snapshot snapshot() const;

 private:
  struct slot {
    std::shared_ptr<connection::http_connection> connection;  // none while dialing
    std::shared_ptr<coroutine_stop> dial;                     // none afterwards
    std::vector<exchange*> users;                             // those with a stream, the longest first
    bool watched = false;
    bool is_settled = false;  // it can be used for certain: HTTP/1.1, or HTTP/2 whose SETTINGS have come
  };

  void obey();
  void carry_out(const pool::action& what);
  void on_failed(const pool::action& what, const std::exception_ptr& thrown) noexcept;
  void do_use(const pool::action& what);
  lease make_lease(pool::connection_id id, slot& of, exchange& who);
  void do_dial(const pool::action& what);
  void do_close(const pool::action& what);
  void do_reject(const pool::action& what);
  void on_ended(pool::connection_id which, close_reason reason) override;
  void on_stream_limit(pool::connection_id which, std::size_t streams) override;
  void on_draining(pool::connection_id which, close_reason reason) override;
  void on_turned_away(pool::connection_id which, std::uint64_t processed) override;
  void on_stream_free(pool::connection_id which) override;
  /// The slot of what comes back, without that user; null when the pool has closed the connection meanwhile.
  slot* take_back(const returned& what);
  void watch(pool::connection_id id);
  void drop(pool::connection_id id, close_reason reason);
  [[nodiscard]] bool is_warming() const;
  [[nodiscard]] std::size_t settled() const;
  [[nodiscard]] error why_not_warm() const;
  [[nodiscard]] net::dial_request dial_request() const;
  [[nodiscard]] connection::h2_setup h2_setup() const;
  [[nodiscard]] net::protocols offered() const;
  [[nodiscard]] std::shared_ptr<connection::http_connection> make_connection(net::dialed dialed,
                                                                             std::shared_ptr<void> living);
  static boost::asio::awaitable<void> dial(std::shared_ptr<origin_driver> self, pool::connection_id id,
                                           std::shared_ptr<void> living);
  void dial_ended_by(pool::connection_id id, const std::exception_ptr& thrown) noexcept;
  void on_dialed(pool::connection_id id, result<net::dialed> dialed, std::shared_ptr<void> living);

  const std::shared_ptr<transport_core> core_;
  const http::url origin_;
  const std::shared_ptr<live_count> living_;
  std::shared_ptr<const provider_config> config_;
  std::shared_ptr<const http::proxy> proxy_;

  pool::origin_pool decisions_;
  pool::actions actions_;
  bool obeying_ = false;
  std::unordered_map<pool::connection_id, slot> slots_;
  std::vector<prewarming*> prewarmings_;
  std::optional<error> last_dial_error_;
  wire_counters counters_;
};

}  // namespace warmwire::detail
