// The server without faults: connections, TLS, limits, the report.
#include "emulator/emulator.hpp"
#include "tests/integration/emulator/raw_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <system_error>

namespace warmwire::emulator::server_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

emulator_options plain() {
  emulator_options options;
  options.tls = false;
  return options;
}

// Who ended the first connection, when that has been recorded.
std::string ended_by(server& peer) {
  peer.wait_for([](const report& seen) { return !seen.history.empty() && !seen.history[0].ended_by.empty(); });
  return peer.report().history.at(0).ended_by;
}

TEST(emulator_server, answers_a_chat_over_tls) {
  server peer({});
  raw_tls tls(peer.ca_file());
  raw_client client(peer.port(), &tls);
  ASSERT_TRUE(client.is_connected());
  const std::string response = client.ask(chat("Say hello"));
  EXPECT_EQ(status_of(response), 200);
  EXPECT_EQ(header_of(response, "Content-Type"), "application/json");
  EXPECT_EQ(header_of(response, "x-request-id"), "req_00000000000000000000000000000001");
  EXPECT_EQ(header_of(response, "x-ratelimit-reset-requests"), "6ms");
  EXPECT_THAT(body_of(response), HasSubstr(R"("content":"You wrote 2 words: Say hello")"));
}

TEST(emulator_server, serves_requests_one_after_the_other_on_one_connection) {
  server peer(plain());
  raw_client client(peer.port());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(status_of(client.ask(get("/bytes/10"))), 200);
  client.send(get("/bytes/1") + get("/bytes/2"));  // pipelined
  EXPECT_EQ(body_of(client.read_response()), "a");
  EXPECT_EQ(body_of(client.read_response()), "ab");
  const auto seen = peer.report();
  EXPECT_EQ(seen.connections, 1U);
  EXPECT_EQ(seen.requests, 5U);
  EXPECT_EQ(seen.history.at(0).requests, 5U);
}

TEST(emulator_server, reports_what_arrived_on_which_connection_and_who_ended_it) {
  server peer(plain());
  {
    raw_client first(peer.port());
    first.ask(get("/bytes/1"));
    raw_client second(peer.port());
    second.ask(post("/echo", "some body"));
    EXPECT_EQ(peer.report().open_connections, 2U);
  }
  ASSERT_TRUE(peer.wait_for([](const report& seen) { return seen.open_connections == 0; }));
  const auto seen = peer.report();
  ASSERT_EQ(seen.arrivals.size(), 2U);
  EXPECT_EQ(seen.arrivals[1].number, 2U);
  EXPECT_EQ(seen.arrivals[1].connection, 2U);
  EXPECT_EQ(seen.arrivals[1].method, "POST");
  EXPECT_EQ(seen.arrivals[1].target, "/echo");
  EXPECT_EQ(seen.arrivals[1].body, "some body");
  EXPECT_EQ(seen.arrivals[1].headers.at(0).first, "Host");
  EXPECT_FALSE(seen.history.at(0).open);
  EXPECT_EQ(seen.history.at(0).ended_by, "client");
}

TEST(emulator_server, keeps_no_requests_when_told_so) {
  auto options = plain();
  options.record = false;
  server peer(options);
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  EXPECT_EQ(peer.report().requests, 1U);
  EXPECT_TRUE(peer.report().arrivals.empty());
}

TEST(emulator_server, resumes_tls_sessions_and_says_so) {
  server peer({});
  raw_tls tls(peer.ca_file());
  for (const bool is_resumed : {false, true}) {
    raw_client client(peer.port(), &tls);
    ASSERT_TRUE(client.is_connected());
    client.ask(get("/bytes/1"));  // reads the tickets, too
    EXPECT_EQ(client.is_resumed(), is_resumed);
  }
  const auto seen = peer.report();
  EXPECT_FALSE(seen.history.at(0).tls_resumed);
  EXPECT_TRUE(seen.history.at(1).tls_resumed);
}

TEST(emulator_server, tells_why_a_handshake_failed) {
  server peer({});
  server stranger({});
  raw_tls tls(stranger.ca_file());
  {
    raw_client client(peer.port(), &tls);
    EXPECT_FALSE(client.is_connected());
  }
  ASSERT_TRUE(peer.wait_for([](const report& seen) { return seen.connections == 1 && seen.open_connections == 0; }));
  EXPECT_THAT(ended_by(peer), StartsWith("handshake failed: "));
  EXPECT_THAT(ended_by(peer), HasSubstr("unknown ca"));
}

TEST(emulator_server, removes_its_ca_file) {
  std::string path;
  {
    server peer({});
    path = peer.ca_file();
    EXPECT_TRUE(std::ifstream(path).good());
  }
  EXPECT_FALSE(std::ifstream(path).good());
}

TEST(emulator_server, closes_idle_connections_after_the_announced_time) {
  auto options = plain();
  options.keep_alive = 1s;
  server peer(options);
  raw_client client(peer.port());
  const auto start = std::chrono::steady_clock::now();
  const std::string response = client.ask(get("/bytes/1"));
  EXPECT_EQ(header_of(response, "Keep-Alive"), "timeout=1");
  EXPECT_EQ(header_of(response, "Connection"), "keep-alive");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_EQ(ended_by(peer), "server keep-alive");
}

TEST(emulator_server, closes_after_the_last_request_of_a_connection) {
  auto options = plain();
  options.max_requests_per_connection = 2;
  server peer(options);
  raw_client client(peer.port());
  EXPECT_EQ(header_of(client.ask(get("/bytes/1")), "Connection"), "");
  EXPECT_EQ(header_of(client.ask(get("/bytes/1")), "Connection"), "close");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(ended_by(peer), "server");
}

TEST(emulator_server, does_as_the_client_says_about_the_connection) {
  server peer(plain());
  raw_client closing(peer.port());
  const auto last = closing.ask("GET /bytes/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(header_of(last, "Connection"), "close");
  EXPECT_EQ(closing.read_to_end(), wire_event::fin);
  raw_client old(peer.port());
  EXPECT_EQ(header_of(old.ask("GET /bytes/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "Connection"), "keep-alive");
  EXPECT_EQ(header_of(old.ask("GET /bytes/1 HTTP/1.0\r\n\r\n"), "Connection"), "close");
  EXPECT_EQ(old.read_to_end(), wire_event::fin);
}

TEST(emulator_server, notices_a_client_that_leaves_while_its_answer_is_prepared) {
  auto options = plain();
  options.latency = std::chrono::hours(1);
  server peer(options);
  { raw_client(peer.port()).send(get("/bytes/1")); }
  ASSERT_TRUE(peer.wait_for([](const report& seen) { return seen.connections == 1 && seen.open_connections == 0; }));
  EXPECT_EQ(peer.report().requests, 1U);
}

TEST(emulator_server, tells_a_client_to_go_on_with_its_body) {
  server peer(plain());
  raw_client client(peer.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(client.ask("ok")), "ok");
}

TEST(emulator_server, reads_a_body_in_chunks) {
  server peer(plain());
  raw_client client(peer.port());
  const auto response = client.ask(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(response), "abcde");
}

struct bad_request {
  const char* name;
  std::string text;
  int status;
};

class refused_request : public ::testing::TestWithParam<bad_request> {};

TEST_P(refused_request, is_answered_and_the_connection_closed) {
  server peer(plain());
  raw_client client(peer.port());
  client.send(GetParam().text);
  const std::string response = client.read_response();
  EXPECT_EQ(status_of(response), GetParam().status) << response;
  EXPECT_EQ(header_of(response, "Connection"), "close");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(ended_by(peer), "bad request");
  EXPECT_EQ(peer.report().requests, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    emulator_server, refused_request,
    ::testing::Values(
        bad_request{"no_http", "hello there\r\n\r\n", 400}, bad_request{"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
        bad_request{"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        bad_request{"two_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        bad_request{"huge_head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", 431},
        bad_request{"huge_body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n", 413}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(emulator_server, sends_large_bodies_of_either_framing) {
  server peer(plain());
  raw_client client(peer.port());
  EXPECT_EQ(body_of(client.ask(get("/bytes/300000"))).size(), 300'000U);
  const std::string chunked = client.ask(get("/chunked/10/4"));
  EXPECT_EQ(body_of(chunked), "4\r\nabcd\r\n4\r\nefgh\r\n2\r\nij\r\n0\r\n\r\n");
}

TEST(emulator_server, stops_with_connections_in_every_state) {
  auto options = plain();
  options.latency = std::chrono::hours(1);
  options.rtt = 1ms;
  auto peer = std::make_unique<server>(options);
  raw_client idle(peer->port());
  raw_client waiting(peer->port());
  waiting.send(get("/bytes/1"));
  raw_client half(peer->port());
  half.send("GET /bytes/1 HT");
  ASSERT_TRUE(peer->wait_for([](const report& seen) { return seen.connections == 3 && seen.requests == 1; }));
  peer.reset();
  EXPECT_NE(waiting.read_to_end(), wire_event::silence);
}

TEST(emulator_server, refuses_an_address_that_it_cannot_have) {
  server first(plain());
  auto options = plain();
  options.port = first.port();
  EXPECT_THROW(server{options}, std::system_error);
  options.port = 0;
  options.address = "not an address";
  EXPECT_THROW(server{options}, std::invalid_argument);
}

}  // namespace
}  // namespace warmwire::emulator::server_test
