// Sessions are resumed, once each, and only by who made them.
#include "tls_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace warmwire::test::tls_resumption_test {
namespace {

using net::io_status;

class tls_resumption : public tls_test {
 protected:
  /// One exchange, so that the session tickets have arrived; whether the handshake was a resumed one.
  bool exchange(const tls_server& server, const std::shared_ptr<net::tls_context>& tls,
                const std::string& host = "localhost") {
    auto dialed = dial(server, tls, host);
    EXPECT_TRUE(dialed.has_value());
    if (!dialed) return false;
    EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
    EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
    return dialed->stream.is_tls_resumed();
  }
};

TEST_F(tls_resumption, later_connections_resume_and_no_ticket_is_offered_twice) {
  tls_server server({.identity = authority_.issue()});
  const auto tls = context_for(trusting());
  EXPECT_FALSE(exchange(server, tls));
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(exchange(server, tls));
  std::set<std::string> tickets;
  for (const auto& seen : server.handshakes()) {
    EXPECT_EQ(seen.resumed, !seen.ticket.empty());
    EXPECT_TRUE(seen.ticket.empty() || tickets.insert(seen.ticket).second) << "a ticket was offered twice";
  }
  EXPECT_EQ(tickets.size(), 5U);
}

TEST_F(tls_resumption, connections_that_begin_together_offer_different_tickets) {
  tls_server server({.identity = authority_.issue()});
  const auto tls = context_for(trusting());
  EXPECT_FALSE(exchange(server, tls));  // yields two tickets
  {
    std::vector<result<net::dialed>> open;
    for (int i = 0; i < 3; ++i) {
      open.push_back(dial(server, tls));
      ASSERT_TRUE(open.back().has_value());
    }
  }
  const auto seen = server.handshakes();
  EXPECT_EQ(std::count_if(seen.begin(), seen.end(), [](const auto& one) { return one.resumed; }), 2);
  EXPECT_NE(seen.at(1).ticket, seen.at(2).ticket);
}

TEST_F(tls_resumption, tls_1_2_sessions_resume_again_and_again) {
  const tls_server server({.identity = authority_.issue(), .max_version = TLS1_2_VERSION});
  const auto tls = context_for(trusting());
  EXPECT_FALSE(exchange(server, tls));
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(exchange(server, tls));
}

TEST_F(tls_resumption, a_session_survives_a_fin_without_close_notify) {
  const auto serve = [](SSL* ssl) {
    std::array<char, 4> ping{};
    SSL_read(ssl, ping.data(), ping.size());
    SSL_write(ssl, ping.data(), ping.size());
  };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  const auto tls = context_for(trusting());
  for (const bool resumed : {false, true, true}) {
    auto dialed = dial(server, tls);
    ASSERT_TRUE(dialed.has_value());
    EXPECT_EQ(dialed->stream.is_tls_resumed(), resumed);
    write_all(dialed->stream, "ping");
    std::string pong;
    EXPECT_TRUE(read_all(dialed->stream, pong).cut_off);
    EXPECT_EQ(pong, "ping");
  }
}

TEST_F(tls_resumption, sessions_are_not_shared_between_identities) {
  const tls_server server({.identity = authority_.issue()});
  const auto one = context_for(trusting());
  EXPECT_FALSE(exchange(server, one));
  EXPECT_FALSE(exchange(server, context_for(trusting()))) << "another context is another identity";
  EXPECT_FALSE(exchange(server, one, "127.0.0.1")) << "another name was verified";
  EXPECT_TRUE(exchange(server, one));
}

TEST_F(tls_resumption, a_server_that_forgot_the_session_gets_a_full_handshake) {
  const auto identity = authority_.issue();
  const auto tls = context_for(trusting());
  {
    const tls_server first({.identity = identity});
    EXPECT_FALSE(exchange(first, tls));
  }
  const tls_server second({.identity = identity});
  EXPECT_FALSE(exchange(second, tls));
  EXPECT_TRUE(exchange(second, tls));
}

}  // namespace
}  // namespace warmwire::test::tls_resumption_test
