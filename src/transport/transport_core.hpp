// What the parts of a transport share: the executor, the pools by provider, the deadlines and the one timer for all
// that is due. Kept alive by its parts until `shut_down`; lives on its executor.
#pragma once

#include "connection/http_connection.hpp"
#include "connection/timekeeper.hpp"
#include "http/url.hpp"
#include "net/dialer.hpp"
#include "net/fork_mark.hpp"
#include "pool/deadlines.hpp"
#include "providers/retry_policy.hpp"
#include "transport/call_off.hpp"
#include "transport/past_figures.hpp"
#include "transport/provider_pool.hpp"
#include "transport/reports.hpp"
#include "transport/sleep_watch.hpp"

#include <warmwire/detail/completion.hpp>
#include <warmwire/error.hpp>
#include <warmwire/transport_options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::detail {

class transport_core final : public std::enable_shared_from_this<transport_core>, public connection::timekeeper {
 public:
  transport_core(boost::asio::any_io_executor executor, transport_options options);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const std::shared_ptr<connection::read_buffer>& buffer() const noexcept { return buffer_; }
  [[nodiscard]] net::dialer& dialer() noexcept { return dialer_; }
  [[nodiscard]] pool::deadline_heap& deadlines() noexcept { return deadlines_; }
  [[nodiscard]] const std::string& user_agent() const noexcept { return options_.user_agent; }
  [[nodiscard]] std::uint64_t next_connection_number() noexcept { return ++connections_; }
  /// For what must not happen to all at once; no secret.
  [[nodiscard]] std::uint64_t next_seed() noexcept { return seeds_(); }

  /// The pool of a provider, made with its defaults when it is not there. Errors: `invalid_option` for an id that is
  /// empty or holds control characters.
  result<provider_pool*> provider(std::string_view id);
  [[nodiscard]] const provider_pool* find(std::string_view id) const;
  [[nodiscard]] pool_stats stats(std::string_view id) const;
  [[nodiscard]] std::vector<pool_stats> stats() const;
  [[nodiscard]] pool_settings settings(std::string_view id) const;
  /// One for all clients over this transport, since an outage is the provider's.
  [[nodiscard]] providers::retry_budget& budget(const std::string& id) { return budgets_[id]; }

  std::size_t close_idle();
  /// The addresses and paths of before may lead nowhere.
  void network_changed();
  /// Tells the pools if the machine slept: to be called before an idle connection is taken.
  void notice_sleep();
  boost::asio::awaitable<result<void>> prewarm(std::string id, std::string url, std::size_t connections, call_off wish);
  boost::asio::awaitable<result<void>> close(std::string id, std::chrono::milliseconds drain, call_off wish);
  boost::asio::awaitable<result<void>> close_all(std::chrono::milliseconds drain, call_off wish);
  /// Aborts everything, for good.
  void shut_down();

  /// This process is a child of the one that made the transport: its connections belong to the parent.
  [[nodiscard]] bool is_forked() const noexcept { return process_->is_child(); }
  [[nodiscard]] const std::shared_ptr<const net::fork_mark>& process() const noexcept { return process_; }
  [[nodiscard]] bool is_shut_down() const noexcept { return shut_down_; }

  /// A request has ended: with nothing left that is due the timer goes.
  void on_settled();
  /// Sees to it that `tick`s come no later than `when`.
  void wake_at(pool::time_point when) noexcept;
  void remind(pool::deadline& what, pool::time_point when) override;
  void forget(pool::deadline& what) override;

  [[nodiscard]] bool names_paths() const noexcept { return options_.log_paths; }
  /// Tells the user of a request that carries a credential in the clear, once for each host.
  void warn_of_plain_credential(const http::url& to);
  /// What the program is told.
  [[nodiscard]] reports& told() const noexcept { return *reports_; }

 private:
  boost::asio::awaitable<result<void>> close_pools(std::vector<std::shared_ptr<provider_pool>> closing,
                                                   std::chrono::milliseconds drain, call_off wish);
  void on_timer();
  void look_at_all_that_is_due();
  void rearm();
  void forget_if_unused(const provider_pool& pool);
  void forget_unused();
  [[nodiscard]] std::chrono::nanoseconds boot_time() const noexcept;

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<const net::fork_mark> process_ = std::make_shared<net::fork_mark>();
  transport_options options_;
  const std::shared_ptr<reports> reports_;
  net::dialer dialer_;
  std::shared_ptr<connection::read_buffer> buffer_;
  boost::asio::steady_timer timer_;
  std::optional<pool::time_point> armed_for_;
  sleep_watch sleep_;
  std::mt19937_64 seeds_{std::random_device{}()};
  pool::deadline_heap deadlines_;
  std::map<std::string, std::shared_ptr<provider_pool>, std::less<>> providers_;
  past_figures past_;
  pool::time_point next_forgetting_;  // of pools that nobody uses
  std::map<std::string, providers::retry_budget> budgets_;
  std::set<std::string> warned_of_;  // origins
  std::uint64_t connections_ = 0;
  bool shut_down_ = false;
};

}  // namespace warmwire::detail
