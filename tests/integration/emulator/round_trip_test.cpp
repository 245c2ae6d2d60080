// The simulated distance: what a client pays for a new connection and for a request on a warm one.
#include "emulator/emulator.hpp"
#include "tests/integration/emulator/raw_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace warmwire::emulator::round_trip_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto rtt = 60ms;
constexpr auto server_time = 30ms;

emulator_options far_away(bool tls) {
  emulator_options options;
  options.tls = tls;
  options.rtt = rtt;
  options.latency = server_time;
  return options;
}

// A single run can be late on a busy machine, but never early: each is bounded from below, the fastest from above.
void expect_round_trips(int trips, const std::function<void()>& exchange) {
  auto fastest = steady_clock::duration::max();
  for (int i = 0; i < 7 && fastest >= (trips + 1) * rtt + server_time; ++i) {
    const auto start = steady_clock::now();
    exchange();
    const auto took = steady_clock::now() - start;
    EXPECT_GE(took, trips * rtt + server_time);
    fastest = std::min(fastest, took);
  }
  EXPECT_LT(fastest, (trips + 1) * rtt + server_time);
}

TEST(round_trips, one_for_a_request_on_a_warm_connection) {
  server peer(far_away(false));
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  expect_round_trips(1, [&] { EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200); });
}

TEST(round_trips, two_for_a_request_on_a_new_plain_connection) {
  server peer(far_away(false));
  expect_round_trips(2, [&] { EXPECT_EQ(status_of(raw_client(peer.port()).ask(get("/bytes/1"))), 200); });
}

TEST(round_trips, three_for_a_request_on_a_new_tls_connection) {
  server peer(far_away(true));
  raw_tls tls(peer.ca_file());
  expect_round_trips(3, [&] { EXPECT_EQ(status_of(raw_client(peer.port(), &tls).ask(get("/bytes/1"))), 200); });
}

TEST(round_trips, one_for_a_request_on_a_warm_tls_connection) {
  server peer(far_away(true));
  raw_tls tls(peer.ca_file());
  raw_client client(peer.port(), &tls);
  client.ask(get("/bytes/1"));
  expect_round_trips(1, [&] { EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200); });
}

TEST(round_trips, delay_each_piece_by_its_own_arrival) {
  server peer(far_away(false));
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  // Many small pieces sent at once are all on their way at the same time.
  expect_round_trips(1, [&] {
    const std::string request = get("/bytes/1");
    for (const char c : request)
      client.send(std::string_view(&c, 1));
    EXPECT_EQ(status_of(client.read_response()), 200);
  });
}

TEST(round_trips, large_bodies_arrive_whole) {
  auto options = far_away(true);
  options.rtt = 2ms;
  server peer(options);
  raw_tls tls(peer.ca_file());
  raw_client client(peer.port(), &tls);
  const std::string body(3'000'000, 'x');
  EXPECT_EQ(body_of(client.ask(post("/echo", body))), body);
}

}  // namespace
}  // namespace warmwire::emulator::round_trip_test
