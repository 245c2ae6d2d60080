#include "http/content_decoder.hpp"

#include "tests/compressing.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::http {
namespace {

using test::brotli;
using test::deflated;
using test::zlib_format;

struct sample {
  std::string coding;
  std::string bytes;
};

std::vector<sample> samples_of(std::string_view text) {
  return {{"gzip", deflated(text)},
          {"x-gzip", deflated(text)},
          {"GZip", deflated(text)},
          {"deflate", deflated(text, zlib_format::zlib)},
          {"deflate", deflated(text, zlib_format::bare)},
          {"br", brotli(text)},
          {"identity", std::string(text)}};
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
  EXPECT_EQ(decoded({"zstd", "bytes"}).failure.value().message,
            "the body has a content coding that was not asked for (zstd)");
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
  for (const auto* coding : {"gzip", "deflate", "br", "zstd"}) {
    const auto got = decoded({coding, ""});
    EXPECT_FALSE(got.failure);
    EXPECT_TRUE(got.is_complete);
  }
}

TEST(content_decoder, stops_what_expands_without_measure) {
  const std::string nothing(std::size_t{100} << 20, ' ');
  for (const auto& each : {sample{"gzip", deflated(nothing)}, sample{"br", brotli(nothing)}}) {
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
}  // namespace warmwire::http
