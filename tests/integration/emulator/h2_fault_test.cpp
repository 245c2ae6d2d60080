// Each fault that both protocols have, as an HTTP/2 client sees it.
#include "tests/integration/emulator/faulty_server.hpp"
#include "tests/integration/emulator/h2_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace warmwire::emulator::h2_fault_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Long enough to notice what should not come; a slow machine can only make the test miss it.
constexpr auto a_while = 50ms;

// --- answers ---

TEST(h2_fault, answers_change_as_with_http_1_1) {
  faulty_server peer(
      "request 1: status 429, header \"Retry-After: 7\", interim 103 times 2\n"
      "request 2: body \"{}\", header \"X-Request-Id:\"\n"
      "request 3: framing chunked");
  h2_client client(peer.port());
  const auto& limited = client.wait(client.chat("hello"));
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.field("retry-after"), "7");
  EXPECT_THAT(limited.body, HasSubstr("rate_limit_exceeded"));
  EXPECT_THAT(limited.interims, ElementsAre(103, 103));
  const auto& replaced = client.wait(client.chat("hello"));
  EXPECT_EQ(replaced.body, "{}");
  EXPECT_EQ(replaced.field("x-request-id"), "");
  EXPECT_EQ(client.ask("/bytes/3").field("content-length"), "");
}

TEST(h2_fault, delay_holds_up_its_own_stream_only) {
  faulty_server peer("request 1: delay 60ms");
  h2_client client(peer.port());
  const auto start = steady_clock::now();
  const auto streams = client.get_all({{"/bytes/1"}, {"/bytes/1"}});
  client.wait(streams.at(0));
  EXPECT_GE(steady_clock::now() - start, 60ms);
  EXPECT_THAT(client.ended(), ElementsAre(streams.at(1), streams.at(0)));
}

TEST(h2_fault, early_answers_before_the_body_was_sent) {
  faulty_server peer("request 1: early, status 413");
  h2_client client(peer.port());
  const auto stream = client.begin_post("/echo");
  EXPECT_EQ(client.wait(stream).status, 413);
  EXPECT_EQ(peer.report().requests, 0U);
  client.finish(stream, "abc");
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  EXPECT_EQ(peer.report().arrivals.at(0).body, "abc");
}

TEST(h2_fault, slow_sends_the_body_in_pieces) {
  faulty_server peer("request 1: slow 100 bytes every 10ms");
  h2_client client(peer.port());
  const auto start = steady_clock::now();
  const auto stream = client.get("/bytes/450");
  EXPECT_EQ(client.wait(stream).body.size(), 450U);
  EXPECT_GE(steady_clock::now() - start, 40ms);
  EXPECT_GE(client.count(NGHTTP2_DATA, stream), 5U);
}

TEST(h2_fault, raw_and_stray_bytes_come_between_frames) {
  // PING frames, by hand: while no stream is idle, instead of an answer, and behind one.
  faulty_server peer(
      "request 1: raw \"\\0\\0\\x08\\x06\\0\\0\\0\\0\\0rawbytes\"\n"
      "request 2: stray \"\\0\\0\\x08\\x06\\0\\0\\0\\0\\0together\" with response\n"
      "connection 2: stray \"\\0\\0\\x08\\x06\\0\\0\\0\\0\\0whenidle\"");
  h2_client client(peer.port());
  const auto unanswered = client.get("/bytes/1");
  ASSERT_TRUE(client.read_until([&] { return client.count(NGHTTP2_PING) == 1; }));
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  ASSERT_TRUE(client.read_until([&] { return client.count(NGHTTP2_PING) == 2; }));
  EXPECT_EQ(client.frames().back().payload, "together");
  EXPECT_FALSE(client.response(unanswered).is_ended);
  h2_client second(peer.port());
  EXPECT_EQ(second.ask("/bytes/1").status, 200);
  ASSERT_TRUE(second.read_until([&] { return second.count(NGHTTP2_PING) == 1; }));
  EXPECT_EQ(second.frames().back().payload, "whenidle");
}

// --- ends of the connection ---

TEST(h2_fault, close_takes_all_streams_with_it_and_says_no_goaway) {
  faulty_server peer("request 2: close");
  h2_client client(peer.port());
  const auto waiting = client.get("/delay/1h");
  const auto closing = client.get("/bytes/1");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.response(waiting).status, 0);
  EXPECT_EQ(client.response(closing).status, 0);
  EXPECT_TRUE(client.goaways().empty());
  EXPECT_EQ(peer.ended_by(), "fault close");
}

TEST(h2_fault, what_was_ready_before_the_end_is_sent) {
  faulty_server peer("request 3: delay 50ms, close");  // by when the others are ready
  h2_client client(peer.port());
  const auto first = client.get("/bytes/10");
  const auto second = client.get("/bytes/20000");
  client.get("/bytes/1");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.response(first).body.size(), 10U);
  EXPECT_EQ(client.response(second).body.size(), 20'000U);
}

TEST(h2_fault, close_over_tls_says_so_and_truncate_does_not) {
  faulty_server peer("request 1: close\nrequest 2: truncate", true);
  raw_tls tls(peer.ca_file());
  offer(tls, {"h2"});
  h2_client first(peer.port(), {.tls = &tls});
  first.get("/bytes/1");
  EXPECT_EQ(first.read_to_end(), wire_event::fin);
  h2_client second(peer.port(), {.tls = &tls});
  second.get("/bytes/1");
  EXPECT_EQ(second.read_to_end(), wire_event::bare_fin);
  EXPECT_EQ(peer.ended_by(2), "fault truncate");
}

TEST(h2_fault, close_after_reading_only_the_head) {
  faulty_server peer("all: close after head");
  h2_client client(peer.port());
  client.begin_post("/echo");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_FALSE(peer.report().arrivals.at(0).complete);
}

TEST(h2_fault, reset_in_the_middle_of_a_body) {
  faulty_server peer("request 2: reset after 30000 bytes");
  h2_client client(peer.port(), {.gives_credit = false});
  const auto waiting = client.get("/delay/1h");
  const auto stream = client.get("/bytes/100000");
  EXPECT_EQ(client.read_to_end(), wire_event::reset);
  EXPECT_EQ(client.response(stream).field("content-length"), "100000");
  EXPECT_EQ(client.response(stream).body.size(), 30'000U);
  EXPECT_FALSE(client.response(waiting).is_ended);
  EXPECT_EQ(peer.ended_by(), "fault reset");
}

TEST(h2_fault, close_after_the_head_or_the_whole_body_without_its_end) {
  faulty_server peer("connection 1: close after 0 bytes\nconnection 2: close after 500 bytes");
  h2_client head(peer.port());
  const auto first = head.get("/bytes/100");
  EXPECT_EQ(head.read_to_end(), wire_event::fin);
  EXPECT_EQ(head.response(first).status, 200);
  EXPECT_EQ(head.response(first).body, "");
  h2_client whole(peer.port());
  const auto second = whole.get("/bytes/100");
  EXPECT_EQ(whole.read_to_end(), wire_event::fin);
  EXPECT_EQ(whole.response(second).body.size(), 100U);
  EXPECT_FALSE(whole.response(second).is_ended);
}

TEST(h2_fault, close_when_idle_waits_for_the_last_stream) {
  faulty_server peer("connection 1: close when idle\nconnection 2: close when idle after 60ms");
  h2_client at_once(peer.port());
  const auto streams = at_once.get_all({{"/bytes/1"}, {"/delay/40ms"}});
  EXPECT_EQ(at_once.read_to_end(), wire_event::fin);
  for (const auto stream : streams)
    EXPECT_EQ(at_once.response(stream).status, 200);
  h2_client later(peer.port());
  const auto start = steady_clock::now();
  later.ask("/bytes/1");
  EXPECT_EQ(later.read_to_end(), wire_event::fin);
  EXPECT_GE(steady_clock::now() - start, 60ms);
}

TEST(h2_fault, half_close_goes_on_reading) {
  faulty_server peer("all: half-close");
  h2_client client(peer.port());
  client.get("/bytes/1");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(peer.ended_by(), "fault half-close");
  EXPECT_EQ(peer.report().open_connections, 1U);
  EXPECT_TRUE(client.wire.send(std::string(100'000, 'x')));
  client.wire.finish();
  EXPECT_TRUE(peer.all_closed());
}

TEST(h2_fault, stall_silences_one_stream) {
  faulty_server peer("request 1: stall\nrequest 2: stall after 2 bytes\nrequest 3: stall after head");
  h2_client client(peer.port());
  const auto first = client.get("/bytes/9");
  const auto second = client.get("/bytes/9");
  const auto third = client.begin_post("/echo");
  client.finish(third, "x");
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  client.ping();
  ASSERT_TRUE(client.read_until([&] { return client.pongs() == 1; }));
  EXPECT_EQ(client.response(first).status, 0);
  EXPECT_EQ(client.response(second).body, "ab");
  EXPECT_FALSE(client.response(second).is_ended);
  EXPECT_EQ(client.response(third).status, 0);
  client.reset(first);
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
}

TEST(h2_fault, mute_silences_the_connection) {
  faulty_server peer("request 2: mute");
  {
    h2_client client(peer.port());
    const auto dripping = client.get("/drip/1000/1ms");
    client.get("/bytes/1");
    ASSERT_TRUE(peer.wait_for([](const report& seen) { return seen.requests == 2; }));
    client.read_to_end(a_while);  // what was on its way
    client.ping();
    client.get("/bytes/1");
    EXPECT_EQ(client.read_to_end(a_while), wire_event::silence);
    EXPECT_EQ(client.pongs(), 0U);
    EXPECT_FALSE(client.response(dripping).is_ended);
    ASSERT_TRUE(peer.wait_for([](const report& seen) { return seen.history[0].pings == 1 && seen.requests == 3; }));
  }
  EXPECT_TRUE(peer.all_closed());
  EXPECT_EQ(peer.ended_by(), "client");
}

TEST(h2_fault, mute_can_begin_in_a_body_or_when_idle_and_is_stall_for_http_1_1) {
  faulty_server peer("each connection request 1: mute when idle\nconnection 1: mute after 2 bytes");
  h2_client client(peer.port());
  const auto stream = client.get("/bytes/9");
  client.read_to_end(a_while);
  EXPECT_EQ(client.response(stream).body, "ab");
  h2_client idle(peer.port());
  EXPECT_EQ(idle.ask("/bytes/1").status, 200);
  idle.ping();
  idle.get("/bytes/1");
  EXPECT_EQ(idle.read_to_end(a_while), wire_event::silence);
  EXPECT_EQ(idle.pongs(), 0U);
  raw_client old(peer.port());
  EXPECT_EQ(status_of(old.ask(get("/bytes/1"))), 200);
  old.send(get("/bytes/1"));
  EXPECT_EQ(old.next(a_while), wire_event::silence);
}

TEST(h2_fault, vanish_drops_every_packet) {
  faulty_server peer("request 2: vanish");
  h2_client client(peer.port());
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  client.get("/bytes/1");
  ASSERT_TRUE(peer.all_closed());
  client.wire.send("more");
  EXPECT_TRUE(client.wire.waits_for_acknowledgement());
  EXPECT_EQ(client.read_to_end(0ms), wire_event::silence);
  EXPECT_EQ(peer.ended_by(), "fault vanish");
}

TEST(h2_fault, works_from_a_distance_in_order) {
  emulator_options options;
  options.rtt = 20ms;
  options.script =
      parse_script("request 1: reset after 50000 bytes\nrequest 2: close when idle\nrequest 3: vanish").value();
  server peer(options);
  raw_tls tls(peer.ca_file());
  offer(tls, {"h2"});
  // A write to a connection that was reset would take the unread bytes with it.
  h2_client first(peer.port(), {.tls = &tls, .gives_credit = false});
  const auto cut = first.get("/bytes/100000");
  EXPECT_EQ(first.read_to_end(), wire_event::reset);
  EXPECT_EQ(first.response(cut).body.size(), 50'000U);
  h2_client second(peer.port(), {.tls = &tls});
  const auto whole = second.get("/bytes/100000");
  EXPECT_EQ(second.read_to_end(), wire_event::fin);
  EXPECT_EQ(second.response(whole).body.size(), 100'000U);
  h2_client third(peer.port(), {.tls = &tls});
  third.get("/bytes/1");
  EXPECT_TRUE(peer.wait_for([](const report& seen) { return seen.history.size() == 3 && !seen.history[2].open; }));
  const auto seen = peer.report();
  EXPECT_EQ(seen.history[0].ended_by, "fault reset");
  EXPECT_EQ(seen.history[1].ended_by, "fault close");
  EXPECT_EQ(seen.history[2].ended_by, "fault vanish");
}

}  // namespace
}  // namespace warmwire::emulator::h2_fault_test
