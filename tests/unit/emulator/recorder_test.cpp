// What the report keeps of requests and streams.
#include "emulator/recorder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::emulator::recorder_test {
namespace {

seen_request with_id(std::string id) {
  return {.connection = 1, .headers = {{"X-Request-Id", std::move(id)}}};
}

TEST(recorder, counts_arrivals_and_refusals_by_id) {
  recorder records;
  records.on_connected();
  records.on_request(with_id("a"));
  records.on_request(with_id("a"));
  records.on_unprocessed("a");
  const auto seen = records.snapshot();
  EXPECT_EQ(seen.arrivals_of("a").arrived, 2U);
  EXPECT_EQ(seen.arrivals_of("a").refused, 1U);
  EXPECT_EQ(seen.arrivals_of("b").arrived, 0U);
  EXPECT_EQ(seen.ids.size(), 1U);
}

TEST(recorder, gives_the_counts_of_ids_away_and_begins_anew) {
  recorder records;
  records.on_connected();
  records.on_request(with_id("a"));
  records.on_request(with_id("b"));
  const auto first = records.take_ids();
  EXPECT_EQ(first.size(), 2U);
  EXPECT_EQ(first.at("a").arrived, 1U);
  EXPECT_TRUE(records.snapshot().ids.empty());
  records.on_request(with_id("a"));
  records.on_unprocessed("b");
  const auto second = records.take_ids();
  EXPECT_EQ(second.at("a").arrived, 1U);
  EXPECT_EQ(second.at("b").arrived, 0U);
  EXPECT_EQ(second.at("b").refused, 1U);
}

TEST(recorder, keeps_a_limited_number_of_ids) {
  recorder records;
  records.on_connected();
  for (std::size_t i = 0; i < recorder::kept_ids; ++i)
    records.on_request(with_id(std::to_string(i)));
  EXPECT_EQ(records.snapshot().ids_not_counted, 0U);
  records.on_request(with_id("one more"));
  records.on_request(with_id("0"));
  const auto seen = records.snapshot();
  EXPECT_EQ(seen.ids.size(), recorder::kept_ids);
  records.on_unprocessed("one more");
  EXPECT_EQ(records.snapshot().ids.size(), recorder::kept_ids);
  EXPECT_EQ(seen.ids_not_counted, 1U);
  EXPECT_EQ(seen.arrivals_of("0").arrived, 2U);
}

TEST(recorder, does_not_keep_an_id_that_is_too_long) {
  recorder records;
  records.on_connected();
  records.on_request(with_id(std::string(recorder::kept_id_bytes + 1, 'x')));
  EXPECT_TRUE(records.snapshot().ids.empty());
  EXPECT_EQ(records.snapshot().ids_not_counted, 1U);
}

TEST(recorder, counts_what_was_not_known_in_bounds) {
  recorder records;
  records.on_unknown("/a", {"x", "y"});
  records.on_unknown("/a", {"x"});
  records.on_unknown("/a", {});
  const auto seen = records.snapshot().unknown_fields;
  EXPECT_EQ(seen, (std::map<std::string, std::uint64_t, std::less<>>{{"/a x", 2}, {"/a y", 1}}));
  for (std::size_t i = 0; i < 2 * recorder::kept_unknown; ++i)
    records.on_unknown("/b", {std::to_string(i)});
  records.on_unknown("/a", {"x"});
  EXPECT_EQ(records.snapshot().unknown_fields.size(), recorder::kept_unknown);
  EXPECT_EQ(records.snapshot().unknown_fields.at("/a x"), 3U);
  recorder others;
  others.on_unknown("/" + std::string(10'000, 'p'), {"x"});
  EXPECT_LE(others.snapshot().unknown_fields.begin()->first.size(), recorder::kept_id_bytes + 2);
}

TEST(recorder, counts_what_streams_do) {
  recorder records;
  records.on_connected();
  records.on_protocol(1, "h2");
  EXPECT_EQ(records.on_stream(1, 1), 1U);
  EXPECT_EQ(records.on_stream(1, 2), 2U);
  EXPECT_EQ(records.on_stream(1, 1), 3U);
  records.on_stream_reset(1, "cancel");
  records.on_stream_reset(1, "cancel");
  records.on_stream_refused(1);
  records.on_ping(1);
  records.on_goaway(1, "no-error");
  const auto seen = records.snapshot().history.at(0);
  EXPECT_EQ(seen.protocol, "h2");
  EXPECT_EQ(seen.streams, 3U);
  EXPECT_EQ(seen.max_streams_at_once, 2U);
  EXPECT_EQ(seen.resets.at("cancel"), 2U);
  EXPECT_EQ(seen.streams_refused, 1U);
  EXPECT_EQ(seen.pings, 1U);
  EXPECT_EQ(seen.goaway, "no-error");
}

TEST(id_of, prefers_the_id_that_is_not_the_clients_own) {
  EXPECT_EQ(id_of({{"a", "b"}}), "");
  EXPECT_EQ(id_of({{"X-Client-Request-Id", "c"}}), "c");
  EXPECT_EQ(id_of({{"x-client-request-id", "c"}, {"x-request-id", "r"}}), "r");
  EXPECT_EQ(id_of({{"x-request-id", "r"}, {"x-client-request-id", "c"}}), "r");
}

}  // namespace
}  // namespace warmwire::emulator::recorder_test
