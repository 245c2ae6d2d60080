// The server's HTTP/2 without faults: choosing the protocol, streams, flow control, limits, the report.
#include "emulator/emulator.hpp"
#include "tests/integration/emulator/h2_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

namespace warmwire::emulator::h2_server_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Long enough to notice what should not come; a slow machine can only make the test miss it.
constexpr auto a_while = 50ms;

constexpr std::size_t request_limit = 64 << 20;

emulator_options plain() {
  emulator_options options;
  options.tls = false;
  return options;
}

std::string ended_by(server& peer) {
  peer.wait_for([](const report& seen) { return !seen.history.empty() && !seen.history[0].ended_by.empty(); });
  return peer.report().history.at(0).ended_by;
}

// --- choosing the protocol ---

TEST(h2_server, is_chosen_by_alpn_before_http_1_1) {
  server peer({});
  raw_tls tls(peer.ca_file());
  offer(tls, {"http/1.1", "h2"});
  h2_client client(peer.port(), {.tls = &tls});
  const auto& response = client.wait(client.chat("Say hello"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("content-type"), "application/json");
  EXPECT_EQ(response.field("content-length"), std::to_string(response.body.size()));
  EXPECT_EQ(response.field("connection"), "");
  EXPECT_THAT(response.body, HasSubstr(R"("content":"You wrote 2 words: Say hello")"));
  EXPECT_EQ(peer.report().history.at(0).protocol, "h2");
}

TEST(h2_server, leaves_http_1_1_to_those_who_offer_nothing_else_or_nothing) {
  server peer({});
  raw_tls silent(peer.ca_file());
  EXPECT_EQ(status_of(raw_client(peer.port(), &silent).ask(get("/bytes/1"))), 200);
  raw_tls old(peer.ca_file());
  offer(old, {"http/1.1"});
  raw_client client(peer.port(), &old);
  EXPECT_EQ(client.protocol(), "http/1.1");
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200);
  EXPECT_EQ(peer.report().history.at(1).protocol, "http/1.1");
}

TEST(h2_server, knows_a_client_without_tls_by_its_preface) {
  server peer(plain());
  EXPECT_EQ(h2_client(peer.port()).ask("/bytes/3").body, "abc");
  raw_client old(peer.port());
  old.send("P");  // as the preface begins, and a POST
  old.send("OST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status_of(old.read_response()), 200);
}

TEST(h2_server, can_be_told_to_speak_one_protocol_only) {
  emulator_options options;
  options.protocols = protocol_choice::http1;
  server old(options);
  raw_tls tls(old.ca_file());
  offer(tls, {"h2", "http/1.1"});
  EXPECT_EQ(raw_client(old.port(), &tls).protocol(), "http/1.1");
  offer(tls, {"h2"});
  EXPECT_FALSE(raw_client(old.port(), &tls).is_connected());

  options.protocols = protocol_choice::http2;
  server modern(options);
  raw_tls trust(modern.ca_file());
  offer(trust, {"http/1.1"});
  EXPECT_FALSE(raw_client(modern.port(), &trust).is_connected());
  options.tls = false;
  server plain_modern(options);
  raw_client client(plain_modern.port());
  client.send(get("/bytes/1"));
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_THAT(ended_by(plain_modern), StartsWith("protocol error: "));
}

// --- streams ---

TEST(h2_server, answers_every_route) {
  server peer(plain());
  h2_client client(peer.port());
  EXPECT_EQ(client.wait(client.post("/echo", "some body", {{"content-type", "text/x"}})).body, "some body");
  EXPECT_THAT(client.wait(client.get("/headers", {{"a", "b"}})).body, HasSubstr(R"(["a","b"])"));
  EXPECT_THAT(client.ask("/headers").body, HasSubstr(R"([":authority","localhost"])"));
  EXPECT_EQ(client.ask("/bytes/300000").body.size(), 300'000U);
  EXPECT_EQ(client.ask("/status/418").status, 418);
  EXPECT_EQ(client.ask("/v1/models").status, 200);
  EXPECT_EQ(client.ask("/nowhere").status, 404);
}

TEST(h2_server, sends_a_body_without_a_length_in_pieces) {
  server peer(plain());
  h2_client client(peer.port());
  const auto stream = client.get("/chunked/10/4");
  const auto& response = client.wait(stream);
  EXPECT_EQ(response.body, "abcdefghij");
  EXPECT_EQ(response.field("content-length"), "");
  EXPECT_EQ(client.count(NGHTTP2_DATA, stream), 3U);
}

TEST(h2_server, drips_pieces_one_after_the_other) {
  server peer(plain());
  h2_client client(peer.port());
  const auto start = steady_clock::now();
  const auto stream = client.get("/drip/4/20ms");
  EXPECT_EQ(client.wait(stream).body.size(), 64U);
  EXPECT_GE(steady_clock::now() - start, 60ms);
  EXPECT_GE(client.count(NGHTTP2_DATA, stream), 4U);
}

TEST(h2_server, drips_over_http_1_1_too) {
  server peer(plain());
  raw_client client(peer.port());
  const auto start = steady_clock::now();
  const auto response = client.ask(get("/drip/3/20ms"));
  EXPECT_GE(steady_clock::now() - start, 40ms);
  EXPECT_THAT(body_of(response), StartsWith("10\r\nabcdefghijklmnop\r\n10\r\n"));
}

TEST(h2_server, has_no_body_for_a_response_that_may_not_have_one) {
  server peer(plain());
  h2_client client(peer.port());
  const auto stream = client.get("/status/204");
  EXPECT_EQ(client.wait(stream).status, 204);
  EXPECT_EQ(client.count(NGHTTP2_DATA, stream), 0U);
}

TEST(h2_server, answers_many_streams_in_the_order_in_which_they_are_ready) {
  server peer(plain());
  h2_client client(peer.port());
  const auto streams = client.get_all({{"/delay/500ms"}, {"/bytes/1"}, {"/delay/50ms"}});
  ASSERT_TRUE(client.read_until([&] { return client.ended().size() == 3; }));
  EXPECT_THAT(client.ended(), ElementsAre(streams.at(1), streams.at(2), streams.at(0)));
  EXPECT_EQ(peer.report().history.at(0).max_streams_at_once, 3U);
}

TEST(h2_server, serves_a_hundred_streams_at_once) {
  auto options = plain();
  options.latency = 30ms;
  server peer(options);
  h2_client client(peer.port());
  for (int i = 0; i < 100; ++i)
    client.get("/bytes/5000");
  ASSERT_TRUE(client.read_until([&] { return client.ended().size() == 100; }));
  for (const auto stream : client.ended())
    EXPECT_EQ(client.response(stream).body.size(), 5000U);
}

TEST(h2_server, announces_its_limit_of_streams_and_refuses_what_is_above) {
  auto options = plain();
  options.max_concurrent_streams = 2;
  options.latency = std::chrono::hours(1);
  server peer(options);
  h2_client client(peer.port());
  // Before the client has seen the SETTINGS, it may open more.
  client.get("/bytes/1");
  client.get("/bytes/1");
  const auto third = client.get("/bytes/1");
  EXPECT_EQ(client.wait(third).reset, NGHTTP2_REFUSED_STREAM);
  EXPECT_EQ(client.announced(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 2U);
  const auto seen = peer.report().history.at(0);
  EXPECT_EQ(seen.streams_refused, 1U);
  EXPECT_EQ(seen.streams, 2U);
}

TEST(h2_server, ends_the_work_of_a_stream_that_the_client_resets) {
  server peer(plain());
  h2_client client(peer.port());
  const auto stream = client.get("/delay/1h");
  ASSERT_TRUE(peer.wait_for([](const report& seen) { return seen.requests == 1; }));
  client.reset(stream);
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  const auto half = client.begin_post("/echo");
  client.reset(half, NGHTTP2_INTERNAL_ERROR);
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  const auto seen = peer.report();
  EXPECT_EQ(seen.history.at(0).resets.at("cancel"), 1U);
  EXPECT_EQ(seen.history.at(0).resets.at("internal-error"), 1U);
  EXPECT_FALSE(seen.arrivals.at(2).complete);
  EXPECT_EQ(seen.arrivals.at(2).stream, half);
}

TEST(h2_server, does_not_mind_thousands_of_resets) {
  server peer(plain());
  h2_client client(peer.port());
  for (int i = 0; i < 3000; ++i)
    client.reset(client.get("/delay/1h"));
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  EXPECT_EQ(peer.report().history.at(0).resets.at("cancel"), 3000U);
}

// --- flow control ---

TEST(h2_server, sends_no_more_than_the_windows_allow) {
  server peer(plain());
  h2_client client(peer.port(), {.window = 1000, .gives_credit = false});
  const auto stream = client.get("/bytes/2500");
  client.read_until([] { return false; }, a_while);
  EXPECT_EQ(client.response(stream).body.size(), 1000U);
  // One stream's window is no other's.
  const auto other = client.get("/bytes/600");
  EXPECT_EQ(client.wait(other).body.size(), 600U);
  client.give_credit(stream);
  client.read_until([&] { return client.response(stream).body.size() == 2000; });
  EXPECT_FALSE(client.response(stream).is_ended);
}

TEST(h2_server, takes_a_body_larger_than_its_windows) {
  server peer(plain());
  h2_client client(peer.port());
  const std::string body(3'000'000, 'x');
  EXPECT_EQ(client.wait(client.post("/echo", body)).body, body);
}

TEST(h2_server, goes_on_with_other_streams_while_one_is_read_slowly) {
  server peer(plain());
  h2_client client(peer.port(), {.window = 10, .gives_credit = false});
  const auto stuck = client.get("/bytes/100");
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(client.ask("/bytes/9").body.size(), 9U);
  EXPECT_FALSE(client.response(stuck).is_ended);
}

// --- limits ---

TEST(h2_server, refuses_a_head_and_a_body_that_are_too_large) {
  server peer(plain());
  h2_client client(peer.port());
  // Each counts 32 bytes more than it has.
  const field_list fields(2000, {"x", "y"});
  EXPECT_EQ(client.wait(client.get("/bytes/1", fields)).status, 431);
  const auto upload = client.post("/echo", std::string(request_limit + 1, 'x'));
  EXPECT_EQ(client.wait(upload).status, 413);
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  EXPECT_EQ(peer.report().requests, 1U);
}

TEST(h2_server, tells_of_a_client_that_breaks_the_protocol) {
  server peer(plain());
  h2_client client(peer.port());
  client.ask("/bytes/1");
  client.wire.send(std::string("\0\0\1\0\0\0\0\0\0x", 10));  // DATA on stream 0
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  ASSERT_EQ(client.goaways().size(), 1U);
  EXPECT_EQ(client.goaways()[0].code, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  EXPECT_THAT(ended_by(peer), StartsWith("protocol error: "));
}

TEST(h2_server, reads_no_more_of_a_client_that_does_not_read) {
  server peer(plain());
  h2_client client(peer.port());
  client.ask("/bytes/1");
  const std::string ping("\0\0\x08\x06\0\0\0\0\0warmwire", 17);
  std::string many;
  for (int i = 0; i < 5000; ++i)
    many += ping;
  // More than the buffers of both kernels hold: either the writing gets stuck, or the server ends the connection.
  bool is_sent = true;
  for (int i = 0; i < 1000 && is_sent; ++i)
    is_sent = client.wire.send_some(many, a_while);
  EXPECT_FALSE(is_sent);
}

// --- the connection ---

TEST(h2_server, answers_pings_and_counts_them) {
  server peer(plain());
  h2_client client(peer.port());
  client.ping();
  client.ping();
  EXPECT_TRUE(client.read_until([&] { return client.pongs() == 2; }));
  EXPECT_EQ(peer.report().history.at(0).pings, 2U);
}

TEST(h2_server, reports_the_clients_goaway_and_end) {
  server peer(plain());
  {
    h2_client client(peer.port());
    client.ask("/bytes/1");
    client.say_goaway(NGHTTP2_ENHANCE_YOUR_CALM);
  }
  EXPECT_EQ(ended_by(peer), "client");
  EXPECT_EQ(peer.report().history.at(0).goaway, "enhance-your-calm");
  EXPECT_TRUE(peer.wait_for([](const report& seen) { return seen.open_connections == 0; }));
}

TEST(h2_server, counts_arrivals_by_request_id) {
  server peer(plain());
  h2_client client(peer.port());
  client.wait(client.get("/bytes/1", {{"x-request-id", "a"}}));
  client.wait(client.get("/bytes/1", {{"x-request-id", "a"}, {"x-client-request-id", "c"}}));
  client.wait(client.get("/bytes/1", {{"x-client-request-id", "b"}}));
  raw_client(peer.port()).ask("GET /bytes/1 HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\r\n\r\n");
  const auto seen = peer.report();
  EXPECT_EQ(seen.arrivals_of("a").arrived, 3U);
  EXPECT_EQ(seen.arrivals_of("b").arrived, 1U);
  EXPECT_EQ(seen.arrivals_of("c").arrived, 0U);
  EXPECT_EQ(seen.arrivals.at(0).target, "/bytes/1");
  EXPECT_EQ(seen.arrivals.at(0).headers.at(0).first, ":scheme");
}

TEST(h2_server, closes_idle_connections_with_goaway) {
  auto options = plain();
  options.keep_alive = 1s;
  server peer(options);
  h2_client client(peer.port());
  client.ask("/bytes/1");
  const auto start = steady_clock::now();
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_GE(steady_clock::now() - start, 900ms);
  ASSERT_EQ(client.goaways().size(), 1U);
  EXPECT_EQ(client.goaways()[0].last, 1U);
  EXPECT_EQ(client.goaways()[0].code, 0U);
  EXPECT_EQ(ended_by(peer), "server keep-alive");
}

TEST(h2_server, drains_after_the_last_request_of_a_connection) {
  auto options = plain();
  options.max_requests_per_connection = 2;
  server peer(options);
  h2_client client(peer.port());
  const auto first = client.get("/delay/30ms");
  const auto second = client.get("/delay/60ms");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.response(first).status, 200);
  EXPECT_EQ(client.response(second).status, 200);
  ASSERT_EQ(client.goaways().size(), 1U);
  EXPECT_EQ(client.goaways()[0].last, static_cast<std::uint32_t>(second));
  EXPECT_EQ(ended_by(peer), "server");
}

TEST(h2_server, works_from_a_distance) {
  emulator_options options;
  options.rtt = 40ms;
  server peer(options);
  raw_tls tls(peer.ca_file());
  offer(tls, {"h2"});
  h2_client client(peer.port(), {.tls = &tls});
  client.ask("/bytes/1");
  const auto start = steady_clock::now();
  client.get("/bytes/100000");
  client.get("/bytes/10");
  ASSERT_TRUE(client.read_until([&] { return client.ended().size() == 3; }));
  EXPECT_GE(steady_clock::now() - start, 40ms);
}

TEST(h2_server, tells_a_client_to_go_on_with_its_body) {
  server peer(plain());
  h2_client client(peer.port());
  const auto stream = client.begin_post("/echo", {{"expect", "100-continue"}});
  ASSERT_TRUE(client.read_until([&] { return !client.response(stream).interims.empty(); }));
  client.finish(stream, "ok");
  EXPECT_EQ(client.wait(stream).body, "ok");
  EXPECT_THAT(client.response(stream).interims, ElementsAre(100));
}

TEST(h2_server, resumes_tls_sessions) {
  server peer({});
  raw_tls tls(peer.ca_file());
  offer(tls, {"h2"});
  for (const bool is_resumed : {false, true}) {
    h2_client client(peer.port(), {.tls = &tls});
    EXPECT_EQ(client.ask("/bytes/1").status, 200);
    EXPECT_EQ(client.wire.is_resumed(), is_resumed);
  }
}

TEST(h2_server, stops_with_connections_in_every_state) {
  auto options = plain();
  options.rtt = 1ms;
  auto peer = std::make_unique<server>(options);
  h2_client idle(peer->port());
  h2_client waiting(peer->port());
  waiting.get("/delay/1h");
  h2_client sending(peer->port(), {.window = 10});
  sending.get("/bytes/1000000");
  h2_client vanished(peer->port());
  peer->set_script(parse_script("path /headers: vanish").value());
  vanished.get("/headers");
  ASSERT_TRUE(peer->wait_for([](const report& seen) { return seen.connections == 4 && seen.open_connections == 3; }));
  peer.reset();
  EXPECT_NE(waiting.read_to_end(), wire_event::silence);
}

}  // namespace
}  // namespace warmwire::emulator::h2_server_test
