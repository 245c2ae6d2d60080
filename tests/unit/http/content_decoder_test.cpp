#include "http/content_decoder.hpp"

#include "tests/compressing.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::http::content_decoder_test {
namespace {

using test::brotli;
using test::deflated;
using test::zlib_format;

struct sample {
  std::string coding;
  std::string bytes;
};

std::vector<sample> samples_of(std::string_view text) {
  std::vector<sample> out{{"gzip", deflated(text)},
                          {"x-gzip", deflated(text)},
                          {"GZip", deflated(text)},
                          {"deflate", deflated(text, zlib_format::zlib)},
                          {"deflate", deflated(text, zlib_format::bare)},
                          {"br", brotli(text)},
                          {"identity", std::string(text)}};
#ifdef WARMWIRE_HAS_ZSTD
  out.push_back({"zstd", test::zstd(text)});
#endif
  return out;
}

/// Text that does not shrink to nothing, longer than one piece.
std::string long_text() {
  std::minstd_rand random(7);
  std::string out;
  while (out.size() < 100'000)
    out.append("data: ").append(std::to_string(random())).append("\n\n");
  return out;
}

struct outcome {
  std::string text;
  std::optional<error> failure;
  bool is_complete = false;
};

outcome decoded(const sample& from, std::size_t cut = std::string::npos) {
  content_decoder decoder({{"Content-Encoding", from.coding}});
  outcome out;
  for (std::size_t at = 0; at < from.bytes.size() && !out.failure; at += std::min(cut, from.bytes.size())) {
    decoder.feed(from.bytes.substr(at, cut));
    while (true) {
      const auto piece = decoder.next();
      if (!piece) out.failure = piece.error();
      if (!piece || piece->empty()) break;
      out.text.append(*piece);
    }
  }
  out.is_complete = decoder.is_complete();
  return out;
}

TEST(content_decoder, gives_back_what_was_compressed_however_it_is_cut) {
  for (const auto& text : {std::string("hello"), long_text()}) {
    for (const auto& each : samples_of(text)) {
      for (const std::size_t cut :
           {std::string::npos, std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{5000}}) {
        const auto got = decoded(each, cut);
        EXPECT_EQ(got.text, text) << each.coding << ' ' << cut;
        EXPECT_FALSE(got.failure) << each.coding << ' ' << cut;
        EXPECT_TRUE(got.is_complete) << each.coding << ' ' << cut;
      }
    }
  }
}

TEST(content_decoder, gives_what_has_come_before_the_end_has) {
  for (const auto& [coding, bytes] : samples_of(long_text())) {
    if (coding == "identity") continue;
    const auto got = decoded({coding, bytes.substr(0, bytes.size() / 2)});
    EXPECT_GT(got.text.size(), 20'000U) << coding;
    EXPECT_TRUE(long_text().starts_with(got.text)) << coding;
    EXPECT_FALSE(got.failure) << coding;
    EXPECT_FALSE(got.is_complete) << coding;
  }
}

TEST(content_decoder, ignores_what_follows_the_end) {
  for (const auto& [coding, bytes] : samples_of("hello")) {
    if (coding == "identity") continue;
    for (const std::size_t cut : {std::string::npos, std::size_t{1}}) {
      const auto got = decoded({coding, bytes + std::string("\0garbage", 8)}, cut);
      EXPECT_EQ(got.text, "hello") << coding;
      EXPECT_FALSE(got.failure) << coding;
      EXPECT_TRUE(got.is_complete) << coding;
    }
  }
}

// RFC 1952 §2.2
TEST(content_decoder, joins_the_members_of_gzip) {
  const auto bytes = deflated("one ") + deflated("") + deflated("two");
  EXPECT_EQ(decoded({"gzip", bytes}).text, "one two");
  EXPECT_EQ(decoded({"gzip", bytes}, 1).text, "one two");
  EXPECT_FALSE(decoded({"gzip", bytes.substr(0, bytes.size() - 1)}).is_complete);
}

TEST(content_decoder, says_that_bytes_are_not_what_the_field_says) {
  for (const auto* coding : {"gzip", "deflate", "br"}) {
    const auto got = decoded({coding, "{\"error\": \"this is plain text\"}"});
    ASSERT_TRUE(got.failure) << coding;
    EXPECT_EQ(got.failure->code, errc::unexpected_body);
    EXPECT_EQ(got.failure->phase, phase::body);
    EXPECT_EQ(got.failure->message, "the body is not " + std::string(coding) + ", as it says");
    EXPECT_FALSE(got.is_complete);
  }
  auto broken = deflated(long_text());
  broken[broken.size() - 5] ^= 1;  // the checksum
  EXPECT_EQ(decoded({"gzip", broken}).failure.value().code, errc::unexpected_body);
}

TEST(content_decoder, refuses_codings_that_were_not_asked_for) {
  EXPECT_EQ(decoded({"compress", "bytes"}).failure.value().message,
            "the body has a content coding that was not asked for (compress)");
  EXPECT_EQ(decoded({"gzip, gzip", deflated(deflated("twice"))}).failure.value().message,
            "the body has a content coding that was not asked for");
  EXPECT_EQ(decoded({std::string(100, 'x'), "bytes"}).failure.value().message,
            "the body has a content coding that was not asked for");
  content_decoder two({{"content-encoding", "gzip"}, {"content-encoding", "br"}});
  two.feed("bytes");
  EXPECT_EQ(two.next().error().code, errc::unexpected_body);
  EXPECT_EQ(two.next().error().code, errc::unexpected_body) << "nothing comes after an error";
}

TEST(content_decoder, lets_no_body_be_no_body) {
  for (const auto* coding : {"gzip", "deflate", "br", "zstd", "compress"}) {
    const auto got = decoded({coding, ""});
    EXPECT_FALSE(got.failure);
    EXPECT_TRUE(got.is_complete);
  }
}

TEST(content_decoder, stops_what_expands_without_measure) {
  const std::string nothing(std::size_t{100} << 20, ' ');
  std::vector<sample> bombs{{"gzip", deflated(nothing)}, {"br", brotli(nothing)}};
#ifdef WARMWIRE_HAS_ZSTD
  bombs.push_back({"zstd", test::zstd(nothing)});
#endif
  for (const auto& each : bombs) {
    content_decoder decoder({{"Content-Encoding", each.coding}});
    decoder.feed(each.bytes);
    std::uint64_t came = 0;
    std::optional<error> failure;
    while (!failure) {
      const auto piece = decoder.next();
      if (!piece) {
        failure = piece.error();
        break;
      }
      ASSERT_FALSE(piece->empty()) << each.coding;
      ASSERT_LE(piece->size(), std::size_t{16} << 10) << "one piece at a time, however far it expands";
      came += piece->size();
    }
    ASSERT_TRUE(failure) << each.coding;
    EXPECT_EQ(failure->code, errc::response_too_large);
    EXPECT_EQ(failure->message, "the body expands to more than 200 times its size (" + each.coding + ')');
    EXPECT_LE(came, free_expansion_bytes + max_expansion * (each.bytes.size() + 1)) << each.coding;
  }
}

TEST(content_decoder, lets_events_that_repeat_themselves_pass) {
  std::string events;
  for (int i = 0; i < 20'000; ++i) {
    events.append(R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5",)")
        .append(R"("choices":[{"index":0,"delta":{"content":"word )")
        .append(std::to_string(i))
        .append("\"},\"finish_reason\":null}]}\n\n");
  }
  for (const auto& each : samples_of(events)) {
    const auto got = decoded(each);
    EXPECT_FALSE(got.failure) << each.coding << ": " << events.size() / each.bytes.size();
    EXPECT_EQ(got.text.size(), events.size());
  }
}

#ifdef WARMWIRE_HAS_ZSTD
// RFC 8878 §3
TEST(content_decoder, joins_the_frames_of_zstd) {
  const std::string skipped("\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
  const auto bytes = test::zstd("one ") + skipped + test::zstd("") + test::zstd("two");
  EXPECT_EQ(decoded({"zstd", bytes}).text, "one two");
  EXPECT_EQ(decoded({"zstd", bytes}, 1).text, "one two");
  EXPECT_FALSE(decoded({"zstd", bytes.substr(0, bytes.size() - 1)}).is_complete);
}

// RFC 9659 §3
TEST(content_decoder, gives_zstd_no_larger_window_than_the_web_needs) {
  std::string frame = {'\x28', '\xb5', '\x2f', '\xfd', '\0', '\x70'};  // a window of 16 MiB
  frame.append({'\x29', '\0', '\0'}).append("hello");                  // the last block, raw
  EXPECT_EQ(decoded({"zstd", frame}).failure.value().code, errc::unexpected_body);
  frame[5] = '\x68';  // 8 MiB
  EXPECT_EQ(decoded({"zstd", frame}).text, "hello");
}

TEST(content_decoder, asks_for_zstd_where_it_is_there) {
  EXPECT_EQ(accepted_codings(), "gzip, deflate, br, zstd");
  EXPECT_EQ(decoded({"zstd", "{\"error\": \"plain text\"}"}).failure.value().message,
            "the body is not zstd, as it says");
}
#endif

TEST(decode_content, takes_the_coding_off_a_whole_body) {
  for (const auto& [coding, bytes] : samples_of("hello")) {
    auto body = bytes;
    ASSERT_TRUE(decode_content({{"content-encoding", coding}}, body, 5)) << coding;
    EXPECT_EQ(body, "hello");
  }
  std::string plain = "hello";
  ASSERT_TRUE(decode_content({}, plain, 5));
  EXPECT_EQ(plain, "hello");
}

TEST(decode_content, bounds_what_comes_of_it) {
  auto body = deflated("hello");
  const auto outcome = decode_content({{"content-encoding", "gzip"}}, body, 4);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::response_too_large);
  EXPECT_EQ(outcome.error().message, "the decoded response body is longer than 4 bytes");
}

TEST(decode_content, says_that_the_end_is_missing_and_keeps_the_beginning) {
  auto body = deflated(long_text());
  body.resize(body.size() / 2);
  const auto outcome = decode_content({{"content-encoding", "gzip"}}, body, std::size_t{1} << 20);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::unexpected_body);
  EXPECT_EQ(outcome.error().message, "the body ends before its gzip coding does");
  EXPECT_TRUE(long_text().starts_with(body));
  EXPECT_GT(body.size(), 20'000U);
}

}  // namespace
}  // namespace warmwire::http::content_decoder_test
