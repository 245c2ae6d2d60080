// An `origin_pool` driven by plain calls at made-up times, answering in words: "dial c1; use c1 for r2". Connections
// are numbered in the order of their dials. Every call checks the pool's invariants.
#pragma once

#include "pool/origin_pool.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace warmwire::pool {

class scripted_pool {
 public:
  explicit scripted_pool(const pool_settings& settings = {}, const origin_traits& traits = {})
      : settings_(settings), pool_(settings, traits) {}

  std::string arrive(std::uint64_t request);
  std::string arrive_fresh(std::uint64_t request);
  std::string cancel(std::uint64_t request);
  /// HTTP/1.1 with one stream, HTTP/2 with more.
  std::string dialed(std::size_t connection, std::size_t streams = 1);
  /// HTTP/2, before its SETTINGS came: they come by `carries`.
  std::string dialed_without_settings(std::size_t connection);
  std::string dial_fails(std::size_t connection);
  std::string ends(std::size_t connection, const keep_alive_hint& hint = {});
  std::string refuses_stream(std::size_t connection);
  std::string lost(std::size_t connection, close_reason reason);
  /// `request` was just told to use the connection, and it is dead.
  std::string refused(std::size_t connection, std::uint64_t request, close_reason reason);
  void undone(std::size_t connection) { pool_.use_undone(id(connection)); }
  std::string drains(std::size_t connection, close_reason reason);
  std::string turns_away(std::size_t connection, std::uint64_t processed);
  std::string carries(std::size_t connection, std::size_t streams);
  void heard(std::size_t connection) { pool_.heard_from(id(connection), now_); }

  /// Time passes and nobody looks.
  void pass(duration time) { now_ += time; }
  std::string tick();
  /// Time passes, and `tick` is called whenever the pool asked for it.
  std::string live(duration time);
  /// How long until the pool wants to be woken.
  [[nodiscard]] std::optional<std::chrono::milliseconds> wakeup() const;

  std::string prewarm(std::size_t connections);
  std::string network_changed();
  std::string sleeps(duration asleep);
  std::string reconfigure(const pool_settings& settings);
  std::string rerouted();
  std::string close_idle();
  std::string begin_close();
  std::string abort();
  void reopen() { pool_.reopen(); }

  /// Dials until there are `count` connections more, all with one stream, for requests from `first_request` on.
  void open(std::size_t count, std::uint64_t first_request = 1'000'000);

  /// Requests `first` to `last` arrive; how many dials that led to.
  std::size_t burst(std::uint64_t first, std::uint64_t last);
  /// How many there were so far; the last one's number.
  [[nodiscard]] std::size_t dials() const { return ids_.size(); }

  [[nodiscard]] origin_memory memory() const { return pool_.memory(); }
  [[nodiscard]] std::size_t streams_before_settings() const { return pool_.streams_before_settings(); }
  [[nodiscard]] const pool_settings& settings() const { return settings_; }
  [[nodiscard]] const pool_counts& counts() const { return pool_.counts(); }
  [[nodiscard]] std::uint64_t closed(close_reason reason) const {
    return counts().closed[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] connection_view view(std::size_t connection) const { return pool_.view(id(connection)); }
  /// "c1 for 5 s", or nothing.
  [[nodiscard]] std::string oldest() const;

 private:
  [[nodiscard]] connection_id id(std::size_t connection) const { return ids_.at(connection - 1); }
  std::string answer();
  [[nodiscard]] std::string in_words(const action& each) const;

  pool_settings settings_;
  origin_pool pool_;
  time_point now_{std::chrono::hours{1}};
  actions out_;
  std::vector<connection_id> ids_;
  std::unordered_map<std::uint64_t, std::size_t> numbers_;
};

std::string to_string(reject_reason reason);

}  // namespace warmwire::pool
