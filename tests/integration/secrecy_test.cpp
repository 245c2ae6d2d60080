// A key is in nothing that is said of a call.
#include "whole_chats.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::test::secrecy_test {
namespace {

// Everything that an error, a log line or a snapshot says, in one text. Lines of the log come on a transport's own
// thread, soon after what they tell of; `hold` and `get` are for when the transports are gone.
class all_texts {
 public:
  void add(const error& reason) {
    add(reason.to_string());
    for (const auto& text : {reason.message, reason.provider_type, reason.provider_code, reason.request_id})
      add(text);
    if (reason.pool) add(reason.pool->to_string() + reason.pool->origin + reason.pool->last_dial_error);
  }
  void add(std::string_view text) {
    const std::lock_guard lock(mutex_);
    all_.append(text).append("\n");
  }

  [[nodiscard]] bool hold(std::string_view what) const { return all_.find(what) != std::string::npos; }
  [[nodiscard]] const std::string& get() const { return all_; }

 private:
  std::mutex mutex_;
  std::string all_;
};

struct named_fault {
  errc expected;
  std::vector<emulator::action> actions;
};

TEST(client, no_api_key_in_any_error_log_or_stats) {
  const std::string secret_key = "sk-distinctive-0123456789abcdef";
  const std::string echo = R"({"error":{"message":"you sent )" + secret_key + R"(","type":")" + secret_key +
                           R"(","code":")" + secret_key + R"("}})";
  const auto raw = [](std::string text) { return fault::raw{std::move(text)}; };
  const std::vector<named_fault> faults{
      {errc::authentication, {fault::status{401}, fault::body{echo}}},
      {errc::rate_limited, {fault::status{429}, fault::body{echo}, fault::header{"x-request-id", secret_key}}},
      {errc::server_error, {fault::status{500}, fault::body{"<html>" + secret_key + "</html>"}}},
      {errc::server_error, {fault::status{500}, fault::body{secret_key.substr(0, 20)}}},
      {errc::unexpected_status, {fault::status{302}, fault::header{"Location", "https://a.test/?" + secret_key}}},
      {errc::unexpected_body, {fault::body{"Bearer " + secret_key}}},
      {errc::unexpected_body, {fault::body{R"({"choices":")" + secret_key + R"("})"}}},
      {errc::malformed_response, {raw(secret_key + "\r\n\r\n")}},
      {errc::malformed_response, {raw("HTTP/1.1 200 OK\r\n" + secret_key + " x: y\r\n\r\n")}},
      {errc::conflicting_length,
       {raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" + secret_key)}},
      {errc::invalid_chunk, {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret_key + "\r\n")}},
      {errc::header_section_too_large, {fault::malformed{fault::malformation::huge_head}}},
      {errc::connection_lost, {fault::end{.how = fault::ending::reset}}},
      {errc::stream_interrupted,
       {fault::end{.how = fault::ending::reset, .when = fault::moment::in_body, .body_bytes = 10}}},
      {errc::deadline_exceeded, {fault::end{.how = fault::ending::stall}}},
  };
  all_texts texts;
  // The faults are HTTP/1.1's; what becomes of them over HTTP/2 must hold no key either.
  auto spoken = http_protocol::http1;
  const auto run = [&](const emulator::server& server, client_options options, errc expected, tls_options tls) {
    transport_options over;
    over.defaults.protocol = spoken;
    over.defaults.tls = std::move(tls);
    over.defaults.total_timeout = expected == errc::deadline_exceeded ? 100ms : 30s;
    over.log = [&](std::string_view line) { texts.add(line); };
    options.base_url = server.base_url();
    client chats(options, std::make_shared<blocking_transport>(std::move(over)));
    const auto reply = chats.chat("my key is none of your business");
    if (reply) {  // no fault over HTTP/2
      EXPECT_EQ(spoken, http_protocol::http2) << to_string(expected);
      return;
    }
    if (spoken == http_protocol::http1) {
      EXPECT_EQ(reply.error().code, expected) << reply.error().to_string();
    }
    texts.add(reply.error());
    try {
      static_cast<void>(reply.value());
    } catch (const std::exception& thrown) {
      texts.add(thrown.what());
    }
    for (const auto& stats : chats.transport().stats().value())
      texts.add(stats.to_string() + stats.provider);
  };
  const client_options with_key{
      .api_key = secret(secret_key), .extra_headers = {{"X-Other", secret_key}}, .max_retries = 0};
  for (spoken = http_protocol::http1; const auto& [expected, actions] : faults) {
    SCOPED_TRACE(to_string(expected));
    const emulator::server server(answering_with(always(actions)));
    run(server, with_key, expected, {.ca_file = server.ca_file()});
  }
  for (spoken = http_protocol::http2; const auto& [expected, actions] : faults) {
    SCOPED_TRACE(to_string(expected));
    const emulator::server server(answering_with(always(actions)));
    run(server, with_key, expected, {.ca_file = server.ca_file()});
  }
  spoken = http_protocol::http1;
  const emulator::server server({.strict = true});
  run(server, with_key, errc::certificate_unknown_authority, {});
  auto bad_header = with_key;
  bad_header.extra_headers = {{"X-Other", secret_key + "\r\nX-Injected: 1"}};
  run(server, bad_header, errc::invalid_header, {.ca_file = server.ca_file()});
  auto bad_key = with_key;
  bad_key.api_key = secret(secret_key + "\nsecond line");
  run(server, bad_key, errc::invalid_option, {.ca_file = server.ca_file()});

  EXPECT_TRUE(texts.hold("success=false"));  // the log was heard
  EXPECT_TRUE(texts.hold("[redacted]"));     // and the echoes came through
  EXPECT_FALSE(texts.hold("sk-distinctive")) << texts.get();
}

}  // namespace
}  // namespace warmwire::test::secrecy_test
