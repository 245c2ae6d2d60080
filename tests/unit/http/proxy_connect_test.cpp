#include "http/proxy_connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace warmwire::http::proxy_connect_test {
namespace {

using testing::ElementsAre;

/// What came of an answer: "200 OK", "incomplete", or the error.
std::string told(const connect_answer& answer, const result<bool>& fed) {
  if (!fed) {
    EXPECT_EQ(fed.error().code, errc::proxy_failed);
    EXPECT_EQ(fed.error().phase, phase::proxy);
    return fed.error().message;
  }
  return *fed ? std::to_string(answer.status()) + ' ' + answer.reason() : "incomplete";
}

std::string at_once(const std::string& bytes) {
  connect_answer answer;
  const auto fed = answer.feed(bytes);
  return told(answer, fed);
}

/// The head byte by byte; a byte that stands behind it comes with the last one, as it does not otherwise.
std::string byte_by_byte(const std::string& bytes) {
  connect_answer answer;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto fed = answer.feed(bytes.substr(i, 1));
    if (!fed || *fed) return told(answer, fed);
  }
  return "incomplete";
}

std::string both_ways(const std::string& bytes) {
  const auto whole = at_once(bytes);
  EXPECT_EQ(byte_by_byte(bytes), whole) << bytes;
  return whole;
}

std::string request_with(const std::optional<proxy_credentials>& credentials, std::string_view user_agent = {}) {
  return encode({.authority = "api.example.com:443", .user_agent = user_agent, .credentials = credentials});
}

TEST(proxy_connect, names_the_target_twice) {
  EXPECT_EQ(request_with(std::nullopt), "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n");
}

TEST(proxy_connect, sends_credentials_and_the_user_agent) {
  const proxy_credentials aladdin{.user = "Aladdin", .password = secret("open sesame")};
  EXPECT_EQ(request_with(aladdin, "warmwire/1"),
            "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n"
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nUser-Agent: warmwire/1\r\n\r\n");
  EXPECT_EQ(request_with(std::nullopt, "evil\r\nX: y"), request_with(std::nullopt));
}

TEST(proxy_connect, encodes_credentials_of_every_length) {
  const auto encoded = [](const char* user, const char* password) {
    return basic_authorization({.user = user, .password = secret(password)}).reveal();
  };
  EXPECT_EQ(encoded("", ""), "Basic Og==");
  EXPECT_EQ(encoded("a", ""), "Basic YTo=");
  EXPECT_EQ(encoded("a", "b"), "Basic YTpi");
  EXPECT_EQ(encoded("\xff\xfe", "\xff"), "Basic //46/w==");
}

TEST(proxy_connect, reads_success) {
  EXPECT_EQ(both_ways("HTTP/1.1 200 Connection established\r\n\r\n"), "200 Connection established");
  EXPECT_EQ(both_ways("HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n"), "200 OK");
  EXPECT_EQ(both_ways("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), "200 OK");
  EXPECT_EQ(both_ways("HTTP/1.1 200\r\n\r\n"), "200 ");
  EXPECT_EQ(both_ways("HTTP/1.1 204 \n\n"), "204 ");
  EXPECT_EQ(both_ways("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
            "200 OK");
}

TEST(proxy_connect, reads_refusals) {
  EXPECT_EQ(both_ways("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\n"), "403 Forbidden");
  EXPECT_EQ(at_once("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!"), "403 Forbidden");
  EXPECT_EQ(both_ways("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), "101 Switching");
  EXPECT_EQ(both_ways("HTTP/1.1 502 Bad Gateway\r\nX: y\r\n folded\r\n\tfolded\r\n\r\n"), "502 Bad Gateway");
}

TEST(proxy_connect, reads_what_is_offered) {
  connect_answer answer;
  ASSERT_TRUE(answer.feed("HTTP/1.1 100 Continue\r\nProxy-Authenticate: Interim\r\n\r\n").has_value());
  ASSERT_TRUE(answer
                  .feed("HTTP/1.1 407 Who?\r\nproxy-authenticate:  Basic realm=\"a\" \r\n"
                        "Proxy-Authenticate: Negotiate\r\nWWW-Authenticate: Digest\r\n\r\n")
                  .value());
  EXPECT_EQ(answer.status(), 407);
  EXPECT_THAT(answer.challenges(), ElementsAre("Basic realm=\"a\"", "Negotiate"));
}

TEST(proxy_connect, keeps_a_limited_number_of_offers) {
  std::string bytes = "HTTP/1.1 407 Who?\r\n";
  for (int i = 0; i < 100; ++i)
    bytes += "Proxy-Authenticate: Basic\r\n";
  connect_answer answer;
  ASSERT_TRUE(answer.feed(bytes + "\r\n").value());
  EXPECT_EQ(answer.challenges().size(), connect_answer::max_challenges);
}

TEST(proxy_connect, is_incomplete_without_its_last_line) {
  const std::string whole = "HTTP/1.1 200 OK\r\nVia: x\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(both_ways(whole.substr(0, size)), "incomplete") << size;
  EXPECT_EQ(both_ways("HTTP/1.1 100 Continue\r\n\r\n"), "incomplete");
}

TEST(proxy_connect, knows_at_once_what_is_not_http) {
  for (const char* bytes : {"S", "SSH-2.0-x", "\x15\x03\x01", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1200", "HTTP/1.1 2x0",
                            "\r\nHTTP/1.1 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "HTTP/1.x 200"})
    EXPECT_EQ(both_ways(bytes), "the answer is not HTTP/1.1: it does not begin like one") << bytes;
  EXPECT_EQ(both_ways("HTTP/1.1 2000 OK\r\n\r\n"),
            "the answer is not HTTP/1.1: its status is not a number of three digits");
  EXPECT_EQ(both_ways("HTTP/1.1 20\r\n\r\n"), "the answer is not HTTP/1.1: it does not begin like one");
  EXPECT_EQ(both_ways("HTTP/1.1 2\n\n"), "the answer is not HTTP/1.1: its status is not a number of three digits");
  EXPECT_EQ(both_ways("HTTP/1.1 099 OK\r\n\r\n"), "the answer is not HTTP/1.1: its status is below 100");
  for (const char* line : {"no field", ": x", "a b: c"})
    EXPECT_EQ(both_ways(std::string("HTTP/1.1 200 OK\r\n") + line + "\r\n\r\n"),
              "the answer is not HTTP/1.1: a line of its head is not a field")
        << line;
}

TEST(proxy_connect, bytes_behind_a_success_are_refused) {
  EXPECT_EQ(at_once("HTTP/1.1 200 OK\r\n\r\nx"), "bytes that nobody asked for came through the tunnel");
  EXPECT_EQ(at_once("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
            "bytes that nobody asked for came through the tunnel");
}

TEST(proxy_connect, a_head_has_a_length_limit) {
  const std::string start = "HTTP/1.1 200 OK\r\nX: ";
  const auto head_of = [&](std::size_t size) { return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n"; };
  EXPECT_EQ(at_once(head_of(connect_answer::max_bytes)), "200 OK");
  EXPECT_EQ(both_ways(head_of(connect_answer::max_bytes + 1)), "the head of the answer is longer than 64 KiB");
  std::string interim;
  while (interim.size() <= connect_answer::max_bytes)
    interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(both_ways(interim), "the head of the answer is longer than 64 KiB");
}

}  // namespace
}  // namespace warmwire::http::proxy_connect_test
