// What is known of host names and which of them is being asked for. Pure: the time is an argument. Owned by a
// name_lookup.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/resolver.hpp>

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace warmwire::net {

using addresses = std::vector<boost::asio::ip::address>;

/// Errors: `invalid_option`, naming the field, the value and the range.
[[nodiscard]] result<void> check(const dns_options& options);

/// At most `max_names` names with their addresses and the one query that runs for each. Answers that failed are not
/// kept.
class dns_cache {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class query_id : std::uint64_t {};

  /// A query that is not answered after this long is lost: the next one who wants the name asks anew.
  static constexpr std::chrono::seconds query_patience{10};
  /// A name is asked for once in this time while an answer, if an old one, is at hand.
  static constexpr std::chrono::seconds asking_pause{1};

  explicit dns_cache(const dns_options& checked) : options_(checked) {}

  struct finding {
    enum class kind : std::uint8_t {
      known,  ///< `found` may be used
      ask,    ///< ask the resolver, and tell the answer under `query`
      join,   ///< `query` was asked for before and is still running
    };
    kind what = kind::known;
    addresses found{};
    query_id query{};
  };
  /// What to do for one who wants the addresses of a name.
  [[nodiscard]] finding find(std::string_view host, time_point now);

  /// An answer has come. One to a query that is not the name's newest any more changes nothing.
  void succeeded(std::string_view host, query_id query, addresses found, std::optional<std::chrono::milliseconds> ttl,
                 time_point now);
  void failed(std::string_view host, query_id query, time_point now);

  /// The last answer, even if its time has passed, as long as it may stand in for one that does not come.
  [[nodiscard]] std::optional<addresses> stale(std::string_view host, time_point now) const;
  /// The answer did not lead to a connection: the next one who wants the name asks anew, unless it was learned within
  /// the last `asking_pause`.
  void distrust(std::string_view host, time_point now);
  /// Forgets all answers and, by that, all running queries: they may be those of another network.
  void forget();

  [[nodiscard]] bool is_running(std::string_view host, query_id query) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct running_query {
    query_id id{};
    time_point asked{};
  };
  struct entry {
    std::string host;
    addresses found{};  // empty: not answered yet
    time_point learned_at{};
    time_point fresh_until{};
    time_point stale_until{};
    time_point paused_until{};
    std::optional<running_query> query{};
  };
  using entries = std::list<entry>;

  entry& touch(std::string_view host);
  entry* answered(std::string_view host, query_id query);

  const dns_options options_;
  std::uint64_t queries_ = 0;
  entries entries_;                                                  // most recently used first
  std::unordered_map<std::string_view, entries::iterator> by_host_;  // views of the entries' hosts
};

}  // namespace warmwire::net
