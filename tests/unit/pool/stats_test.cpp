// Figures of a pool as text.
#include <warmwire/error.hpp>
#include <warmwire/stats.hpp>

#include <gtest/gtest.h>

#include <set>

namespace warmwire::stats_test {
namespace {

using namespace std::chrono_literals;

TEST(stats, every_close_reason_has_its_own_name) {
  std::set<std::string_view> names;
  for (std::size_t reason = 0; reason < close_reason_count; ++reason) {
    names.insert(to_string(static_cast<close_reason>(reason)));
  }
  EXPECT_EQ(names.size(), close_reason_count);
  EXPECT_EQ(to_string(close_reason::idle_timeout), "idle_timeout");
  EXPECT_EQ(to_string(close_reason::unsolicited_bytes), "unsolicited_bytes");
  EXPECT_EQ(to_string(close_reason::dead_path), "dead_path");
  EXPECT_EQ(to_string(close_reason::body_abandoned), "body_abandoned");
  EXPECT_EQ(to_string(close_reason::closed_by_user), "closed_by_user");
}

TEST(stats, one_line_holds_every_figure) {
  pool_stats stats{.provider = "openai",
                   .active = 1,
                   .streams = 15,
                   .idle = 2,
                   .connecting = 3,
                   .pending = 4,
                   .requests = 5,
                   .opened = 6,
                   .reused = 7,
                   .replayed = 8,
                   .rejected = 9,
                   .timed_out = 10,
                   .dial_failures = 11,
                   .tls_full = 12,
                   .tls_resumed = 13,
                   .peak_pending = 14};
  EXPECT_EQ(
      stats.to_string(),
      "openai: 1 active, 15 streams, 2 idle, 3 connecting, 4 pending; 5 requests, 6 opened, 7 reused, 8 replayed, "
      "9 rejected, 10 timed out, 11 dials failed, 12 full handshakes, 13 resumed, 14 pending at most, 0 closed");
  stats.closed[static_cast<std::size_t>(close_reason::stale)] = 2;
  stats.closed[static_cast<std::size_t>(close_reason::idle_timeout)] = 1;
  const std::string line = stats.to_string();
  EXPECT_EQ(line.substr(line.rfind("most, ")), "most, 3 closed (idle_timeout 1, stale 2)");
  EXPECT_EQ(stats.closed_total(), 3U);
}

TEST(stats, behaviour_18_a_snapshot_is_evidence_in_one_line) {
  pool_snapshot snapshot;
  snapshot.max_connections = 50;
  snapshot.active = 50;
  snapshot.pending = 12;
  snapshot.oldest_stream_age = 412'900ms;
  snapshot.oldest_stream_tag = "nightly report";
  EXPECT_EQ(snapshot.to_string(), "50/50 busy, 12 queued, oldest stream 412 s (nightly report)");
  snapshot.oldest_stream_tag.clear();
  EXPECT_EQ(snapshot.to_string(), "50/50 busy, 12 queued, oldest stream 412 s");
}

TEST(stats, a_snapshot_names_what_is_out_of_the_ordinary) {
  const pool_snapshot snapshot{.origin = "https://api.example.com:443",
                               .max_connections = 50,
                               .idle = 1,
                               .dialing = 8,
                               .pending = 12,
                               .last_dial_error = "connection refused"};
  EXPECT_EQ(
      snapshot.to_string(),
      "https://api.example.com:443: 0/50 busy, 1 idle, 8 dialing, 12 queued, last dial failed: connection refused");
}

}  // namespace
}  // namespace warmwire::stats_test
