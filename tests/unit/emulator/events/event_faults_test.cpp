// What a script makes of the events of a stream, and of the bytes that they are.
#include "emulator/api/server_kind.hpp"
#include "emulator/events/compression.hpp"
#include "emulator/events/event_script.hpp"
#include "emulator/events/event_writing.hpp"
#include "emulator/script.hpp"
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include <array>

namespace warmwire::emulator::event_faults_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using part = stream_event::part;

behaviour told(std::string_view actions) {
  const auto parsed = parse_script("all: " + std::string(actions));
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  behaviour made;
  for (const action& each : parsed.value().rules.at(0).actions)
    made.apply(each);
  return made;
}

event_stream four_events(event_dialect dialect = event_dialect::chat) {
  return {.dialect = dialect,
          .events = {{.data = R"({"a":1})"},
                     {.data = R"({"b":2,"c":"d, \"e"})"},
                     {.data = R"({"usage":3})", .what = part::finish, .has_usage = true},
                     {.data = "[DONE]", .what = part::marker}}};
}

std::vector<std::string> data_after(std::string_view actions, std::string_view server = "openai",
                                    event_dialect dialect = event_dialect::chat) {
  event_stream stream = four_events(dialect);
  commit_event_faults(stream, told(actions), *find_server(server), 7);
  std::vector<std::string> data;
  for (const stream_event& each : stream.events)
    data.push_back(each.data);
  return data;
}

answer written(std::string_view actions, bool is_list = false) {
  answer said;
  said.framing = fault::body_framing::chunked;
  said.stream = four_events();
  said.stream->is_list = is_list;
  const behaviour how = told(actions);
  commit_event_faults(*said.stream, how, *find_server("openai"), 7);
  write_events(said, how);
  if (how.event_bytes) split_pieces(said, *how.event_bytes);
  return said;
}

TEST(event_faults, cut_leaves_so_many_events) {
  EXPECT_THAT(data_after("cut after 2 events"), ElementsAre(R"({"a":1})", R"({"b":2,"c":"d, \"e"})"));
  EXPECT_THAT(data_after("cut after 0 events"), IsEmpty());
  EXPECT_EQ(data_after("cut after 9 events").size(), 4U);
}

TEST(event_faults, cut_does_not_count_what_is_between_events) {
  event_stream stream = four_events();
  stream.events.insert(stream.events.begin(), {.data = "ping", .what = part::noise});
  commit_event_faults(stream, told("cut after 1 event"), *find_server("openai"), 7);
  EXPECT_EQ(stream.events.size(), 2U);
}

TEST(event_faults, no_terminal_leaves_out_all_that_ends_a_stream_and_no_marker_its_last_word) {
  EXPECT_EQ(data_after("no-terminal").size(), 2U);
  EXPECT_THAT(data_after("no-marker").back(), HasSubstr("usage"));
}

TEST(event_faults, malformed_event_breaks_one) {
  EXPECT_EQ(data_after("malformed-event json at 2")[1], R"({"b":2,"c")");
  EXPECT_EQ(data_after("malformed-event json")[0], R"({"a)");
  EXPECT_EQ(data_after("malformed-event shape at 1")[0], "[]");
  EXPECT_EQ(data_after("malformed-event empty at 1")[0], "");
  EXPECT_THAT(data_after("malformed-event utf-8 at 1")[0], HasSubstr("\xff"));
  EXPECT_GT(data_after("malformed-event huge at 1")[0].size(), 20U << 20U);
  EXPECT_EQ(data_after("malformed-event json at 9"), data_after("delay 0s"));
}

TEST(event_faults, error_event_is_the_last_in_the_providers_own_form) {
  const auto chat = data_after("error-event 503 after 2 events");
  ASSERT_EQ(chat.size(), 3U);
  EXPECT_EQ(testing::text_at(boost::json::parse(chat[2]), "/error/code"), "overloaded");
  const auto anthropic = data_after("error-event 529 after 1 event", "anthropic", event_dialect::messages);
  EXPECT_EQ(testing::text_at(boost::json::parse(anthropic[1]), "/error/type"), "overloaded_error");
  const auto responses =
      boost::json::parse(data_after("error-event after 2 events", "openai", event_dialect::responses)[2]);
  EXPECT_EQ(testing::text_at(responses, "/type"), "error");
  EXPECT_EQ(responses.at("sequence_number").to_number<int>(), 2);
  const auto gemini = boost::json::parse(data_after("error-event 503", "google", event_dialect::gemini)[1]);
  EXPECT_EQ(testing::text_at(gemini, "/error/status"), "UNAVAILABLE");
  const auto router = boost::json::parse(data_after("error-event 502", "openrouter")[1]);
  EXPECT_EQ(testing::text_at(router, "/choices/0/finish_reason"), "error");
  const auto word = boost::json::parse(data_after(R"(error-event 429 "insufficient_quota")")[1]);
  EXPECT_EQ(testing::text_at(word, "/error/type"), "insufficient_quota");
}

TEST(event_faults, duplicate_usage_says_it_twice) {
  const auto data = data_after("duplicate-usage");
  ASSERT_EQ(data.size(), 5U);
  EXPECT_EQ(data[2], data[3]);
}

TEST(event_faults, noise_comes_before_each_event) {
  EXPECT_EQ(data_after("pings").size(), 8U);
  EXPECT_EQ(data_after("pings", "anthropic", event_dialect::messages)[0], R"({"type":"ping"})");
  EXPECT_EQ(data_after("pings, comments, unknown-events").size(), 16U);
  EXPECT_EQ(data_after(R"(between-events "\n\n")")[0], "\n\n");
}

TEST(event_writing, is_server_sent_events) {
  EXPECT_EQ(written("cut after 1 event").body, "data: {\"a\":1}\n\n");
  EXPECT_EQ(written("cut after 1 event, line-ends crlf").body, "data: {\"a\":1}\r\n\r\n");
  EXPECT_EQ(written("cut after 1 event, line-ends cr").body, "data: {\"a\":1}\r\r");
  EXPECT_EQ(written("cut after 1 event, byte-order-mark").body,
            "\xEF\xBB\xBF"
            "data: {\"a\":1}\n\n");
  EXPECT_EQ(written("cut after 1 event, pings").body, ": ping\n\ndata: {\"a\":1}\n\n");
}

TEST(event_writing, breaks_data_into_lines_only_where_white_space_means_nothing) {
  EXPECT_THAT(written("multi-line").body, HasSubstr("data: {\"b\":2,\ndata: \"c\":\"d, \\\"e\"}\n\n"));
}

TEST(event_writing, makes_a_piece_of_each_event) {
  const answer said = written("event-delay 5ms");
  ASSERT_EQ(said.pieces.size(), 4U);
  EXPECT_EQ(said.pieces[0].pause, 0ms);
  EXPECT_EQ(said.pieces[1].pause, 5ms);
  EXPECT_EQ(said.pieces.back().end, said.body.size());
  EXPECT_EQ(bytes_of_events(said, 1), said.pieces[0].end);
  EXPECT_EQ(bytes_of_events(said, 9), said.body.size());
}

TEST(event_writing, cuts_events_into_pieces_of_so_many_bytes) {
  const answer said = written("event-bytes 3, event-delay 5ms");
  std::uint64_t begin = 0;
  std::uint64_t events = 0;
  std::chrono::microseconds paused{};
  for (const body_piece& each : said.pieces) {
    EXPECT_LE(each.end - begin, 3U);
    EXPECT_GT(each.end, begin);
    begin = each.end;
    events += each.ends_event ? 1 : 0;
    paused += each.pause;
  }
  EXPECT_EQ(begin, said.body.size());
  EXPECT_EQ(events, 4U);
  EXPECT_EQ(paused, 15ms);
  EXPECT_EQ(bytes_of_events(said, 2), bytes_of_events(written("delay 0s"), 2));
}

TEST(event_writing, makes_one_array_of_a_list) {
  const answer said = written("cut after 2 events, pings", true);
  EXPECT_EQ(boost::json::parse(said.body).as_array().size(), 2U);
  EXPECT_EQ(boost::json::parse(written("cut after 0 events", true).body).as_array().size(), 0U);
}

std::string inflated(const std::string& coded) {
  z_stream state{};
  EXPECT_EQ(inflateInit2(&state, 15 + 16), Z_OK);
  std::string out(1 << 20U, '\0');
  std::string in = coded;
  state.next_in = reinterpret_cast<Bytef*>(in.data());
  state.avail_in = static_cast<uInt>(in.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  inflate(&state, Z_SYNC_FLUSH);
  out.resize(state.total_out);
  inflateEnd(&state);
  return out;
}

request accepting(std::string codings) {
  request what;
  if (!codings.empty()) what.headers = {{"accept-encoding", std::move(codings)}};
  return what;
}

TEST(compression, takes_what_the_client_accepts) {
  EXPECT_EQ(accepted_coding(accepting("gzip, br"), {}), content_coding::br);
  EXPECT_EQ(accepted_coding(accepting("gzip"), {}), content_coding::gzip);
  EXPECT_EQ(accepted_coding(accepting("gzip"), {.coding = content_coding::br}), std::nullopt);
  EXPECT_EQ(accepted_coding(accepting(""), {}), std::nullopt);
  EXPECT_EQ(accepted_coding(accepting("br;q=0, gzip;q=0.5"), {}), content_coding::gzip);
}

TEST(compression, lets_each_event_be_decoded_when_it_has_come) {
  answer said = written("delay 0s");
  const std::string plain = said.body;
  const auto plain_end = said.pieces[1].end;
  compress_body(said, content_coding::gzip);
  EXPECT_EQ(testing::field_of(said, "content-encoding"), "gzip");
  EXPECT_EQ(inflated(said.body), plain);
  EXPECT_EQ(inflated(said.body.substr(0, static_cast<std::size_t>(said.pieces[1].end))),
            plain.substr(0, static_cast<std::size_t>(plain_end)));
}

TEST(event_actions, are_refused_when_they_are_wrong) {
  for (const std::string_view wrong :
       {"cut", "cut after 1", "malformed-event", "malformed-event what", "malformed-event json at 0", "error-event 200",
        "error-event after x events", "event-bytes 0", "line-ends", "line-ends tab", "between-events x", "retry-after",
        "event-delay 5", "raw \"x\", reset after 2 events"}) {
    EXPECT_FALSE(parse_script("all: " + std::string(wrong))) << wrong;
  }
}

}  // namespace
}  // namespace warmwire::emulator::event_faults_test
