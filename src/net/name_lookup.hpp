// Asks for the addresses of host names, once for all who want the same, and keeps the answers. Owned by a dialer, on
// its executor; the answers may come from any thread.
#pragma once

#include "net/dns_cache.hpp"

#include <warmwire/error.hpp>
#include <warmwire/resolver.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace warmwire::net {

/// Where addresses come from.
struct lookup_source {
  resolver ask;
  /// Why a name that was asked for is not answered in time, where that is known; else empty. May be none.
  std::function<std::string(const std::string& host)> why_late{};
};

/// The system's resolver, see `system_lookup`.
[[nodiscard]] lookup_source system_source();

class name_lookup : public std::enable_shared_from_this<name_lookup> {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using clock_function = std::function<time_point()>;

  /// `now` tells the age of the answers. The waits go by the real time.
  name_lookup(boost::asio::any_io_executor executor, const dns_options& checked, lookup_source from,
              clock_function now);
  ~name_lookup();
  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  struct question {
    std::string host;
    time_point begun;
    std::chrono::milliseconds limit;
  };
  struct answer {
    addresses found;
    bool is_new;  ///< it was waited for
  };
  /// The calling coroutine must have `throw_if_cancelled` off.
  /// Errors: `resolve_failed`; `connect_timeout` when no answer came within `limit`; `cancelled`. Instead of the first
  /// two, an answer whose time has passed is given if there is one.
  static boost::asio::awaitable<result<answer>> look_up(std::shared_ptr<name_lookup> self, question asked);

  void distrust(const std::string& host) { cache_.distrust(host, now_()); }
  /// What is being waited for still reaches those who wait.
  void forget();
  /// How many of the resolver's calls are remembered.
  [[nodiscard]] std::size_t running() const noexcept { return running_.size(); }
  /// From here on no resolver's answer touches the executor, whose context may go.
  void shut_down();

 private:
  class gate;
  class query;

  [[nodiscard]] error not_in_time(const question& asked) const;
  std::shared_ptr<query> start(const std::string& host, dns_cache::query_id id);
  void ask(const std::string& host, const resolve_completion& done) const;
  void receive(query& asked, result<resolved> answered) noexcept;
  void on_answer(query& asked, result<resolved> answered);
  void drop_lost_queries();

  const std::shared_ptr<gate> gate_;
  const lookup_source from_;
  const clock_function now_;
  dns_cache cache_;
  std::unordered_map<dns_cache::query_id, std::shared_ptr<query>> running_;
};

}  // namespace warmwire::net
