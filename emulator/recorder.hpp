// Keeps the report. Written by the server's thread, read by any.
#pragma once

#include "emulator/report.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

namespace warmwire::emulator {

class recorder {
 public:
  static constexpr std::size_t kept_connections = 10'000;
  static constexpr std::size_t kept_requests = 1'000;
  static constexpr std::size_t kept_body_bytes = 64 * 1024;

  /// Returns the new connection's number.
  std::uint64_t on_connected();
  /// Numbers a request whose head has arrived.
  std::uint64_t next_request_number();
  void on_resumed(std::uint64_t connection);
  /// A request without its details.
  void on_request(std::uint64_t connection);
  /// A request to be kept.
  void on_request(seen_request seen);
  /// The first reason given stays.
  void on_ending(std::uint64_t connection, std::string_view ended_by);
  /// The connection is gone; `ended_by` counts when no reason was given before.
  void on_closed(std::uint64_t connection, std::string_view ended_by);

  [[nodiscard]] report snapshot() const;
  /// Holds the lock while it calls `condition`.
  bool wait_for(const std::function<bool(const report&)>& condition, std::chrono::milliseconds limit) const;

 private:
  seen_connection* find(std::uint64_t connection);
  void count_request(std::uint64_t connection);
  void announce();

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable int waiters_ = 0;
  std::uint64_t heads_ = 0;
  report report_;
};

}  // namespace warmwire::emulator
