// The pool of one provider id: its options, its origins, its figures, its end. Owned by the transport_core; one
// executor.
#pragma once

#include "http/url.hpp"
#include "transport/live_count.hpp"
#include "transport/origin_driver.hpp"

#include <warmwire/options.hpp>
#include <warmwire/stats.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace warmwire::detail {

class provider_pool final : public std::enable_shared_from_this<provider_pool> {
 public:
  /// `past`: the figures of a pool of that id that was forgotten.
  provider_pool(transport_core& core, std::string id, const pool_settings& settings, std::optional<pool_stats> past);

  /// Reads the environment's proxies again, as the constructor does.
  result<void> configure(const pool_options& options);
  [[nodiscard]] const std::shared_ptr<const provider_config>& config() const noexcept { return config_; }

  /// The driver of an origin, made at its first request. Errors: `pool_closed` while the pool is closing;
  /// `invalid_option` when the TLS options, or the environment's proxy, cannot be used.
  result<std::shared_ptr<origin_driver>> origin(const http::url& url);

  /// Counts a socket or a task of this pool for as long as the token lives.
  [[nodiscard]] std::shared_ptr<void> living_token() { return living_->token(); }

  [[nodiscard]] pool_stats stats() const;
  /// Nothing is left of it but figures, and nobody has used it after `when`. What was configured is never unused.
  [[nodiscard]] bool is_unused_since(pool::time_point when);
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  std::size_t close_idle();
  void network_changed();
  void slept(pool::duration asleep);
  /// Closing is in two halves, so that several pools can drain at once: `begin_close` rejects what waits and what
  /// comes, `finish_close` lets running requests end until `due`, then aborts them, and completes when nothing is left.
  /// Each `begin_close` needs its `finish_close`.
  void begin_close();
  boost::asio::awaitable<void> finish_close(std::shared_ptr<const pool::time_point> due);
  /// Lets each `finish_close` look at its `due` again.
  void hurry() { living_->wake_waiters(); }
  /// Aborts everything and forgets the origins.
  void abort();

  void tick(pool::time_point now);
  [[nodiscard]] std::optional<pool::time_point> next_wakeup() const;

 private:
  boost::asio::awaitable<void> wait_until_empty(std::shared_ptr<const pool::time_point> limit);
  void forget_vacant();
  void remember(const std::string& name, const origin_driver& origin);
  result<void> make_tls();
  result<void> use(std::shared_ptr<const provider_config> config);

  const std::shared_ptr<transport_core> core_;
  const std::string id_;
  const std::shared_ptr<live_count> living_ = std::make_shared<live_count>();
  std::shared_ptr<const provider_config> config_;
  std::map<std::string, std::shared_ptr<origin_driver>> origins_;  // by origin, proxy and the proxy's user
  std::map<std::string, pool::origin_memory> memories_;            // of origins that were forgotten
  pool_stats past_;                                                // of origins that were forgotten
  int closing_ = 0;
  bool is_configured_ = false;
  pool::time_point last_used_ = pool::time_point::clock::now();
};

}  // namespace warmwire::detail
