// Which HTTP a connection speaks (RFC 7301).
#include "tls_fixture.hpp"

#include <gmock/gmock.h>

namespace warmwire::test::tls_alpn_test {
namespace {

using net::io_status;
using net::protocol;
using testing::HasSubstr;

class tls_alpn : public tls_test {
 protected:
  result<net::dialed> dial_offering(const tls_server& server, net::protocols offered) {
    net::dial_request request{.target = {.host = "localhost", .port = server.port()}};
    request.tls = tls_;
    request.session_key = "key";
    request.alpn = std::move(offered);
    return dial_now(io_, request);
  }

  /// What is agreed with a server that picks so, in words.
  std::string outcome(std::optional<std::string> picks, net::protocols offered) {
    const tls_server server({.identity = authority_.issue(), .picks = std::move(picks)});
    const auto dialed = dial_offering(server, std::move(offered));
    if (!dialed)
      return std::string(to_string(dialed.error().code)) + " in " + std::string(to_string(dialed.error().phase));
    return std::string(to_string(dialed->protocol));
  }

  std::shared_ptr<net::tls_context> tls_ = context_for(trusting());
};

TEST_F(tls_alpn, what_is_asked_for_is_offered_in_this_order) {
  tls_server server({.identity = authority_.issue()});
  for (const auto& offered : {net::protocols{protocol::h2, protocol::http1}, {protocol::http1}, {protocol::h2}, {}})
    std::ignore = dial_offering(server, offered);
  const auto seen = server.handshakes();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen.at(0).alpn, std::string("\0\x0c\x02h2\x08http/1.1", 14));
  EXPECT_EQ(seen.at(1).alpn, std::string("\0\x09\x08http/1.1", 11));
  EXPECT_EQ(seen.at(2).alpn, std::string("\0\x03\x02h2", 5));
  EXPECT_EQ(seen.at(3).alpn, std::string("\0\x09\x08http/1.1", 11));
}

TEST_F(tls_alpn, the_server_picks) {
  EXPECT_EQ(outcome("h2", {protocol::h2, protocol::http1}), "h2");
  EXPECT_EQ(outcome("http/1.1", {protocol::h2, protocol::http1}), "http/1.1");
  EXPECT_EQ(outcome("h2", {protocol::h2}), "h2");
  EXPECT_EQ(outcome("http/1.1", {protocol::http1}), "http/1.1");
}

TEST_F(tls_alpn, a_server_that_picks_nothing_speaks_http_1) {
  EXPECT_EQ(outcome(std::nullopt, {protocol::h2, protocol::http1}), "http/1.1");
  EXPECT_EQ(outcome(std::nullopt, {protocol::http1}), "http/1.1");
}

TEST_F(tls_alpn, a_server_that_picks_what_was_not_offered_is_left) {
  EXPECT_EQ(outcome("h2", {protocol::http1}), "tls_failed in tls");
  EXPECT_EQ(outcome("http/1.1", {protocol::h2}), "tls_failed in tls");
  EXPECT_EQ(outcome("h3", {protocol::h2, protocol::http1}), "tls_failed in tls");
}

TEST_F(tls_alpn, where_only_http_2_is_allowed_its_absence_is_told) {
  const tls_server server({.identity = authority_.issue()});
  const auto dialed = dial_offering(server, {protocol::h2});
  ASSERT_FALSE(dialed.has_value());
  EXPECT_EQ(dialed.error().code, errc::protocol_unavailable);
  EXPECT_EQ(dialed.error().phase, phase::tls);
  EXPECT_EQ(dialed.error().message,
            "the server localhost:" + std::to_string(server.port()) +
                " does not speak HTTP/2: it picked no protocol by ALPN; this pool allows h2 only");
}

TEST_F(tls_alpn, a_server_that_refuses_all_protocols_is_told_with_what_is_allowed) {
  const tls_server server({.identity = authority_.issue(), .picks = ""});
  const auto one = dial_offering(server, {protocol::h2});
  ASSERT_FALSE(one.has_value());
  EXPECT_EQ(one.error().code, errc::protocol_unavailable);
  EXPECT_EQ(one.error().phase, phase::tls);
  EXPECT_THAT(one.error().message, HasSubstr("no application protocol; this pool allows h2 only"));
  const auto both = dial_offering(server, {protocol::h2, protocol::http1});
  ASSERT_FALSE(both.has_value());
  EXPECT_THAT(both.error().message, HasSubstr("; this pool allows h2 and http/1.1"));
}

TEST_F(tls_alpn, a_resumed_session_agrees_anew) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto identity = authority_.issue();
    const tls_server server({.identity = identity, .max_version = version, .picks = "h2"});
    tls_ = context_for(trusting());
    for (const bool resumed : {false, true, true}) {
      auto dialed = dial_offering(server, {protocol::h2, protocol::http1});
      ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
      EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
      EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
      EXPECT_EQ(dialed->stream.is_tls_resumed(), resumed);
      EXPECT_EQ(dialed->protocol, protocol::h2);
    }
  }
}

TEST_F(tls_alpn, without_tls_the_preferred_protocol_is_spoken) {
  const tls_server server({.instead = [](int) {}});
  for (const auto& [offered, spoken] : {std::pair{net::protocols{protocol::h2}, protocol::h2},
                                        {{protocol::http1}, protocol::http1},
                                        {{}, protocol::http1}}) {
    net::dial_request request{.target = {.host = "localhost", .port = server.port()}};
    request.alpn = offered;
    const auto dialed = dial_now(io_, request);
    ASSERT_TRUE(dialed.has_value());
    EXPECT_EQ(dialed->protocol, spoken);
    EXPECT_EQ(dialed->stream.negotiated_protocol(), "");
  }
}

}  // namespace
}  // namespace warmwire::test::tls_alpn_test
