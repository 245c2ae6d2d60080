// Crowds of callers at a server that ends each connection after so many requests, as nginx does with
// `keepalive_requests`: pool and replay rule together, over wires whose two directions take their time at random.
#include "pool/origin_pool.hpp"
#include "pool/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace warmwire::pool::crowd_test {
namespace {

using namespace std::chrono_literals;

struct crowd {
  std::uint64_t requests_a_connection;
  std::size_t callers;
};

class crowded_server : public testing::TestWithParam<crowd> {
 protected:
  struct answer {
    std::uint64_t request = 0;  ///< none: GOAWAY
  };
  struct link {
    std::vector<std::uint64_t> streams;   ///< requests in the order in which they were sent
    std::deque<std::uint64_t> to_server;  ///< not read by it yet
    std::deque<answer> to_client;
    std::uint64_t processed = 0;
  };

  void obey() {
    for (std::size_t at = 0; at < out.size(); ++at) {
      const action what = out[at];
      switch (what.what) {
        case action::kind::dial:
          dials.push_back(what.connection);
          break;
        case action::kind::use:
          links[what.connection].streams.push_back(static_cast<std::uint64_t>(what.request));
          links[what.connection].to_server.push_back(static_cast<std::uint64_t>(what.request));
          break;
        case action::kind::close:
          std::erase(dials, what.connection);
          links.erase(what.connection);
          break;
        case action::kind::reject:
          FAIL() << "rejected: " << static_cast<int>(what.why);
      }
    }
    out.clear();
  }

  void arrive(std::uint64_t request, freshness wanted) { pool.request_arrived(request_id{request}, wanted, now, out); }

  void server_reads(link& from) {
    if (from.to_server.empty()) return;
    const auto request = from.to_server.front();
    from.to_server.pop_front();
    if (from.processed == GetParam().requests_a_connection) return;  // skipped, as nginx does behind its GOAWAY
    if (++from.processed == GetParam().requests_a_connection) from.to_client.push_back({});
    from.to_client.push_back({request});
  }

  void client_reads(connection_id id) {
    auto& from = links.at(id);
    if (from.to_client.empty()) return;
    const auto got = from.to_client.front();
    from.to_client.pop_front();
    if (got.request != 0) {
      std::erase(from.streams, got.request);
      pool.stream_ended(id, {}, now, out);
      ++answered;
      if (sent < total) arrive(++sent, freshness::any);
      return obey();
    }
    turn_away(id, from);
  }

  /// All but those whose answers are under way.
  void turn_away(connection_id id, link& from) {
    auto open = from.streams;
    std::erase_if(open, [&](std::uint64_t each) {
      return std::ranges::find(from.to_client, each, &answer::request) != from.to_client.end();
    });
    if (open.empty()) {
      pool.connection_draining(id, close_reason::goaway, now, out);
      return obey();
    }
    pool.turned_away(id, GetParam().requests_a_connection, now, out);
    for (const auto each : open) {
      std::erase(from.streams, each);
      pool.stream_ended(id, {}, now, out);
      failed_exchange how{.policy = replay_policy::stale_once, .end = exchange_end::refused, .was_written = true};
      how.is_multiplexed = true;
      how.refused_replays = replays[each]++;
      const auto decided = decide_replay(how);
      ASSERT_NE(decided.where, replay_on::nothing) << "request " << each;
      most_replays = std::max(most_replays, replays[each]);
      arrive(each, decided.where == replay_on::fresh_connection ? freshness::fresh_only : freshness::any);
    }
    obey();
  }

  void step() {
    now += 10us;
    const auto kind = dice() % 8;
    if (kind == 0 && !dials.empty()) {
      const auto id = dials.front();
      dials.pop_front();
      links[id];
      const capacity provisional{pool.streams_before_settings(), true, true};
      pool.dial_succeeded(id, provisional, now, out);
      pool.stream_limit_changed(id, 128, now, out);
    } else if (!links.empty()) {
      const auto which = std::next(links.begin(), static_cast<std::ptrdiff_t>(dice() % links.size()));
      if (kind % 2 == 0) {
        server_reads(which->second);
      } else {
        client_reads(which->first);
      }
    }
    if (pool.next_wakeup() && *pool.next_wakeup() <= now) pool.tick(now, out);
    obey();
    pool.check_invariants_for_test();
  }

  std::mt19937_64 dice{20'261'129};
  origin_pool pool{pool_settings{}, {.may_multiplex = true}};
  time_point now{1h};
  actions out;
  std::deque<connection_id> dials;
  std::map<connection_id, link> links;
  std::map<std::uint64_t, std::uint32_t> replays;
  const std::uint64_t total = 10 * GetParam().callers;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint32_t most_replays = 0;
};

TEST_P(crowded_server, behaviour_12_answers_every_request_of_a_crowd) {
  while (sent < GetParam().callers)
    arrive(++sent, freshness::any);
  obey();
  for (std::uint64_t steps = 0; answered < total && steps < 1'000 * total && !HasFatalFailure(); ++steps)
    step();
  EXPECT_EQ(answered, total);
  EXPECT_LE(most_replays, 3U) << "six are allowed";
  EXPECT_LE(replays.size(), 2 * GetParam().callers) << "once the limit is known hardly anyone is turned away";
}

INSTANTIATE_TEST_SUITE_P(each, crowded_server,
                         testing::Values(crowd{1, 20}, crowd{1, 100}, crowd{1, 250}, crowd{10, 20}, crowd{10, 100},
                                         crowd{10, 250}, crowd{50, 20}, crowd{50, 100}, crowd{50, 250}, crowd{100, 20},
                                         crowd{100, 100}, crowd{100, 250}, crowd{1'000, 250}));

}  // namespace
}  // namespace warmwire::pool::crowd_test
