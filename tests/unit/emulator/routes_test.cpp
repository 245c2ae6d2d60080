// The paths that are not a provider's.
#include "emulator/routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace warmwire::emulator::routes_test {
namespace {

using namespace std::chrono_literals;

answer answer_for(std::string target, std::string body = {}) {
  request what;
  what.method = "POST";
  what.target = std::move(target);
  what.headers = {{"content-type", "text/x"}, {"a", "\"b\""}};
  what.body = std::move(body);
  return answer_request({.what = what});
}

TEST(routes, echo_repeats_body_and_type) {
  const answer said = answer_for("/echo?x", "some body");
  EXPECT_EQ(said.body, "some body");
  EXPECT_EQ(said.fields, "Content-Type: text/x\r\n");
}

TEST(routes, headers_are_listed) {
  EXPECT_EQ(answer_for("/headers").body, "[[\"content-type\",\"text/x\"],[\"a\",\"\\\"b\\\"\"]]\n");
}

TEST(routes, bytes_and_chunks_are_filler) {
  EXPECT_EQ(answer_for("/bytes/12").filler_bytes, 12U);
  EXPECT_EQ(answer_for("/bytes/12").framing, fault::body_framing::length);
  EXPECT_EQ(answer_for("/chunked/12").framing, fault::body_framing::chunked);
  EXPECT_EQ(answer_for("/chunked/12/5").chunk_bytes, 5U);
}

TEST(routes, status_and_delay_do_what_they_say) {
  EXPECT_EQ(answer_for("/status/418").status, 418U);
  EXPECT_EQ(answer_for("/delay/1.5s").delay, 1500ms);
}

TEST(routes, drips_are_filler_with_a_pace) {
  const answer said = answer_for("/drip/3/20ms");
  EXPECT_EQ(said.filler_bytes, 48U);
  EXPECT_EQ(said.chunk_bytes, 16U);
  ASSERT_TRUE(said.pace);
  EXPECT_EQ(said.pace->bytes, 16U);
  EXPECT_EQ(said.pace->interval, 20ms);
}

TEST(routes, everything_else_is_not_found) {
  for (const char* target : {"/", "/echoes", "/bytes/", "/bytes/x", "/bytes/-1", "/bytes/99999999999", "/chunked/1/0",
                             "/chunked/1/65537", "/drip/5", "/drip/0/1s", "/drip/1000001/1s", "/drip/1/x",
                             "/status/199", "/status/600", "/delay/5", "/v1", "*"}) {
    EXPECT_EQ(answer_for(target).status, 404U) << target;
  }
}

TEST(fields, are_removed_by_name_in_any_case) {
  std::string fields = "a: 1\r\nB: 2\r\nab: 3\r\nb: 4\r\n";
  remove_field(fields, "b");
  EXPECT_EQ(fields, "a: 1\r\nab: 3\r\n");
}

TEST(filler, continues_at_any_offset) {
  std::string whole;
  append_filler(whole, 0, 50'000);
  std::string pieces;
  for (std::size_t at = 0; at < whole.size(); at += 999)
    append_filler(pieces, at, std::min<std::size_t>(999, whole.size() - at));
  EXPECT_EQ(whole, pieces);
  EXPECT_EQ(whole[26], 'a');
  EXPECT_EQ(whole[49'999], static_cast<char>('a' + 49'999 % 26));
}

}  // namespace
}  // namespace warmwire::emulator::routes_test
