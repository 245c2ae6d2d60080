// Answers that come compressed.
#include "http/content_decoder.hpp"
#include "streaming.hpp"
#include "tests/compressing.hpp"

#include <gmock/gmock.h>

namespace warmwire::test::compression_test {
namespace {

class compression : public over_both {};
INSTANTIATE_TEST_SUITE_P(over, compression, ::testing::Values(http_protocol::http1, http_protocol::http2),
                         protocol_name);

const std::string answer =
    R"({"id":"c","model":"m","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]})";
const std::string failure = R"({"error":{"message":"too many","type":"tokens","code":"rate_limit_exceeded"}})";

std::vector<std::pair<std::string, std::string>> codings_of(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> out{
      {"gzip", deflated(text)}, {"deflate", deflated(text, zlib_format::zlib)}, {"br", brotli(text)}};
#ifdef WARMWIRE_HAS_ZSTD
  out.emplace_back("zstd", zstd(text));
#endif
  return out;
}

std::vector<emulator::action> coded(unsigned status, const std::string& coding, std::string body) {
  return {fault::status{status}, fault::header{"Content-Type", "application/json"},
          fault::header{"Content-Encoding", coding}, fault::header{"X-Request-Id", "req-7"},
          fault::body{std::move(body)}};
}

std::vector<emulator::action> coded_stream(const std::string& coding, std::string body) {
  return streamed(std::move(body), {fault::header{"Content-Encoding", coding}});
}

TEST_P(compression, of_a_whole_answer_is_taken_off) {
  for (const auto& [coding, body] : codings_of(answer)) {
    const streaming test(GetParam(), always(coded(200, coding, body)));
    const auto reply = test.blocking().chat("hi");
    ASSERT_TRUE(reply) << coding << ": " << reply.error().to_string();
    EXPECT_EQ(reply->content, "Hello");
    EXPECT_EQ(reply->raw_body, answer);
    EXPECT_EQ(reply->headers.get("content-encoding"), coding);
  }
}

TEST_P(compression, of_an_error_is_taken_off) {
  for (const auto& [coding, body] : codings_of(failure)) {
    const streaming test(GetParam(), always(coded(429, coding, body)));
    auto chats = test.blocking();
    for (const auto& reply : {chats.chat("hi"), chats.stream("hi").reply()}) {
      ASSERT_FALSE(reply) << coding;
      EXPECT_EQ(reply.error().code, errc::rate_limited);
      EXPECT_EQ(reply.error().message, "too many") << coding;
      EXPECT_EQ(reply.error().provider_code, "rate_limit_exceeded");
      EXPECT_EQ(reply.error().answer->raw_body, failure);
    }
  }
}

TEST_P(compression, of_a_stream_is_taken_off_as_it_comes) {
  for (const auto& [coding, body] : codings_of(numbered(100))) {
    auto actions = coded_stream(coding, body);
    actions.emplace_back(fault::slow{11, 0us});
    const streaming test(GetParam(), always(actions));
    auto stream = test.blocking().stream("hi");
    std::string seen;
    for (const auto& event : stream)
      seen += described(event);
    const auto reply = stream.reply();
    ASSERT_TRUE(reply) << coding << ": " << reply.error().to_string();
    EXPECT_TRUE(seen.starts_with("0 1 2 3 "));
    EXPECT_TRUE(seen.ends_with("98 99 (finished stop)"));
  }
}

TEST_P(compression, does_not_hide_that_a_stream_is_cut) {
  for (const auto& [coding, body] : codings_of(numbered(1000))) {
    auto actions = coded_stream(coding, body);
    actions.emplace_back(at_byte(fault::ending::truncate, body.size() / 2));
    const streaming test(GetParam(), always(actions));
    const auto reply = test.blocking().stream("hi").reply();
    ASSERT_FALSE(reply) << coding;
    EXPECT_EQ(reply.error().code, errc::stream_interrupted) << reply.error().to_string();
    EXPECT_TRUE(reply.error().partial->content.starts_with("0 1 2 3 ")) << coding;
  }
}

TEST_P(compression, does_not_hide_that_a_stream_has_no_end) {
  const streaming test(GetParam(), always(coded_stream("gzip", deflated(text_chunk("half")))));
  EXPECT_EQ(test.blocking().stream("hi").reply().error().code, errc::stream_interrupted);
}

TEST_P(compression, that_expands_without_measure_is_stopped) {
  const std::string spaces(std::size_t{100} << 20, ' ');
  const auto bomb = brotli(spaces);
  {
    const streaming test(GetParam(), always(coded(200, "br", bomb)));
    const auto reply = test.blocking().chat("hi");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::response_too_large);
    EXPECT_EQ(reply.error().message,
              "status 200 with a body that cannot be read: the body expands to more than 200 times its size (br)");
  }
  {
    const streaming test(GetParam(), always(coded_stream("br", bomb)));
    const auto reply = test.blocking().stream("hi").reply();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::response_too_large);
    EXPECT_EQ(reply.error().message, "the body expands to more than 200 times its size (br)");
  }
  {
    const streaming test(GetParam(), always(coded(503, "br", bomb)));
    for (const auto& reply : {test.blocking().chat("hi"), test.blocking().stream("hi").reply()}) {
      ASSERT_FALSE(reply);
      EXPECT_EQ(reply.error().code, errc::service_unavailable) << "what the status says is still true";
    }
  }
}

TEST_P(compression, bounds_the_decoded_body_by_the_pools_limit) {
  pool_options pool;
  pool.max_response_body_bytes = 200;
  const streaming test(GetParam(), always(coded(200, "gzip", deflated(answer + std::string(1000, ' ')))), pool);
  const auto reply = test.blocking().chat("hi");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::response_too_large);
  EXPECT_THAT(reply.error().message, ::testing::HasSubstr("longer than max_response_body_bytes (200 bytes)"));
}

TEST_P(compression, that_was_not_asked_for_or_is_none_is_an_error) {
  for (const auto* coding : {"compress", "gzip"}) {
    const streaming test(GetParam(), always(coded(200, coding, answer)));
    const auto reply = test.blocking().chat("hi");
    ASSERT_FALSE(reply) << coding;
    EXPECT_EQ(reply.error().code, errc::unexpected_body);
    EXPECT_EQ(reply.error().request_id, "req-7");
    const streaming streams(GetParam(), always(coded_stream(coding, numbered(3))));
    EXPECT_EQ(streams.blocking().stream("hi").reply().error().code, errc::unexpected_body) << coding;
  }
  const streaming test(GetParam(), always(coded(404, "compress", failure)));
  for (const auto& reply : {test.blocking().chat("hi"), test.blocking().stream("hi").reply()}) {
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::not_found);
    EXPECT_EQ(
        reply.error().message,
        "status 404 with a body that cannot be read: the body has a content coding that was not asked for (compress)");
  }
}

std::string accept_encoding_of(const emulator::seen_request& seen) {
  headers fields;
  for (const auto& [name, value] : seen.headers)
    fields.add(name, value);
  return fields.contains("accept-encoding") ? std::string(fields.get("accept-encoding")) : "none";
}

TEST_P(compression, is_asked_for_by_the_client_alone_and_the_callers_word_wins) {
  streaming test(GetParam(), always(coded(200, "identity", answer)));
  auto chats = test.blocking();
  ASSERT_TRUE(chats.chat("hi"));
  ASSERT_TRUE(chats.transport().send({.provider = "openai", .url = test.server.origin() + "/echo"}));
  test.who.extra_headers = {{"Accept-Encoding", "identity"}};
  ASSERT_TRUE(test.blocking().chat("hi"));
  const auto seen = test.server.report().arrivals;
  EXPECT_EQ(accept_encoding_of(seen.at(0)), http::accepted_codings());
  EXPECT_EQ(accept_encoding_of(seen.at(1)), "none");
  EXPECT_EQ(accept_encoding_of(seen.at(2)), "identity");
}

}  // namespace
}  // namespace warmwire::test::compression_test
