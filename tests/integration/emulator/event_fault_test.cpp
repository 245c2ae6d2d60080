// Faults of streamed answers as the client sees them on the wire, and the page of what came.
#include "tests/integration/emulator/faulty_server.hpp"
#include "tests/integration/emulator/h2_client.hpp"
#include "tests/integration/emulator/raw_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace warmwire::emulator::event_fault_test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto path = "/v1/chat/completions";
constexpr auto body = R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello there"}],"stream":true})";

std::string ask(raw_client& client) {
  return client.ask(post(path, body));
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size()))
    ++found;
  return found;
}

TEST(event_fault, a_stream_is_chunked_and_ends_with_its_marker) {
  faulty_server peer("");
  raw_client client(peer.port());
  const std::string response = ask(client);
  EXPECT_EQ(header_of(response, "Content-Type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(header_of(response, "Transfer-Encoding"), "chunked");
  EXPECT_THAT(response, HasSubstr("data: [DONE]\n\n"));
  EXPECT_THAT(response, EndsWith("\r\n0\r\n\r\n"));
  EXPECT_EQ(status_of(ask(client)), 200) << "the connection can be used again";
}

TEST(event_fault, cut_ends_the_stream_in_order) {
  faulty_server peer("all: cut after 3 events");
  raw_client client(peer.port());
  const std::string response = ask(client);
  EXPECT_EQ(count(response, "data: "), 3U);
  EXPECT_THAT(response, EndsWith("\r\n0\r\n\r\n"));
}

TEST(event_fault, an_end_after_events_leaves_the_stream_open) {
  faulty_server peer("all: reset after 3 events");
  raw_client client(peer.port());
  client.send(post(path, body));
  EXPECT_EQ(client.read_to_end(), wire_event::reset);
  faulty_server polite("all: close after 3 events");
  raw_client second(polite.port());
  second.send(post(path, body));
  EXPECT_EQ(second.read_to_end(), wire_event::fin);
  EXPECT_EQ(count(second.received, "data: "), 3U);
  EXPECT_THAT(second.received, Not(EndsWith("0\r\n\r\n")));
}

TEST(event_fault, event_bytes_gives_each_piece_a_tls_record_of_its_own) {
  faulty_server peer("all: event-bytes 2, cut after 3 events", true);
  raw_tls tls(peer.ca_file());
  raw_client client(peer.port(), &tls);
  client.send(post(path, body));
  ASSERT_EQ(client.next(), wire_event::bytes);  // the head, perhaps with the first piece
  std::size_t before = client.received.size();
  int records = 0;
  while (!client.received.ends_with("\r\n0\r\n\r\n")) {
    ASSERT_EQ(client.next(), wire_event::bytes);
    // "2\r\n", two bytes, "\r\n"; the last may have the end of the body with it.
    EXPECT_LE(client.received.size() - before, 7U + 5U);
    before = client.received.size();
    ++records;
  }
  EXPECT_GT(records, 100);
}

TEST(event_fault, event_bytes_gives_each_piece_a_data_frame) {
  faulty_server peer("all: event-bytes 1, cut after 2 events", true);
  raw_tls tls(peer.ca_file());
  offer(tls, {"h2"});
  h2_client client(peer.port(), {.tls = &tls});
  const auto stream = client.post(path, body, {{"authorization", "Bearer sk-test"}});
  EXPECT_EQ(client.wait(stream).status, 200);
  EXPECT_TRUE(client.response(stream).is_ended);
  for (const seen_frame& each : client.frames()) {
    if (each.type == NGHTTP2_DATA) {
      EXPECT_LE(each.payload.size(), 1U);
    }
  }
  EXPECT_EQ(count(client.response(stream).body, "data: "), 2U);
}

TEST(event_fault, rst_after_events_resets_the_stream_alone) {
  faulty_server peer("request 1: rst internal-error after 2 events");
  h2_client client(peer.port());
  const auto stream = client.post(path, body, {{"authorization", "Bearer sk-test"}});
  EXPECT_EQ(client.wait(stream).reset, std::uint32_t{NGHTTP2_INTERNAL_ERROR});
  EXPECT_EQ(count(client.response(stream).body, "data: "), 2U);
  EXPECT_EQ(client.ask("/bytes/1").status, 200);
}

TEST(event_fault, compress_codes_what_the_client_accepts) {
  faulty_server peer("all: compress");
  h2_client client(peer.port());
  EXPECT_EQ(client.wait(client.get("/v1beta/models", {{"x-goog-api-key", "k"}, {"accept-encoding", "gzip, br"}}))
                .field("content-encoding"),
            "br");
  EXPECT_EQ(client.wait(client.get("/v1beta/models", {{"x-goog-api-key", "k"}})).field("content-encoding"), "");
}

TEST(event_fault, retry_after_is_told_in_the_head) {
  faulty_server peer("all: status 429, retry-after 1500ms");
  raw_client client(peer.port());
  const std::string response = client.ask(chat("Hello"));
  EXPECT_EQ(header_of(response, "retry-after"), "2");
  EXPECT_EQ(header_of(response, "retry-after-ms"), "1500");
}

TEST(record_page, shows_what_came_and_not_itself) {
  faulty_server peer("");
  raw_client client(peer.port());
  client.ask(post("/echo", "some body"));
  for (int i = 0; i < 2; ++i) {
    const std::string response = client.ask(get("/_emulator/requests"));
    ASSERT_EQ(status_of(response), 200);
    const auto shown = boost::json::parse(body_of(response)).at("requests").as_array();
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].at("target").as_string(), "/echo");
    EXPECT_EQ(shown[0].at("body").as_string(), "some body");
  }
}

TEST(record_page, is_unknown_to_a_server_that_does_not_record) {
  emulator_options options;
  options.tls = false;
  options.record = false;
  server peer(options);
  raw_client client(peer.port());
  EXPECT_EQ(status_of(client.ask(get("/_emulator/requests"))), 404);
}

}  // namespace
}  // namespace warmwire::emulator::event_fault_test
