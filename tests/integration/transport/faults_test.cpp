// Bad input and bad peers: each a distinct error, the connection closed, nothing leaked.
#include "wire.hpp"

#include <vector>

namespace warmwire::test::faults_test {
namespace {

using fault::ending;
using fault::malformation;
using fault::moment;

struct bad_input {
  std::string name;
  std::function<void(request&)> spoil;
  errc expected;
};

TEST(faults, bad_input_is_named_before_anything_is_dialed) {
  wire test;
  const std::vector<bad_input> all{
      {"no host", [](request& r) { r.url = "https:///v1"; }, errc::invalid_url},
      {"no scheme", [](request& r) { r.url = "api.example.com/v1"; }, errc::invalid_url},
      {"unknown scheme", [](request& r) { r.url = "ftp://localhost/"; }, errc::unsupported_scheme},
      {"CR in a value", [](request& r) { r.headers.add("X-A", "a\rb"); }, errc::invalid_header},
      {"LF in a value", [](request& r) { r.headers.add("X-A", "a\nX-Evil: 1"); }, errc::invalid_header},
      {"LF in a name", [](request& r) { r.headers.add("X-A\nX-Evil", "1"); }, errc::invalid_header},
      {"a method with a space", [](request& r) { r.method = "GET /x"; }, errc::invalid_header},
      {"a control character in the provider", [](request& r) { r.provider = "a\nb"; }, errc::invalid_option},
      {"a deadline of nothing", [](request& r) { r.timeout = 0ms; }, errc::invalid_option},
  };
  test.run([&]() -> awaitable<void> {
    for (const auto& bad : all) {
      auto message = test.post("/echo");
      bad.spoil(message);
      const auto got = co_await test.send(std::move(message));
      EXPECT_TRUE(got.has_error()) << bad.name;
      if (got.has_error()) {
        EXPECT_EQ(got.error().code, bad.expected) << bad.name << ": " << got.error().to_string();
      }
    }
  });
  EXPECT_EQ(test.server.report().connections, 0U);
}

struct bad_peer {
  std::string name;
  std::vector<emulator::action> actions;
  errc expected;
};

TEST(faults, each_bad_response_is_a_distinct_error_and_closes_its_connection) {
  const std::vector<bad_peer> all{
      {"two lengths", {fault::malformed{malformation::conflicting_lengths}}, errc::conflicting_length},
      {"length and chunked", {fault::malformed{malformation::length_and_chunked}}, errc::conflicting_length},
      {"chunk size", {fault::malformed{malformation::chunk_size}}, errc::invalid_chunk},
      {"chunk overflow", {fault::malformed{malformation::chunk_overflow}}, errc::invalid_chunk},
      {"huge head", {fault::malformed{malformation::huge_head}}, errc::header_section_too_large},
      {"status line", {fault::malformed{malformation::status_line}}, errc::malformed_response},
      {"NUL in a header", {fault::malformed{malformation::nul_in_header}}, errc::malformed_response},
      {"reset in the body", {ends(ending::reset, moment::in_body, 2)}, errc::stream_interrupted},
      {"end in the body", {ends(ending::close, moment::in_body, 2)}, errc::stream_interrupted},
      {"end before the response", {ends(ending::close, moment::before_response)}, errc::connection_lost},
  };
  for (const bool tls : {true, false}) {
    for (const auto& bad : all) {
      emulator::emulator_options options;
      options.tls = tls;
      wire test(one_rule({.request = 1}, bad.actions), {}, options);
      test.run([&]() -> awaitable<void> {
        const auto got = co_await test.send(test.post("/echo", "0123456789"));
        EXPECT_TRUE(got.has_error()) << bad.name;
        if (got.has_error()) {
          EXPECT_EQ(got.error().code, bad.expected) << bad.name << ": " << got.error().to_string();
        }
        EXPECT_EQ(test.stats().active + test.stats().idle, 0U) << bad.name;
        EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping") << bad.name;
      });
      EXPECT_EQ(test.stats().opened, 2U) << bad.name;
    }
  }
}

TEST(faults, a_body_that_ends_with_the_connection_must_end_in_order) {
  wire test({{{{.request = 1}, {fault::framing{fault::body_framing::until_close}}},
              {{.request = 2},
               {fault::framing{fault::body_framing::until_close}, ends(ending::truncate, moment::in_body, 6)}}}});
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo", "0123456789"))).value().body, "0123456789");
    const auto cut = co_await test.send(test.post("/echo", "0123456789"));
    EXPECT_EQ(cut.error().code, errc::stream_interrupted) << "FIN without close_notify";
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::server_close), 1U);
}

TEST(faults, interim_responses_are_passed_over) {
  wire test(one_rule({}, {fault::interim{100, 1}, fault::interim{103, 2}}));
  test.run([&]() -> awaitable<void> { EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping"); });
}

TEST(faults, a_head_response_has_no_body) {
  wire test;
  test.run([&]() -> awaitable<void> {
    auto head = test.get("/bytes/1000");
    head.method = "HEAD";
    const auto got = (co_await test.send(head)).value();
    EXPECT_EQ(got.body, "");
    EXPECT_EQ(got.headers.get("content-length"), "1000");
    EXPECT_EQ((co_await test.send(test.get("/bytes/5"))).value().body.size(), 5U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(faults, an_http_1_0_server_is_understood) {
  wire test(one_rule({}, {fault::http_1_0{}}));
  test.run([&]() -> awaitable<void> {
    const auto got = (co_await test.send(test.post("/echo"))).value();
    EXPECT_EQ(got.body, "ping");
    EXPECT_EQ(got.provenance.protocol, "http/1.0");
  });
}

TEST(faults, an_origin_that_refuses_says_why) {
  wire test;
  test.run([&]() -> awaitable<void> {
    request message;
    message.url = "http://127.0.0.1:1/";
    const auto refused = co_await test.send(message);
    EXPECT_EQ(refused.error().code, errc::connect_failed);
    EXPECT_EQ(refused.error().phase, phase::connect);
    EXPECT_NE(refused.error().message.find("127.0.0.1:1"), std::string::npos);
    message.url = "http://no-such-host.invalid/";
    EXPECT_EQ((co_await test.send(message)).error().code, errc::resolve_failed);
  });
  EXPECT_EQ(test.stats().dial_failures, 2U);
}

TEST(faults, options_out_of_range_name_the_field_the_value_and_the_range) {
  wire test;
  pool_options none;
  none.max_connections = 0;
  const auto refused = test.pools.configure("default", none);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, errc::invalid_option);
  EXPECT_NE(refused.error().message.find("max_connections"), std::string::npos);
  EXPECT_NE(refused.error().message.find("100,000"), std::string::npos);
  pool_options missing;
  missing.tls.emplace().ca_file = "/no/such/file.pem";
  EXPECT_EQ(test.pools.configure("default", missing).error().code, errc::invalid_option);
  boost::asio::io_context loop;
  EXPECT_THROW(transport(loop.get_executor(), {.defaults = none}), exception);
}

}  // namespace
}  // namespace warmwire::test::faults_test
