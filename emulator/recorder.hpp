// Keeps the report. Written by the server's thread, read by any.
#pragma once

#include "emulator/report.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// The id that a client gave its request; empty when it gave none.
[[nodiscard]] std::string_view id_of(const std::vector<std::pair<std::string, std::string>>& headers);

class recorder {
 public:
  static constexpr std::size_t kept_connections = 10'000;
  static constexpr std::size_t kept_requests = 1'000;
  static constexpr std::size_t kept_body_bytes = 256 * 1024;
  static constexpr std::size_t kept_ids = 100'000;
  static constexpr std::size_t kept_unknown = 1'000;
  static constexpr std::size_t kept_id_bytes = 200;

  /// Returns the new connection's number.
  std::uint64_t on_connected();
  /// Numbers a request whose head has arrived.
  std::uint64_t next_request_number();
  void on_resumed(std::uint64_t connection);
  void on_protocol(std::uint64_t connection, std::string_view protocol);
  /// A request without its details.
  void on_request(std::uint64_t connection);
  /// A request to be kept.
  void on_request(seen_request seen);
  /// A request that was given to `on_request`, with its details, was not processed after all. Its arrival may have been
  /// taken meanwhile.
  void on_unprocessed(std::string_view id);

  /// Counts what the emulator did not know in a request to that path.
  void on_unknown(std::string_view path, const std::set<std::string>& fields);

  // HTTP/2.
  /// Numbers the request of a stream whose head has arrived; `open` streams of the connection counting it.
  std::uint64_t on_stream(std::uint64_t connection, std::size_t open);
  void on_stream_refused(std::uint64_t connection);
  void on_stream_reset(std::uint64_t connection, std::string_view code);
  void on_ping(std::uint64_t connection);
  void on_goaway(std::uint64_t connection, std::string_view code);

  /// The first reason given stays.
  void on_ending(std::uint64_t connection, std::string_view ended_by);
  /// The connection is gone; `ended_by` counts when no reason was given before.
  void on_closed(std::uint64_t connection, std::string_view ended_by);

  [[nodiscard]] report snapshot() const;
  /// The counts of request ids since the last call: the report begins anew with them.
  [[nodiscard]] id_counts take_ids();
  /// Holds the lock while it calls `condition`.
  bool wait_for(const std::function<bool(const report&)>& condition, std::chrono::milliseconds limit) const;

 private:
  seen_connection* find(std::uint64_t connection);
  void count_request(std::uint64_t connection);
  arrival_count* counts_of(std::string_view id);
  void announce();

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable int waiters_ = 0;
  std::uint64_t heads_ = 0;
  report report_;
};

}  // namespace warmwire::emulator
