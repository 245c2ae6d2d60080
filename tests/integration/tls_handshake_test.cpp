// Handshakes that go wrong.
#include "tls_fixture.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace warmwire::test::tls_handshake_test {
namespace {

using net::io_status;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST_F(tls_test, a_server_that_speaks_tls_1_1_only_is_refused) {
  const tls_server server(
      {.identity = authority_.issue(), .min_version = TLS1_1_VERSION, .max_version = TLS1_1_VERSION});
  const auto outcome = dial(server, context_for(trusting()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_failed);
  EXPECT_THAT(outcome.error().message, HasSubstr("protocol"));
}

TEST_F(tls_test, tls_1_2_is_spoken) {
  tls_server server({.identity = authority_.issue(), .max_version = TLS1_2_VERSION});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
  EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
  EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
}

TEST_F(tls_test, a_fin_in_the_handshake_is_told) {
  const auto answer = [](int) {};
  const tls_server server({.instead = answer});
  const auto outcome = dial(server, context_for(trusting()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_failed);
  EXPECT_EQ(outcome.error().phase, phase::tls);
}

TEST_F(tls_test, a_fin_after_the_client_hello_is_told) {
  const auto answer = [](int descriptor) {
    std::array<char, 4096> hello{};
    while (::recv(descriptor, hello.data(), hello.size(), 0) == static_cast<ssize_t>(hello.size())) {
    }
  };
  const tls_server server({.instead = answer});
  const auto outcome = dial(server, context_for(trusting()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_failed);
  EXPECT_THAT(outcome.error().message, HasSubstr("localhost failed: the server closed the connection"));
}

TEST_F(tls_test, a_reset_in_the_handshake_is_told) {
  const auto answer = [](int descriptor) {
    const linger abort{.l_onoff = 1, .l_linger = 0};
    std::array<char, 1> first{};
    ::recv(descriptor, first.data(), first.size(), 0);
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    const int nowhere = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::dup2(nowhere, descriptor);  // closes the connection, and leaves the descriptor to its owner
    ::close(nowhere);
  };
  const tls_server server({.instead = answer});
  const auto outcome = dial(server, context_for(trusting()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_failed);
  EXPECT_THAT(outcome.error().message, HasSubstr("reset"));
}

TEST_F(tls_test, garbage_for_a_server_hello_is_told) {
  const auto answer = [](int descriptor) {
    constexpr std::string_view text = "HTTP/1.1 400 Bad Request\r\n\r\n";
    ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    std::array<char, 4096> hello{};
    while (::recv(descriptor, hello.data(), hello.size(), 0) > 0) {
    }
  };
  const tls_server server({.instead = answer});
  const auto outcome = dial(server, context_for(trusting()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_failed);
  EXPECT_THAT(outcome.error().message, HasSubstr("failed: "));
}

TEST_F(tls_test, a_silent_server_runs_into_the_time_limit) {
  const auto answer = [](int descriptor) {
    std::array<char, 4096> hello{};
    while (::recv(descriptor, hello.data(), hello.size(), 0) > 0) {
    }
  };
  const tls_server server({.instead = answer});
  net::dial_request request{.target = {.host = "127.0.0.1", .port = server.port()}};
  request.tls = context_for(trusting());
  request.tls_timeout = 20ms;
  const auto outcome = dial_now(io_, request);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_timeout);
  EXPECT_EQ(outcome.error().phase, phase::tls);
  EXPECT_THAT(outcome.error().message, HasSubstr("within 20 ms"));
}

}  // namespace
}  // namespace warmwire::test::tls_handshake_test
