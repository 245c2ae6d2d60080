// Each fault that only HTTP/2 has, as the client sees it.
#include "tests/integration/emulator/faulty_server.hpp"
#include "tests/integration/emulator/h2_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace warmwire::emulator::h2_only_fault_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::StartsWith;

constexpr auto a_while = 50ms;

emulator_options plain(std::string_view rules) {
  emulator_options made;
  made.tls = false;
  made.script = parse_script(rules).value();
  return made;
}

// --- streams ---

TEST(h2_only_fault, rst_ends_the_stream_and_nothing_else) {
  faulty_server peer(
      "request 1: rst internal-error\n"
      "request 2: rst enhance-your-calm after 5 bytes\n"
      "request 3: rst cancel after 0 bytes");
  h2_client client(peer.port());
  EXPECT_EQ(client.ask("/bytes/9").reset, NGHTTP2_INTERNAL_ERROR);
  const auto& cut = client.ask("/bytes/9");
  EXPECT_EQ(cut.reset, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(cut.body, "abcde");
  const auto& bare = client.ask("/bytes/9");
  EXPECT_EQ(bare.reset, NGHTTP2_CANCEL);
  EXPECT_EQ(bare.status, 200);
  EXPECT_EQ(bare.body, "");
  EXPECT_EQ(client.ask("/bytes/9").body.size(), 9U);
  EXPECT_EQ(peer.report().history.at(0).streams_refused, 0U);
}

TEST(h2_only_fault, rst_can_follow_the_whole_response) {
  faulty_server peer(
      "request 1: early, status 413, rst no-error after response\n"
      "request 2: rst no-error after response");
  h2_client client(peer.port());
  const auto stream = client.begin_post("/echo");
  ASSERT_TRUE(client.read_until([&] { return client.response(stream).reset.has_value(); }));
  EXPECT_TRUE(client.response(stream).is_ended);
  EXPECT_EQ(client.response(stream).status, 413);
  EXPECT_EQ(client.response(stream).reset, NGHTTP2_NO_ERROR);
  const auto empty = client.get("/status/200");
  ASSERT_TRUE(client.read_until([&] { return client.count(NGHTTP2_RST_STREAM, empty) == 1; }));
  EXPECT_TRUE(client.response(empty).is_ended);
}

TEST(h2_only_fault, refuse_says_that_nothing_was_done) {
  faulty_server peer("request 1: refuse");
  h2_client client(peer.port());
  EXPECT_EQ(client.wait(client.get("/bytes/1", {{"x-request-id", "a"}})).reset, NGHTTP2_REFUSED_STREAM);
  EXPECT_EQ(client.wait(client.get("/bytes/1", {{"x-request-id", "a"}})).status, 200);
  const auto seen = peer.report();
  EXPECT_EQ(seen.history.at(0).streams_refused, 1U);
  EXPECT_EQ(seen.arrivals_of("a").arrived, 2U);
  EXPECT_EQ(seen.arrivals_of("a").refused, 1U);
}

TEST(h2_only_fault, an_rst_that_refuses_counts_as_a_refusal) {
  faulty_server peer("request 1: rst refused-stream\nrequest 2: rst cancel");
  h2_client client(peer.port());
  EXPECT_EQ(client.wait(client.get("/bytes/1", {{"x-request-id", "a"}})).reset, NGHTTP2_REFUSED_STREAM);
  EXPECT_EQ(client.wait(client.get("/bytes/1", {{"x-request-id", "b"}})).reset, NGHTTP2_CANCEL);
  EXPECT_EQ(peer.report().arrivals_of("a").refused, 1U);
  EXPECT_EQ(peer.report().arrivals_of("b").refused, 0U);
}

// --- GOAWAY ---

TEST(h2_only_fault, goaway_completes_what_is_at_or_below_the_last_id) {
  faulty_server peer("request 2: delay 20ms, goaway last this enhance-your-calm");
  h2_client client(peer.port());
  const auto streams = client.get_all(
      {{"/delay/80ms", {{"x-request-id", "below"}}}, {"/bytes/1"}, {"/delay/80ms", {{"x-request-id", "above"}}}});
  const auto own = streams.at(1);
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.response(streams.at(0)).status, 200);
  EXPECT_EQ(client.response(own).status, 200);
  EXPECT_EQ(client.response(streams.at(2)).status, 0);
  ASSERT_EQ(client.goaways().size(), 1U);
  EXPECT_EQ(client.goaways()[0].last, static_cast<std::uint32_t>(own));
  EXPECT_EQ(client.goaways()[0].code, static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_EQ(peer.ended_by(), "fault goaway");
  EXPECT_EQ(peer.report().arrivals_of("above").refused, 1U);
  EXPECT_EQ(peer.report().arrivals_of("below").refused, 0U);
}

TEST(h2_only_fault, goaway_can_exclude_the_stream_itself) {
  faulty_server peer("request 2: goaway last before");
  h2_client client(peer.port());
  const auto first = client.get("/delay/40ms");
  const auto second = client.get("/bytes/1");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.response(first).status, 200);
  EXPECT_EQ(client.response(second).status, 0);
  EXPECT_EQ(client.goaways().at(0).last, static_cast<std::uint32_t>(first));
}

TEST(h2_only_fault, goaway_can_exclude_all) {
  faulty_server peer("request 1: goaway last 0 internal-error after head");
  h2_client client(peer.port());
  const auto stream = client.begin_post("/echo");
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.response(stream).status, 0);
  EXPECT_EQ(client.goaways().at(0).last, 0U);
  EXPECT_EQ(client.goaways().at(0).code, static_cast<std::uint32_t>(NGHTTP2_INTERNAL_ERROR));
}

TEST(h2_only_fault, goaway_that_excludes_nothing_yet_is_followed_by_the_last_word) {
  faulty_server peer("request 1: goaway last 2147483647");
  h2_client client(peer.port());
  // nghttp2 opens no stream after a GOAWAY, so both go out before it comes.
  const auto streams = client.get_all({{"/delay/20ms"}, {"/delay/60ms"}});
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_EQ(client.response(streams.at(0)).status, 200);
  EXPECT_EQ(client.response(streams.at(1)).status, 200);
  ASSERT_EQ(client.goaways().size(), 2U);
  EXPECT_EQ(client.goaways()[0].last, max_stream_id);
  EXPECT_EQ(client.goaways()[1].last, static_cast<std::uint32_t>(streams.at(1)));
}

TEST(h2_only_fault, goaway_when_idle) {
  faulty_server peer("all: goaway when idle after 40ms");
  h2_client client(peer.port());
  const auto stream = client.get("/bytes/1");
  const auto start = steady_clock::now();
  EXPECT_EQ(client.read_to_end(), wire_event::fin);
  EXPECT_GE(steady_clock::now() - start, 40ms);
  EXPECT_EQ(client.response(stream).status, 200);
  EXPECT_EQ(client.goaways().at(0).last, static_cast<std::uint32_t>(stream));
}

// --- limits ---

TEST(h2_only_fault, settings_change_the_limits_in_flight) {
  faulty_server peer("request 1: settings max-streams 3, settings window 1000");
  h2_client client(peer.port());
  EXPECT_EQ(client.announced(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE), 65535U);
  client.ask("/bytes/1");
  EXPECT_EQ(client.announced(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 3U);
  EXPECT_EQ(client.announced(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE), 1000U);
  const std::string body(10'000, 'x');
  EXPECT_EQ(client.wait(client.post("/echo", body)).body, body);
}

TEST(h2_only_fault, no_pong_leaves_pings_unanswered) {
  faulty_server peer("request 1: no-pong");
  h2_client client(peer.port());
  client.ping();
  ASSERT_TRUE(client.read_until([&] { return client.pongs() == 1; }));
  client.get("/delay/1h");
  client.ping();
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  EXPECT_EQ(client.pongs(), 1U);
  EXPECT_EQ(peer.report().history.at(0).pings, 2U);
}

TEST(h2_only_fault, slow_window_holds_up_the_stream) {
  faulty_server peer("request 1: slow-window never\nrequest 2: slow-window 20ms");
  h2_client client(peer.port());
  const std::string body(100'000, 'x');
  const auto stuck = client.post("/echo", body);
  const auto start = steady_clock::now();
  EXPECT_EQ(client.wait(client.post("/echo", body)).body, body);
  EXPECT_GE(steady_clock::now() - start, 20ms);
  EXPECT_EQ(client.wait(client.post("/echo", body)).body, body);
  EXPECT_EQ(client.response(stuck).status, 0);
  EXPECT_EQ(client.count(NGHTTP2_WINDOW_UPDATE, stuck), 0U);
}

TEST(h2_only_fault, slow_window_can_hold_up_the_connection) {
  emulator_options options = plain("path /echo: slow-window never connection");
  server peer(options);
  h2_client client(peer.port());
  client.ask("/bytes/1");  // so that the connection's window is known
  // The window of the connection is as large as sixteen streams' and a bit; the seventeenth gets the bit.
  for (int i = 0; i < 18; ++i)
    client.post("/echo", std::string(65'535, 'x'));
  ASSERT_TRUE(peer.wait_for([](const report& seen) { return seen.requests == 17; }));
  client.read_until([] { return false; }, a_while);
  EXPECT_EQ(peer.report().requests, 17U);
}

// --- floods ---

TEST(h2_only_fault, floods_of_control_frames_come_before_the_answer) {
  // nghttp2's client takes a thousand at once.
  faulty_server peer("request 1: flood settings 900\nrequest 2: flood ping 900");
  h2_client client(peer.port());
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  EXPECT_GE(client.count(NGHTTP2_SETTINGS), 900U);
  EXPECT_EQ(client.count(NGHTTP2_PING), 900U);
  // All of them were acknowledged, and the server did not mind.
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
}

TEST(h2_only_fault, flood_of_continuations_never_ends_its_head) {
  faulty_server peer("request 2: flood continuation 500");
  h2_client client(peer.port());
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
  client.only_watch();
  const auto stream = client.get("/bytes/1");
  ASSERT_TRUE(client.read_until([&] { return client.count(NGHTTP2_CONTINUATION, stream) == 500; }));
  const bool has_end = std::any_of(client.frames().begin(), client.frames().end(), [stream](const seen_frame& each) {
    return each.stream == stream && (each.flags & NGHTTP2_FLAG_END_HEADERS) != 0;
  });
  EXPECT_FALSE(has_end);
  client.ping();
  EXPECT_EQ(client.read_to_end(a_while), wire_event::silence);
  EXPECT_EQ(client.frames().back().type, NGHTTP2_CONTINUATION);
}

TEST(h2_only_fault, flood_of_empty_data_comes_before_the_body) {
  faulty_server peer("request 1: flood empty-data 1500");
  h2_client client(peer.port());
  const auto stream = client.get("/bytes/3");
  EXPECT_EQ(client.wait(stream).body, "abc");
  EXPECT_EQ(client.count(NGHTTP2_DATA, stream), 1501U);
}

TEST(h2_only_fault, flood_of_resets_hits_its_stream) {
  faulty_server peer("request 1: flood rst 50");
  h2_client client(peer.port());
  const auto stream = client.get("/bytes/3");
  ASSERT_TRUE(client.read_until([&] { return client.count(NGHTTP2_RST_STREAM, stream) == 50; }));
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
}

TEST(h2_only_fault, flood_of_headers_is_one_large_head) {
  faulty_server peer("request 1: flood headers 2000");
  h2_client client(peer.port());
  client.wait(client.get("/bytes/3"));
  EXPECT_EQ(client.response(1).fields.size(), 2003U);
}

// --- hostile frames ---

// What nghttp2's client makes of it: the code of its RST_STREAM, or of its GOAWAY.
struct hostile_case {
  const char* name;
  const char* action;
  const char* reset = "";
  const char* goaway = "";
};

class hostile_answer : public ::testing::TestWithParam<hostile_case> {};

TEST_P(hostile_answer, is_noticed_by_a_client_in_order) {
  faulty_server peer(std::string("request 2: ") + GetParam().action);
  h2_client client(peer.port());
  client.ask("/bytes/1");
  const auto stream = client.get("/bytes/3");
  const std::string reset = GetParam().reset;
  const std::string goaway = GetParam().goaway;
  client.read_to_end(a_while);
  ASSERT_TRUE(peer.wait_for([&](const report& seen) {
    return goaway.empty() ? seen.history[0].resets.contains(reset) : seen.history[0].goaway == goaway;
  })) << client.response(stream).status;
}

INSTANTIATE_TEST_SUITE_P(h2_only_fault, hostile_answer,
                         ::testing::Values(hostile_case{"oversized", "bad-frame oversized", "", "frame-size-error"},
                                           hostile_case{"stream_zero", "bad-frame stream-zero", "", "protocol-error"},
                                           hostile_case{"hpack", "bad-frame hpack", "", "compression-error"},
                                           hostile_case{"uppercase", "bad-frame uppercase-header", "protocol-error"},
                                           hostile_case{"no_status", "bad-frame no-status", "protocol-error"},
                                           hostile_case{"two_statuses", "bad-frame two-statuses", "protocol-error"},
                                           hostile_case{"short_length", "bad-frame short-length", "protocol-error"},
                                           hostile_case{"long_length", "bad-frame long-length", "protocol-error"},
                                           hostile_case{"window", "overflow-window", "", "flow-control-error"},
                                           hostile_case{"stream_window", "overflow-window stream, delay 10ms",
                                                        "flow-control-error"}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(h2_only_fault, a_frame_of_an_unknown_type_is_to_be_ignored) {
  faulty_server peer("all: bad-frame unknown-type");
  h2_client client(peer.port());
  EXPECT_EQ(client.ask("/bytes/3").body, "abc");
  const bool has_it =
      std::any_of(client.frames().begin(), client.frames().end(), [](const auto& each) { return each.type == 0xbb; });
  EXPECT_TRUE(has_it);
}

TEST(h2_only_fault, push_is_sent_though_it_is_forbidden) {
  faulty_server peer("request 1: push");
  h2_client client(peer.port());
  client.only_watch();
  const auto stream = client.get("/bytes/3");
  ASSERT_TRUE(client.read_until([&] { return client.count(NGHTTP2_DATA, stream) == 1; }));
  EXPECT_EQ(client.count(NGHTTP2_PUSH_PROMISE, stream), 1U);
}

// --- scripts ---

TEST(h2_only_fault, does_nothing_to_http_1_1) {
  faulty_server peer("all: refuse, goaway, settings max-streams 1, flood ping 10, push, no-pong, slow-window never");
  raw_client client(peer.port());
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200);
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 200);
}

TEST(h2_only_fault, what_the_server_does_not_speak_is_refused) {
  auto options = plain("all: refuse");
  options.protocols = protocol_choice::http1;
  EXPECT_THROW(server{options}, std::invalid_argument);
  options.script = parse_script("all: http 1.0").value();
  EXPECT_NO_THROW(server{options});
  options.protocols = protocol_choice::http2;
  EXPECT_THROW(server{options}, std::invalid_argument);
  options.script = {};
  options.max_concurrent_streams = max_stream_id + 1;
  EXPECT_THROW(server{options}, std::invalid_argument);
}

}  // namespace
}  // namespace warmwire::emulator::h2_only_fault_test
