// Each fault as the client sees it on the wire.
#include "tests/integration/emulator/faulty_server.hpp"
#include "tests/integration/emulator/raw_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace warmwire::emulator::fault_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Long enough to notice bytes that should not come; a slow machine can only make the test miss them.
constexpr auto a_while = 50ms;

// --- answers ---

TEST(fault, delay_adds_to_the_server_time) {
  faulty_server peer("request 2: delay 80ms");
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  const auto start = steady_clock::now();
  client.ask(get("/bytes/1"));
  EXPECT_GE(steady_clock::now() - start, 80ms);
}

TEST(fault, status_comes_with_headers_and_an_error_body) {
  faulty_server peer(R"(request 1: status 429, header "retry-after: 7", header "Content-Type: text/x")");
  raw_client client(peer.port());
  const auto response = client.ask(chat("hello"));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_EQ(header_of(response, "retry-after"), "7");
  EXPECT_EQ(header_of(response, "Content-Type"), "text/x");
  EXPECT_THAT(body_of(response), HasSubstr(R"("code":"rate_limit_exceeded")"));
  EXPECT_EQ(status_of(client.ask(chat("hello"))), 200);
}

TEST(fault, body_replaces_the_body) {
  faulty_server peer(R"(all: body "{}")");
  const auto response = raw_client(peer.port()).ask(chat("hello"));
  EXPECT_EQ(status_of(response), 200);
  EXPECT_EQ(body_of(response), "{}");
}

TEST(fault, header_without_a_value_removes_the_field) {
  faulty_server peer(R"(all: header "X-Request-Id:", header "keep-alive: timeout=3")");
  const auto response = raw_client(peer.port()).ask(chat("hello"));
  EXPECT_EQ(header_of(response, "x-request-id"), "");
  EXPECT_EQ(header_of(response, "keep-alive"), "timeout=3");
}

TEST(fault, raw_is_sent_as_it_is) {
  faulty_server peer(R"(all: raw "HTTP/1.1 200 \x4fK\r\ncontent-length: 0\r\n\r\n")");
  raw_client client(peer.port());
  const std::string expected = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  client.send(get("/bytes/1"));
  client.read_bytes(expected.size());
  EXPECT_EQ(client.received, expected);
}

TEST(fault, interim_responses_come_before_the_answer) {
  faulty_server peer("all: interim 103, interim 100 times 2");
  raw_client client(peer.port());
  client.send(get("/bytes/1"));
  EXPECT_EQ(client.read_response(), "HTTP/1.1 103 Early Hints\r\n\r\n");
  EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(status_of(client.read_response()), 200);
}

TEST(fault, early_answers_before_the_body_was_sent) {
  faulty_server peer("request 1: early, status 413");
  raw_client client(peer.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(status_of(client.read_response()), 413);
  EXPECT_EQ(peer.report().requests, 0U);
  EXPECT_EQ(body_of(client.ask("abc" + get("/bytes/2"))), "ab");
  EXPECT_EQ(peer.report().arrivals.at(0).body, "abc");
}

TEST(fault, slow_sends_pieces) {
  faulty_server peer("all: slow 100 bytes every 10ms");
  raw_client client(peer.port());
  const auto start = steady_clock::now();
  const auto response = client.ask(get("/bytes/500"));
  // n pieces have n - 1 intervals between them.
  EXPECT_GE(steady_clock::now() - start, 10ms * ((response.size() - 1) / 100));
  EXPECT_EQ(body_of(response).size(), 500U);
}

// --- framing ---

TEST(fault, framing_can_be_chunked_or_end_with_the_connection) {
  faulty_server peer("request 1: framing chunked\nrequest 2: framing close");
  raw_client client(peer.port());
  const auto chunked = client.ask(get("/bytes/3"));
  EXPECT_EQ(header_of(chunked, "Transfer-Encoding"), "chunked");
  EXPECT_EQ(body_of(chunked), "3\r\nabc\r\n0\r\n\r\n");
  client.send(get("/bytes/3"));
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(header_of(client.received, "Content-Length"), "");
  EXPECT_EQ(header_of(client.received, "Connection"), "close");
  EXPECT_EQ(body_of(client.received), "abc");
}

TEST(fault, http_1_0_keeps_the_connection_only_when_asked) {
  faulty_server peer("all: http 1.0");
  raw_client client(peer.port());
  const auto kept = client.ask("GET /bytes/1 HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(kept, StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_EQ(header_of(kept, "Connection"), "keep-alive");
  client.send(get("/chunked/3"));
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(header_of(client.received, "Transfer-Encoding"), "");
  EXPECT_EQ(body_of(client.received), "abc");
}

struct malformed_case {
  const char* kind;
  std::string expected;  ///< appears on the wire
};

class malformed_answer : public ::testing::TestWithParam<malformed_case> {};

TEST_P(malformed_answer, is_malformed_and_the_connection_stays_open) {
  faulty_server peer(std::string("all: malformed ") + GetParam().kind);
  raw_client client(peer.port());
  client.send(get("/bytes/3"));
  auto event = wire_event::bytes;
  while (event == wire_event::bytes && client.received.find(GetParam().expected) == std::string::npos) {
    event = client.next();
  }
  EXPECT_THAT(client.received, HasSubstr(GetParam().expected));
  EXPECT_EQ(client.read_to_end(a_while), wire_event::silence);
  EXPECT_EQ(peer.report().open_connections, 1U);
}

INSTANTIATE_TEST_SUITE_P(
    fault, malformed_answer,
    ::testing::Values(malformed_case{"conflicting-lengths", "Content-Length: 3\r\nContent-Length: 4\r\n"},
                      malformed_case{"length-and-chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"},
                      malformed_case{"chunk-size", "\r\n\r\nbanana\r\nabc"},
                      malformed_case{"chunk-overflow", "\r\n\r\n10000000000000000\r\nabc"},
                      malformed_case{"huge-head", std::string(1000, 'x') + "\r\nContent-Length: 3\r\n\r\nabc"},
                      malformed_case{"status-line", "This is not HTTP 200"},
                      malformed_case{"nul-in-header", std::string("X-Broken: a\0b\r\n", 15)},
                      malformed_case{"short-length", "Content-Length: 2\r\n\r\nabc"},
                      malformed_case{"long-length", "Content-Length: 4\r\n\r\nabc"}),
    [](const auto& each) {
      std::string name = each.param.kind;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(fault, malformed_huge_head_is_over_64_kib) {
  faulty_server peer("all: malformed huge-head");
  EXPECT_GT(raw_client(peer.port()).ask(get("/bytes/1")).size(), 65536U);
}

// --- stray bytes ---

TEST(fault, stray_bytes_follow_the_response) {
  faulty_server peer(R"(request 1: stray "HTTP/1.1 408 Request Timeout\r\n\r\n")");
  raw_client client(peer.port());
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200);
  EXPECT_EQ(status_of(client.read_response()), 408);
}

TEST(fault, stray_bytes_can_share_a_tls_record_with_the_response) {
  faulty_server peer(R"(request 1: stray "stray" with response)", true);
  raw_tls tls(peer.ca_file());
  raw_client client(peer.port(), &tls);
  client.send(get("/bytes/1"));
  EXPECT_EQ(client.next(), wire_event::bytes);
  EXPECT_THAT(client.received, EndsWith("\r\n\r\nastray"));
}

TEST(fault, stray_bytes_come_with_the_end_of_a_slow_response_too) {
  faulty_server peer(R"(request 1: slow 1 bytes every 100us, stray "stray" with response)", true);
  raw_tls tls(peer.ca_file());
  raw_client client(peer.port(), &tls);
  client.send(get("/bytes/3"));
  std::size_t before = 0;
  while (!client.received.ends_with("stray")) {
    before = client.received.size();
    ASSERT_EQ(client.next(), wire_event::bytes);
  }
  EXPECT_EQ(client.received.substr(before), "cstray");
}

TEST(fault, stray_bytes_never_complete_a_response_that_is_cut) {
  faulty_server peer(
      "request 1: truncate after 3 bytes, stray \"stray\" with response, stray \"stray\", stray \"stray\" after 1ms");
  raw_client client(peer.port());
  client.send(get("/bytes/10"));
  while (client.next() == wire_event::bytes) {
  }
  EXPECT_THAT(client.received, EndsWith("\r\n\r\nabc"));
}

TEST(fault, stray_bytes_can_come_when_idle_for_a_while) {
  faulty_server peer(R"(request 1: stray "late" after 80ms)");
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  const auto start = steady_clock::now();
  client.read_bytes(4);
  EXPECT_EQ(client.received, "late");
  EXPECT_GE(steady_clock::now() - start, 60ms);
  EXPECT_EQ(status_of((client.received.clear(), client.ask(get("/bytes/1")))), 200);
}

TEST(fault, what_is_due_on_an_idle_connection_is_forgotten_when_a_request_comes) {
  faulty_server peer(R"(request 1: close when idle after 10m)");
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200);
  EXPECT_EQ(client.read_to_end(a_while), wire_event::silence);
}

// --- ends ---

TEST(fault, close_before_the_response) {
  faulty_server peer("connection 1 request 2: close");
  raw_client client(peer.port());
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200);
  client.send(get("/bytes/1"));
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.received, "");
  EXPECT_EQ(peer.ended_by(), "fault close");
  EXPECT_EQ(peer.report().history.at(0).requests, 2U);
}

TEST(fault, close_over_tls_says_so_and_truncate_does_not) {
  faulty_server peer("request 1: close\nrequest 2: truncate", true);
  raw_tls tls(peer.ca_file());
  raw_client first(peer.port(), &tls);
  first.send(get("/bytes/1"));
  EXPECT_EQ(first.read_to_end(), wire_event::fin);
  raw_client second(peer.port(), &tls);
  second.send(get("/bytes/1"));
  EXPECT_EQ(second.read_to_end(), wire_event::bare_fin);
  EXPECT_EQ(peer.ended_by(2), "fault truncate");
}

TEST(fault, reset_before_the_response) {
  faulty_server peer("every 2 times 1: reset");
  for (const bool is_reset : {false, true, false, false}) {
    raw_client client(peer.port());
    client.send(get("/bytes/1"));
    EXPECT_EQ(client.next(), is_reset ? wire_event::reset : wire_event::bytes);
  }
  EXPECT_EQ(peer.ended_by(2), "fault reset");
}

TEST(fault, close_after_reading_only_the_head) {
  faulty_server peer("all: close after head");
  raw_client client(peer.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nsome");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_FALSE(peer.report().arrivals.at(0).complete);
}

TEST(fault, reset_in_the_middle_of_a_body_with_a_length) {
  faulty_server peer("all: reset after 5 bytes");
  raw_client client(peer.port());
  client.send(get("/bytes/100"));
  EXPECT_EQ(client.read_to_end(), wire_event::reset);
  EXPECT_EQ(header_of(client.received, "Content-Length"), "100");
  EXPECT_EQ(body_of(client.received), "abcde");
}

TEST(fault, close_in_the_middle_of_a_chunk) {
  faulty_server peer("all: close after 5 bytes");
  raw_client client(peer.port());
  client.send(get("/chunked/100/4"));
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(body_of(client.received), "4\r\nabcd\r\n4\r\ne");
}

TEST(fault, close_after_the_head_of_the_response) {
  faulty_server peer("all: close after 0 bytes");
  raw_client client(peer.port());
  client.send(get("/bytes/100"));
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_THAT(client.received, EndsWith("\r\n\r\n"));
}

TEST(fault, close_when_idle) {
  faulty_server peer("connection 1: close when idle\nconnection 2: close when idle after 80ms");
  raw_client at_once(peer.port());
  EXPECT_EQ(status_of(at_once.ask(get("/bytes/1"))), 200);
  EXPECT_EQ(at_once.read_to_end(), wire_event::fin);
  raw_client later(peer.port());
  later.ask(get("/bytes/1"));
  const auto start = steady_clock::now();
  EXPECT_EQ(later.read_to_end(), wire_event::fin);
  EXPECT_GE(steady_clock::now() - start, 60ms);
  EXPECT_EQ(peer.ended_by(2), "fault close");
}

TEST(fault, close_when_idle_resets_who_writes_afterwards) {
  faulty_server peer("all: close when idle");
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  ASSERT_TRUE(peer.all_closed());
  // The first is answered by RST, after which the kernel takes no more.
  const auto deadline = steady_clock::now() + raw_client::patience;
  while (client.send("x") && steady_clock::now() < deadline) {
  }
  EXPECT_FALSE(client.send("x"));
}

TEST(fault, half_close_when_idle_goes_on_reading) {
  faulty_server peer("all: half-close when idle", true);
  raw_tls tls(peer.ca_file());
  raw_client client(peer.port(), &tls);
  client.ask(get("/bytes/1"));
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(peer.ended_by(), "fault half-close");
  EXPECT_EQ(peer.report().open_connections, 1U);
  client.finish();
  EXPECT_TRUE(peer.all_closed());
}

TEST(fault, stall_keeps_silent_on_an_open_connection) {
  faulty_server peer("request 1: stall\nrequest 2: stall after 2 bytes");
  {
    raw_client client(peer.port());
    client.send(get("/bytes/1"));
    EXPECT_EQ(client.next(a_while), wire_event::silence);
    EXPECT_EQ(peer.report().open_connections, 1U);
  }
  ASSERT_TRUE(peer.all_closed());
  EXPECT_EQ(peer.ended_by(), "client");
  raw_client client(peer.port());
  client.send(get("/bytes/9"));
  EXPECT_EQ(client.read_to_end(a_while), wire_event::silence);
  EXPECT_EQ(body_of(client.received), "ab");
}

TEST(fault, vanish_drops_every_packet) {
  faulty_server peer("request 1: vanish\nrequest 3: vanish when idle");
  {
    raw_client client(peer.port());
    client.send(get("/bytes/1"));
    ASSERT_TRUE(peer.all_closed());
    client.send("more");
    EXPECT_TRUE(client.waits_for_acknowledgement());
    EXPECT_EQ(client.next(0ms), wire_event::silence);
  }
  raw_client client(peer.port());
  client.ask(get("/bytes/1"));
  client.ask(get("/bytes/1"));
  ASSERT_TRUE(peer.all_closed(2));
  client.send(get("/bytes/1"));
  EXPECT_TRUE(client.waits_for_acknowledgement());
  EXPECT_EQ(peer.ended_by(2), "fault vanish");
  EXPECT_EQ(peer.report().requests, 3U);
}

// --- before any request ---

TEST(fault, connections_can_be_refused_at_accept) {
  faulty_server peer("connection 1: close at accept\nconnection 2: reset at accept");
  raw_client first(peer.port());
  EXPECT_EQ(first.read_to_end(), wire_event::fin);
  raw_client second(peer.port());
  EXPECT_EQ(second.read_to_end(), wire_event::reset);
  raw_client third(peer.port());
  EXPECT_EQ(status_of(third.ask(get("/bytes/1"))), 200);
}

TEST(fault, handshakes_can_fail) {
  faulty_server peer("connection 1: reset in handshake\nconnection 2: close in handshake", true);
  raw_tls tls(peer.ca_file());
  EXPECT_FALSE(raw_client(peer.port(), &tls).is_connected());
  EXPECT_FALSE(raw_client(peer.port(), &tls).is_connected());
  EXPECT_TRUE(raw_client(peer.port(), &tls).is_connected());
  EXPECT_EQ(peer.ended_by(1), "fault reset");
  EXPECT_EQ(peer.ended_by(2), "fault close");
}

TEST(fault, handshakes_can_stall) {
  faulty_server peer("every 2: stall in handshake", true);
  raw_tls tls(peer.ca_file());
  EXPECT_TRUE(raw_client(peer.port(), &tls).is_connected());
  raw_client client(peer.port());
  client.send("\x16\x03\x01");
  EXPECT_EQ(client.next(a_while), wire_event::silence);
}

// --- scripts ---

TEST(fault, every_rule_that_matches_is_applied) {
  faulty_server peer("all: status 503\npath /v1/models: header \"a: b\"\nrequest 2: status 500");
  raw_client client(peer.port());
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 503);
  const auto second = client.ask(get("/v1/models?x=1"));
  EXPECT_EQ(status_of(second), 500);
  EXPECT_EQ(header_of(second, "a"), "b");
}

TEST(fault, a_new_script_counts_requests_on) {
  faulty_server peer("request 1: status 500");
  raw_client client(peer.port());
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 500);
  peer.set_script(parse_script("request 1: status 501\nrequest 2: status 502").value());
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 502);
}

TEST(fault, contradictions_in_a_script_built_by_hand_are_refused) {
  emulator_options options;
  options.tls = false;
  options.script.rules.push_back({.when = {}, .actions = {fault::early{}}});
  EXPECT_THROW(server{options}, std::invalid_argument);
  options.script = parse_script("all: stall in handshake").value();
  EXPECT_THROW(server{options}, std::invalid_argument);
}

TEST(fault, works_from_a_distance_in_order) {
  emulator_options options;
  options.tls = true;
  options.rtt = 20ms;
  options.script = parse_script("request 1: reset after 50000 bytes\nrequest 2: close when idle").value();
  server peer(options);
  raw_tls tls(peer.ca_file());
  raw_client first(peer.port(), &tls);
  first.send(get("/bytes/100000"));
  EXPECT_EQ(first.read_to_end(), wire_event::reset);
  EXPECT_EQ(body_of(first.received).size(), 50'000U);
  raw_client second(peer.port(), &tls);
  EXPECT_EQ(body_of(second.ask(get("/bytes/100000"))).size(), 100'000U);
  EXPECT_EQ(second.read_to_end(), wire_event::fin);
}

}  // namespace
}  // namespace warmwire::emulator::fault_test
