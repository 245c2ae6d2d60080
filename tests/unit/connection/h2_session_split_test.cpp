// However the bytes of a connection are cut into pieces, the same comes of them.
#include "tests/unit/connection/h2_exchange_of_test.hpp"

#include <cstdlib>
#include <functional>
#include <ostream>
#include <random>

namespace warmwire::connection::h2_test::h2_session_split_test {
namespace {

/// Everything that can be seen of a session that was fed.
struct outcome {
  std::string streams;
  std::string session;
  std::string answers;  // all frames that it wrote but credit, which comes at its own pace

  friend bool operator==(const outcome&, const outcome&) = default;
  friend std::ostream& operator<<(std::ostream& out, const outcome& what) {
    return out << what.session << "\n" << what.streams;
  }
};

std::string describe(h2_stream& stream) {
  std::string text = "status " + std::to_string(stream.status());
  for (const auto& [name, value] : stream.headers())
    text.append(" ").append(name).append("=").append(value);
  if (const auto& failure = stream.failure()) {
    text.append(" ").append(failure->to_string()).append(" at ").append(std::to_string(failure->body_bytes));
  }
  for (const bool flag : {stream.has_begun(), stream.is_head_done(), stream.is_done(), stream.is_open(),
                          stream.is_unprocessed(), stream.was_refused(), stream.has_heard_since_sent()})
    text.append(flag ? " 1" : " 0");
  return text.append(" body ").append(stream.take_body()).append("\n");
}

std::string describe(h2_session& session, const result<void>& fed) {
  std::string text = fed ? "fed well" : fed.error().message;
  if (session.goaway()) text.append(" goaway ").append(session.goaway()->text);
  text.append(" limit ").append(std::to_string(session.peer_stream_limit()));
  text.append(" open ").append(std::to_string(session.open_streams()));
  return text.append(session.is_dead() ? " dead" : " alive");
}

constexpr int stream_count = 4;

/// How long each next piece is, when so much is left.
using cutter = std::function<std::size_t(std::size_t)>;

outcome run(std::string_view bytes, const cutter& cut) {
  const auto url = *http::parse_url("https://a/");
  const headers none;
  h2_session session{h2_settings{}};
  std::vector<std::unique_ptr<test_exchange>> all;
  for (int i = 0; i < stream_count; ++i) {
    all.push_back(std::make_unique<test_exchange>());
    session.open(all.back()->stream, {.method = "GET", .url = url, .fields = none, .user_agent = ""},
                 all.back()->bytes);
  }
  std::string written;
  const auto write_out = [&] {
    const auto out = session.output();
    written.append(out.data(), out.size());
    session.consume(out.size());
  };
  write_out();
  const auto sent = written.size();
  result<void> fed;
  while (!bytes.empty() && fed) {
    const auto piece = bytes.substr(0, cut(bytes.size()));
    fed = session.feed({piece.data(), piece.size()}, pool::time_point(std::chrono::hours(1)));
    bytes.remove_prefix(piece.size());
  }
  write_out();
  outcome seen;
  seen.session = describe(session, fed);
  for (const auto& each : all)
    seen.streams += describe(each->stream);
  for (const auto& each : read_frames(std::string_view(written).substr(sent)))
    if (each.type != window_update) seen.answers += write(each);
  return seen;
}

outcome all_at_once(std::string_view bytes) {
  return run(bytes, [](std::size_t left) { return left; });
}

outcome byte_by_byte(std::string_view bytes) {
  return run(bytes, [](std::size_t) { return 1; });
}

using dice = std::mt19937;

std::uint32_t pick(dice& random, std::uint32_t below) {
  return static_cast<std::uint32_t>(random() % below);
}

field_list random_fields(dice& random) {
  static const std::pair<std::string, std::string> some[] = {
      {"content-length", "5"}, {"x", "y"}, {"X", "y"}, {"connection", "close"}, {"z", std::string(300, 'z')}};
  field_list fields = {{":status", pick(random, 4) == 0 ? "103" : "200"}};
  for (auto count = pick(random, 3); count > 0; --count)
    fields.push_back(some[pick(random, 20) == 0 ? pick(random, 5) : 1]);
  return fields;
}

std::string padded_data(std::uint32_t stream, std::string_view text, std::uint8_t flags) {
  return write(
      {data, static_cast<std::uint8_t>(flags | padded), stream, std::string("\x03").append(text).append(3, '\0')});
}

std::string split_head(std::uint32_t stream, const field_list& fields, dice& random) {
  const auto block = literal_fields(fields);
  const auto at = pick(random, static_cast<std::uint32_t>(block.size()));
  return write({headers_frame, no_flags, stream, block.substr(0, at)}) +
         write({continuation, end_headers, stream, block.substr(at)});
}

/// What a server may say next: in order mostly, now and then not.
std::string random_frame(dice& random) {
  const auto stream = 1 + 2 * pick(random, stream_count);
  const std::uint8_t flags = pick(random, 3) == 0 ? end_stream : no_flags;
  switch (pick(random, 200) == 0 ? 10 + pick(random, 5) : pick(random, 10)) {
    case 0:
    case 1:
      return head_of(stream, random_fields(random), flags);
    case 2:
      return split_head(stream, random_fields(random), random);
    case 3:
      return head_of(stream, {{":status", "200"}}) + data_of(stream, "abc") + data_of(stream, "de", flags);
    case 4:
      return padded_data(stream, "hello", flags);
    case 5:
      return write({ping, no_flags, 0, "12345678"});
    case 6:
      return credit_of(pick(random, 2) * stream, 100);
    case 7:
      return pick(random, 4) == 0 ? reset_of(stream, pick(random, 14)) : settings_of({{3, pick(random, 200)}});
    case 8:
      return pick(random, 8) == 0 ? goaway_of(stream, pick(random, 14), "so long") : data_of(stream, "");
    case 9:
      return write({static_cast<std::uint8_t>(10 + pick(random, 200)), 0, stream, "unknown"});
    case 10:
      return write({push_promise, end_headers, stream, big_endian(2, 4)});
    case 11:
      return data_of(stream, std::string(16'385, 'x'));
    case 12:
      return write({headers_frame, end_headers, stream, "\xff\xff\xff\xff\xff\xff"});
    case 13:
      return credit_of(0, 0x7fff'ffff);
    default:
      return "HTTP/1.1 400 Bad Request\r\n\r\n";
  }
}

TEST(h2_session_split_test, a_script_of_everything_comes_to_the_same) {
  std::string bytes = settings_of({{3, 50}}) + head_of(1, {{":status", "103"}}) + head_of(3, {{":status", "200"}});
  bytes += data_of(3, "three") + head_of(1, {{":status", "200"}, {"content-length", "3"}}) + data_of(1, "one", 1);
  bytes += padded_data(3, "padded", no_flags) + head_of(3, {{"trailer", "x"}}, end_stream);
  bytes += reset_of(5, 7) + write({ping, no_flags, 0, "12345678"}) + goaway_of(5, 0, "bye");
  const auto whole = all_at_once(bytes);
  EXPECT_EQ(whole, byte_by_byte(bytes));
  EXPECT_NE(whole.streams.find("body threepadded"), std::string::npos) << whole;
  EXPECT_NE(whole.streams.find("stream_refused"), std::string::npos) << whole;
}

TEST(h2_session_split_test, random_scripts_in_random_pieces_come_to_the_same) {
  const char* given = std::getenv("WARMWIRE_SEED");
  const auto seed = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
  dice random(seed);
  int violations = 0;
  int complete = 0;
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE("WARMWIRE_SEED=" + std::to_string(seed) + " round " + std::to_string(round));
    std::string bytes = settings_of();
    for (auto frames = pick(random, 40); frames > 0; --frames)
      bytes += random_frame(random);
    const auto whole = all_at_once(bytes);
    violations += whole.session.find("dead") != std::string::npos ? 1 : 0;
    complete += whole.streams.find("status 200 1 1 1") != std::string::npos ? 1 : 0;
    ASSERT_EQ(whole, byte_by_byte(bytes));
    for (int cuts = 0; cuts < 5; ++cuts) {
      ASSERT_EQ(whole,
                run(bytes, [&random](std::size_t left) { return std::min<std::size_t>(left, 1 + pick(random, 60)); }));
    }
  }
  EXPECT_GT(violations, 20);
  EXPECT_GT(complete, 20);
}

}  // namespace
}  // namespace warmwire::connection::h2_test::h2_session_split_test
