#include "net/socks5.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace warmwire::net::socks5_test {
namespace {

using credentials = std::optional<http::proxy_credentials>;

const credentials none;
const credentials alice = http::proxy_credentials{.user = "alice", .password = secret("s3cret")};
const host_port named{.host = "api.example.com", .port = 443};

template <std::size_t Size>
std::string bytes(const char (&text)[Size]) {
  return {text, Size - 1};
}

const std::string no_authentication = bytes("\x05\x00");
const std::string opened = bytes("\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38");
const std::string request_for_name = bytes("\x05\x01\x00\x03\x0f") + "api.example.com" + bytes("\x01\xbb");

struct dialogue {
  std::string sent;
  std::string end;  ///< "open", "incomplete", or the error
  errc code{};
};

/// Feeds the proxy's bytes in pieces of `size`.
dialogue talk(const host_port& target, const credentials& as, const std::string& answers, std::size_t size) {
  socks5_handshake handshake(target, as);
  dialogue told{.sent = handshake.take_output(), .end = "incomplete"};
  for (std::size_t at = 0; at < answers.size(); at += size) {
    const auto fed = handshake.feed(std::string_view(answers).substr(at, size));
    told.sent += handshake.take_output();
    if (fed && !*fed) continue;
    told.end = fed ? "open" : fed.error().message;
    if (fed) continue;
    EXPECT_EQ(fed.error().phase, phase::proxy);
    told.code = fed.error().code;
    break;
  }
  return told;
}

dialogue talk(const host_port& target, const credentials& as, const std::string& answers) {
  const auto whole = talk(target, as, answers, answers.size() + 1);
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
    const auto pieces = talk(target, as, answers, size);
    EXPECT_EQ(pieces.end, whole.end) << size;
    EXPECT_EQ(pieces.code, whole.code) << size;
    EXPECT_EQ(pieces.sent, whole.sent) << size;
  }
  return whole;
}

TEST(socks5, opens_a_tunnel_to_a_name) {
  const auto told = talk(named, none, no_authentication + opened);
  EXPECT_EQ(told.end, "open");
  EXPECT_EQ(told.sent, bytes("\x05\x01\x00") + request_for_name);
}

TEST(socks5, opens_a_tunnel_to_an_address) {
  EXPECT_EQ(talk({.host = "10.1.2.3", .port = 80}, none, no_authentication + opened).sent,
            bytes("\x05\x01\x00\x05\x01\x00\x01\x0a\x01\x02\x03\x00\x50"));
  EXPECT_EQ(talk({.host = "2001:db8::1", .port = 80}, none, no_authentication + opened).sent,
            bytes("\x05\x01\x00\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50"));
}

TEST(socks5, sends_the_longest_name) {
  const std::string longest(253, 'n');
  const auto told = talk({.host = longest, .port = 80}, none, no_authentication + opened);
  EXPECT_EQ(told.sent, bytes("\x05\x01\x00\x05\x01\x00\x03\xfd") + longest + bytes("\x00\x50"));
}

TEST(socks5, authenticates_when_it_is_asked_to) {
  const auto told = talk(named, alice, bytes("\x05\x02\x01\x00") + opened);
  EXPECT_EQ(told.end, "open");
  EXPECT_EQ(told.sent, bytes("\x05\x02\x00\x02\x01\x05") + "alice\x06s3cret" + request_for_name);
  EXPECT_EQ(talk(named, alice, no_authentication + opened).sent, bytes("\x05\x02\x00\x02") + request_for_name);
}

TEST(socks5, sends_credentials_of_the_greatest_and_the_least_length) {
  const credentials longest =
      http::proxy_credentials{.user = std::string(255, 'u'), .password = secret(std::string(255, 'p'))};
  EXPECT_EQ(
      talk(named, longest, bytes("\x05\x02\x01\x00") + opened).sent,
      bytes("\x05\x02\x00\x02\x01\xff") + std::string(255, 'u') + '\xff' + std::string(255, 'p') + request_for_name);
  const credentials empty = http::proxy_credentials{.user = "u", .password = {}};
  EXPECT_EQ(talk(named, empty, bytes("\x05\x02\x01\x00") + opened).sent,
            bytes("\x05\x02\x00\x02\x01\x01u\x00") + request_for_name);
}

TEST(socks5, waits_for_every_byte_of_every_reply) {
  const std::string address_of_four = opened;
  const std::string address_of_sixteen = bytes("\x05\x00\x00\x04") + std::string(16, 'a') + bytes("\x04\x38");
  const std::string name = bytes("\x05\x00\x00\x03\x05") + "hello" + bytes("\x04\x38");
  const std::string no_name = bytes("\x05\x00\x00\x03\x00\x04\x38");
  const std::string longest_name = bytes("\x05\x00\x00\x03\xff") + std::string(255, 'n') + bytes("\x04\x38");
  for (const auto& reply : {address_of_four, address_of_sixteen, name, no_name, longest_name}) {
    const std::string whole = bytes("\x05\x02\x01\x00") + reply;
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_EQ(talk(named, alice, whole.substr(0, size)).end, "incomplete") << size;
    EXPECT_EQ(talk(named, alice, whole).end, "open");
    const auto followed = talk(named, alice, whole + 'x');
    EXPECT_EQ(followed.end, "bytes that nobody asked for came through the tunnel");
    EXPECT_EQ(followed.code, errc::proxy_failed);
  }
}

TEST(socks5, says_every_failure_in_words) {
  const std::array<std::string, 8> words = {
      "general failure",
      "its rules do not allow the connection",
      "the network is unreachable",
      "the host is unreachable",
      "the connection was refused",
      "the TTL expired",
      "it does not support CONNECT",
      "it does not support this type of address",
  };
  for (std::size_t code = 1; code < 256; ++code) {
    const auto told = talk(named, none, no_authentication + '\x05' + static_cast<char>(code));
    EXPECT_EQ(told.code, errc::proxy_failed);
    EXPECT_EQ(told.end, code <= words.size() ? words[code - 1] : "unknown failure " + std::to_string(code));
  }
}

TEST(socks5, says_what_is_wrong_with_the_credentials) {
  const auto expect = [](const credentials& as, const std::string& answers, const std::string& words) {
    const auto told = talk(named, as, answers);
    EXPECT_EQ(told.code, errc::proxy_authentication);
    EXPECT_EQ(told.end, words);
  };
  expect(none, "\x05\xff", "it wants credentials, and none are given");
  expect(none, "\x05\x02", "it wants credentials, and none are given");
  expect(alice, "\x05\xff", "it accepts neither a password nor a client without one");
  expect(alice, "\x05\x02\x01\x01", "it rejects the user and password");
  expect(alice, "\x05\x02\x01\xff", "it rejects the user and password");
}

TEST(socks5, refuses_what_is_not_socks5) {
  const auto expect = [](const credentials& as, const std::string& answers, const std::string& words) {
    const auto told = talk(named, as, answers);
    EXPECT_EQ(told.code, errc::proxy_failed);
    EXPECT_EQ(told.end, words);
  };
  expect(none, "HTTP/1.1 400 Bad Request\r\n\r\n", "the answer is not SOCKS5");
  expect(none, bytes("\x04\x00"), "the answer is not SOCKS5");
  expect(none, "\x05\x01", "it chose the authentication method 1, which was not offered");
  expect(alice, "\x05\x80", "it chose the authentication method 128, which was not offered");
  expect(alice, bytes("\x05\x02\x05\x00"), "the answer to the password is not SOCKS5");
  expect(none, no_authentication + bytes("\x04\x00\x00\x01"), "the reply is not SOCKS5");
  expect(none, no_authentication + bytes("\x05\x00\x00\x02\x7f"), "the reply has an address of unknown type 2");
}

TEST(socks5, knows_whether_an_answer_has_begun) {
  socks5_handshake handshake(named, none);
  EXPECT_FALSE(handshake.has_begun());
  ASSERT_TRUE(handshake.feed("\x05").has_value());
  EXPECT_TRUE(handshake.has_begun());
}

}  // namespace
}  // namespace warmwire::net::socks5_test
