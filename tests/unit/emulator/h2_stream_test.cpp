// The body of an HTTP/2 response, piece by piece; heads; the agenda; frames made by hand.
#include "emulator/h2_stream.hpp"

#include "emulator/h2_frames.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

namespace warmwire::emulator::h2_stream_test {
namespace {

using namespace std::chrono_literals;
using state = h2_body_step::state;

constexpr steady_time start{};

answer said(std::string body) {
  answer made;
  made.body = std::move(body);
  return made;
}

// What the body gives out into a frame of so many bytes.
std::pair<std::string, state> take(h2_body& from, std::size_t bytes, steady_time now = start) {
  std::string into(bytes, '?');
  const h2_body_step step = from.take(into, now);
  return {into.substr(0, step.bytes), step.then};
}

using piece = std::pair<std::string, state>;

TEST(h2_body, comes_in_pieces_that_fit) {
  h2_body body(said("abcde"), {});
  EXPECT_TRUE(body.is_sent());
  EXPECT_EQ(take(body, 3), piece("abc", state::more));
  EXPECT_EQ(take(body, 3), piece("de", state::end));
}

TEST(h2_body, of_filler_needs_no_memory) {
  answer large;
  large.filler_bytes = 1ULL << 32U;
  h2_body body(large, {});
  EXPECT_EQ(take(body, 27).first, "abcdefghijklmnopqrstuvwxyza");
  EXPECT_EQ(take(body, 2).first, "bc");
}

TEST(h2_body, is_not_sent_when_there_is_none) {
  EXPECT_FALSE(h2_body(said(""), {}).is_sent());
  EXPECT_FALSE(h2_body(said("abc"), {.may_have_body = false}).is_sent());
  h2_body with_sequel(said("abc"), {.may_have_body = false, .has_sequel = true});
  EXPECT_TRUE(with_sequel.is_sent());
  EXPECT_EQ(take(with_sequel, 9), piece("", state::end));
}

TEST(h2_body, stops_at_the_cut_without_its_end) {
  h2_body body(said("abcde"), {.cut_after = 3});
  EXPECT_FALSE(body.is_cut());
  EXPECT_EQ(take(body, 9), piece("abc", state::more));
  EXPECT_TRUE(body.is_cut());
  EXPECT_EQ(take(body, 9), piece("", state::wait));
  EXPECT_EQ(body.next_piece(), never);
  h2_body beyond(said("abc"), {.cut_after = 100});
  EXPECT_EQ(take(beyond, 9), piece("abc", state::more));
  EXPECT_TRUE(beyond.is_cut());
  EXPECT_TRUE(h2_body(said("abc"), {.cut_after = 0}).is_cut());
}

TEST(h2_body, keeps_its_pace) {
  answer paced = said("abcdefgh");
  paced.pace = {.bytes = 3, .interval = 10ms};
  h2_body body(paced, {});
  EXPECT_EQ(take(body, 2), piece("ab", state::more));  // a frame smaller than the piece
  EXPECT_EQ(take(body, 9), piece("c", state::more));
  EXPECT_EQ(take(body, 9), piece("", state::wait));
  EXPECT_EQ(body.next_piece(), start + 10ms);
  EXPECT_EQ(take(body, 9, start + 9ms), piece("", state::wait));
  EXPECT_EQ(take(body, 9, start + 10ms), piece("def", state::more));
  EXPECT_EQ(take(body, 9, start + 20ms), piece("gh", state::end));
}

TEST(h2_body, begins_with_empty_pieces) {
  h2_body body(said("a"), {.empty_pieces = 2});
  EXPECT_EQ(take(body, 9), piece("", state::more));
  EXPECT_EQ(take(body, 9), piece("", state::more));
  EXPECT_EQ(take(body, 9), piece("a", state::end));
}

TEST(take_field, makes_a_request_of_the_head) {
  h2_stream stream;
  take_field(stream, ":method", "GET");
  take_field(stream, ":path", "/a");
  take_field(stream, ":authority", "localhost");
  take_field(stream, "b", "c");
  EXPECT_EQ(stream.what.method, "GET");
  EXPECT_EQ(stream.what.target, "/a");
  ASSERT_EQ(stream.what.headers.size(), 2U);
  EXPECT_EQ(stream.what.headers[1].second, "c");
}

TEST(take_field, keeps_no_more_than_the_limit) {
  h2_stream stream;
  const std::size_t fields = h2_wire::max_head_bytes / 64;  // each counts 32 more than its 32 bytes
  for (std::size_t i = 0; i < fields; ++i)
    take_field(stream, "x", std::string(31, 'x'));
  EXPECT_EQ(stream.refusal, std::nullopt);
  take_field(stream, "x", "");
  EXPECT_EQ(stream.refusal, 431U);
  EXPECT_EQ(stream.what.headers.size(), fields);
}

TEST(h2_agenda, gives_out_what_is_due_in_order) {
  using step = h2_agenda::step;
  h2_agenda agenda;
  EXPECT_EQ(agenda.earliest(), never);
  static_cast<void>(agenda.add(start + 2ms, {.stream = 1}));
  static_cast<void>(agenda.add(start + 1ms, {.stream = 3, .what = step::piece}));
  static_cast<void>(agenda.add(start + 2ms, {.stream = 5}));
  auto forgotten = agenda.add(start + 1ms, {.stream = 7});
  agenda.forget(forgotten);
  agenda.forget(forgotten);
  EXPECT_EQ(agenda.earliest(), start + 1ms);
  EXPECT_FALSE(agenda.take(start));
  EXPECT_EQ(agenda.take(start + 5ms)->stream, 3);
  EXPECT_EQ(agenda.take(start + 5ms)->stream, 1);
  EXPECT_EQ(agenda.take(start + 5ms)->stream, 5);
  EXPECT_FALSE(agenda.take(start + 5ms));
}

TEST(h2_frames, are_as_the_rfc_has_them) {
  std::string bytes;
  append_frame(bytes, {.kind = h2_frame::type::data, .flags = 1, .stream = 0x01020304, .payload = "ab"});
  EXPECT_EQ(bytes, std::string("\0\0\2\0\1\1\2\3\4ab", 11));
  bytes.clear();
  append_goaway(bytes, 5, h2_code::cancel);
  EXPECT_EQ(bytes, std::string("\0\0\x08\x07\0\0\0\0\0\0\0\0\5\0\0\0\x08", 17));
  bytes.clear();
  append_rst_stream(bytes, 3, h2_code::refused_stream);
  EXPECT_EQ(bytes, std::string("\0\0\4\3\0\0\0\0\3\0\0\0\7", 13));
  bytes.clear();
  append_window_update(bytes, 0, 0x7fffffff);
  EXPECT_EQ(bytes, std::string("\0\0\4\x08\0\0\0\0\0\x7f\xff\xff\xff", 13));
  bytes.clear();
  append_literal(bytes, "A", "bc");
  EXPECT_EQ(bytes, std::string("\0\1A\2bc", 6));
}

TEST(h2_frames, tell_whether_a_header_block_goes_on) {
  const auto ends = [](h2_frame::type kind, std::uint8_t flags) {
    std::string bytes;
    append_frame(bytes, {.kind = kind, .flags = flags});
    return ends_header_block(bytes);
  };
  EXPECT_TRUE(ends(h2_frame::type::data, 0));
  EXPECT_TRUE(ends(h2_frame::type::headers, h2_frame::end_headers));
  EXPECT_FALSE(ends(h2_frame::type::headers, h2_frame::end_stream));
  EXPECT_FALSE(ends(h2_frame::type::continuation, 0));
  EXPECT_FALSE(ends(h2_frame::type::push_promise, 0));
}

}  // namespace
}  // namespace warmwire::emulator::h2_stream_test
