// Figures of a pool as text.
#include "text/printable.hpp"

#include <warmwire/error.hpp>
#include <warmwire/stats.hpp>

#include <numeric>

namespace warmwire {
namespace {

constexpr std::size_t longest_tag_shown = 200;
constexpr std::size_t longest_reason_shown = 1'000;

constexpr std::array<std::string_view, close_reason_count> close_reason_names{
    "idle_timeout",   "idle_excess", "keep_alive_hint", "server_close",    "peer_closed_idle", "unsolicited_bytes",
    "stale",          "suspect",     "goaway",          "refused",         "max_lifetime",     "network_changed",
    "suspended",      "dead_path",   "protocol_error",  "transport_error", "timeout",          "cancelled",
    "body_abandoned", "dial_failed", "dial_excess",     "closed_by_user",
};

/// Appends "7 idle" with what separates it from what came before.
void append(std::string& line, std::string_view separator, std::uint64_t figure, std::string_view name) {
  line.append(separator).append(std::to_string(figure)).append(" ").append(name);
}

/// "5 closed (idle_timeout 3, stale 2)".
void append_closed(std::string& line, const pool_stats& stats) {
  append(line, ", ", stats.closed_total(), "closed");
  std::string_view before = " (";
  for (std::size_t reason = 0; reason < close_reason_count; ++reason) {
    if (stats.closed[reason] > 0) {
      line.append(before).append(close_reason_names[reason]).append(" ");
      line.append(std::to_string(stats.closed[reason]));
      before = ", ";
    }
  }
  if (before == ", ") {
    line.append(")");
  }
}

}  // namespace

std::string_view to_string(close_reason reason) noexcept {
  return close_reason_names[static_cast<std::size_t>(reason)];
}

std::uint64_t pool_stats::closed_total() const noexcept {
  return std::accumulate(closed.begin(), closed.end(), std::uint64_t{0});
}

std::string pool_stats::to_string() const {
  std::string line = provider + ":";
  append(line, " ", active, "active");
  append(line, ", ", streams, "streams");
  append(line, ", ", idle, "idle");
  append(line, ", ", connecting, "connecting");
  append(line, ", ", pending, "pending");
  append(line, "; ", requests, "requests");
  append(line, ", ", opened, "opened");
  append(line, ", ", reused, "reused");
  append(line, ", ", replayed, "replayed");
  append(line, ", ", rejected, "rejected");
  append(line, ", ", timed_out, "timed out");
  append(line, ", ", dial_failures, "dials failed");
  append(line, ", ", tls_full, "full handshakes");
  append(line, ", ", tls_resumed, "resumed");
  append(line, ", ", peak_pending, "pending at most");
  append_closed(line, *this);
  return line;
}

std::string pool_snapshot::to_string() const {
  std::string line = origin.empty() ? std::string() : origin + ": ";
  line.append(std::to_string(active)).append("/").append(std::to_string(max_connections)).append(" busy");
  if (idle > 0) {
    append(line, ", ", idle, "idle");
  }
  if (dialing > 0) {
    append(line, ", ", dialing, "dialing");
  }
  append(line, ", ", pending, "queued");
  if (active > 0) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(oldest_stream_age).count();
    line.append(", oldest stream ").append(std::to_string(seconds)).append(" s");
    if (!oldest_stream_tag.empty()) {
      line.append(" (").append(text::printable(oldest_stream_tag, longest_tag_shown)).append(")");
    }
  }
  if (!last_dial_error.empty()) {
    line.append(", last dial failed: ").append(text::printable(last_dial_error, longest_reason_shown));
  }
  return line;
}

}  // namespace warmwire
