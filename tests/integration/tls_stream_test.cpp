// The end of a TLS connection, and its buffers.
#include "tls_fixture.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <future>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace warmwire::test::tls_stream_test {
namespace {

using net::io_status;
using testing::HasSubstr;

TEST_F(tls_test, close_notify_is_an_end_in_order) {
  const auto serve = [](SSL* ssl) {
    SSL_write(ssl, "body", 4);
    SSL_shutdown(ssl);
  };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  std::string body;
  const auto end = read_all(dialed->stream, body);
  EXPECT_EQ(end.status, io_status::end);
  EXPECT_FALSE(end.cut_off);
  EXPECT_EQ(body, "body");
}

TEST_F(tls_test, a_fin_without_close_notify_is_an_end_that_may_have_been_cut_off) {
  const auto serve = [](SSL* ssl) { SSL_write(ssl, "body", 4); };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  std::string body;
  auto end = read_all(dialed->stream, body);
  EXPECT_EQ(end.status, io_status::end);
  EXPECT_TRUE(end.cut_off);
  EXPECT_EQ(body, "body");
  end = read_all(dialed->stream, body);
  EXPECT_EQ(end.status, io_status::end) << "and it stays so";
  EXPECT_TRUE(end.cut_off);
}

TEST_F(tls_test, a_fin_in_the_middle_of_a_record_is_cut_off) {
  const auto serve = [](SSL* ssl) {
    constexpr std::array<char, 8> beginning{0x17, 0x03, 0x03, 0x01, 0x00, 'x', 'y', 'z'};
    ::send(SSL_get_fd(ssl), beginning.data(), beginning.size(), MSG_NOSIGNAL);
  };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  std::string body;
  const auto end = read_all(dialed->stream, body);
  EXPECT_EQ(end.status, io_status::end);
  EXPECT_TRUE(end.cut_off);
  EXPECT_EQ(body, "");
}

TEST_F(tls_test, a_forged_record_fails) {
  const auto serve = [](SSL* ssl) {
    const std::string forged = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
    ::send(SSL_get_fd(ssl), forged.data(), forged.size(), MSG_NOSIGNAL);
  };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  std::string body;
  const auto end = read_all(dialed->stream, body);
  EXPECT_EQ(end.status, io_status::failed);
  EXPECT_STREQ(end.reason.category().name(), "tls");
  EXPECT_THAT(end.reason.message(), HasSubstr("bad record mac"));
}

/// How the server saw the client go.
int end_seen_by_server(const std::function<void(net::stream&)>& leave,
                       const std::function<result<net::dialed>(const tls_server&)>& dial,
                       const emulator::identity& identity) {
  std::promise<int> seen;
  const auto serve = [&seen](SSL* ssl) {
    std::array<char, 16> buffer{};
    int got = SSL_write(ssl, "hello", 5);
    while (got > 0)
      got = SSL_read(ssl, buffer.data(), buffer.size());
    seen.set_value(SSL_get_error(ssl, got));
  };
  const tls_server server({.identity = identity, .serve = serve});
  auto dialed = dial(server);
  EXPECT_TRUE(dialed.has_value());
  EXPECT_EQ(read_exactly(dialed->stream, 5), "hello");  // unread bytes would turn the FIN into a reset
  leave(dialed->stream);
  return seen.get_future().get();
}

TEST_F(tls_test, leaving_is_announced_or_silent_as_asked) {
  const auto tls = context_for(trusting());
  const auto dial_it = [&](const tls_server& server) { return dial(server, tls); };
  const auto identity = authority_.issue();
  const auto announced = [](net::stream& stream) { stream.close(net::farewell::announce); };
  const auto silent = [](net::stream& stream) { stream.close(net::farewell::silent); };
  const auto destroyed = [](net::stream& stream) { const net::stream gone(std::move(stream)); };
  EXPECT_EQ(end_seen_by_server(announced, dial_it, identity), SSL_ERROR_ZERO_RETURN);
  EXPECT_EQ(end_seen_by_server(silent, dial_it, identity), SSL_ERROR_SSL);
  EXPECT_EQ(end_seen_by_server(destroyed, dial_it, identity), SSL_ERROR_ZERO_RETURN);
}

TEST_F(tls_test, closing_twice_is_fine) {
  const tls_server server({.identity = authority_.issue()});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  dialed->stream.close(net::farewell::announce);
  dialed->stream.close(net::farewell::announce);
  EXPECT_FALSE(dialed->stream.socket().is_open());
}

/// Closes the connection on the server's side so that the client's next write is answered by RST.
void reset(SSL* ssl) {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(SSL_get_fd(ssl), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  const int nowhere = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ::dup2(nowhere, SSL_get_fd(ssl));
  ::close(nowhere);
}

TEST_F(tls_test, writing_to_a_dead_connection_fails_without_a_signal) {
  std::signal(SIGPIPE, SIG_DFL);
  const tls_server server({.identity = authority_.issue(), .serve = reset});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  ASSERT_TRUE(wait_readable(dialed->stream));
  std::string ignored;
  EXPECT_EQ(read_all(dialed->stream, ignored).status, io_status::failed);
  auto written = dialed->stream.try_write(std::string_view("ping"));
  EXPECT_EQ(written.status, io_status::failed);
  dialed->stream.close(net::farewell::announce);

  auto again = dial(server, context_for(trusting()));
  ASSERT_TRUE(again.has_value());
  ASSERT_TRUE(wait_readable(again->stream));
  while (again->stream.try_write(std::string_view("ping")).status == io_status::done) {
  }
  written = again->stream.try_write(std::string_view("ping"));
  EXPECT_EQ(written.status, io_status::failed);
}

TEST_F(tls_test, what_was_read_ahead_is_known_and_needs_no_more_waiting) {
  std::promise<void> sent;
  const auto serve = [&sent](SSL* ssl) {
    SSL_write(ssl, "one", 3);
    SSL_write(ssl, "two", 3);
    sent.set_value();
    echo(ssl);
  };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  sent.get_future().wait();  // on loopback, sent is received
  auto& stream = dialed->stream;
  EXPECT_EQ(read_exactly(stream, 1), "o");
  EXPECT_TRUE(stream.has_buffered());
  EXPECT_EQ(read_exactly(stream, 2), "ne");
  EXPECT_TRUE(stream.has_buffered()) << "the second record was read along with the first";
  EXPECT_EQ(read_exactly(stream, 3), "two");
  EXPECT_FALSE(stream.has_buffered());
  std::array<char, 1> byte{};
  EXPECT_EQ(stream.try_read(byte).status, io_status::want_read);
}

TEST_F(tls_test, session_tickets_are_no_bytes_of_the_application) {
  std::promise<void> accepted;
  const auto serve = [&accepted](SSL* ssl) {
    accepted.set_value();  // the tickets are sent with the end of the handshake
    echo(ssl);
  };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  accepted.get_future().wait();
  ASSERT_TRUE(wait_readable(dialed->stream));
  std::array<char, 16> buffer{};
  EXPECT_EQ(dialed->stream.try_read(buffer).status, io_status::want_read);
  EXPECT_FALSE(dialed->stream.has_buffered());
}

TEST_F(tls_test, a_full_socket_wants_to_write_and_then_goes_on) {
  std::promise<void> begin;
  auto begun = begin.get_future();
  const auto serve = [&begun](SSL* ssl) {
    begun.wait();
    echo(ssl);
  };
  const tls_server server({.identity = authority_.issue(), .serve = serve});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  auto& stream = dialed->stream;
  std::size_t total = 0;
  const std::string block(100'000, 'x');
  net::io_result step;
  while ((step = stream.try_write(std::string_view(block).substr(total % block.size()))).status == io_status::done) {
    total += step.bytes;
  }
  EXPECT_EQ(step.status, io_status::want_write);
  begin.set_value();
  // What is offered next begins with the byte that was not taken; here all bytes are alike.
  std::string echoed;
  while (echoed.size() < total) {
    const auto got = read_exactly(stream, std::min<std::size_t>(total - echoed.size(), 65'536));
    ASSERT_FALSE(got.empty());
    echoed += got;
  }
  EXPECT_EQ(echoed, std::string(total, 'x'));
}

TEST_F(tls_test, an_error_left_in_the_threads_queue_does_not_fail_the_next_call) {
  const tls_server server({.identity = authority_.issue()});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  std::array<char, 16> buffer{};
  EXPECT_EQ(dialed->stream.try_read(buffer).status, io_status::want_read);
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  EXPECT_EQ(dialed->stream.try_write(std::string_view("ping")).status, io_status::done);
  EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
}

TEST_F(tls_test, a_stream_outlives_its_contexts_owner) {
  const tls_server server({.identity = authority_.issue()});
  auto tls = context_for(trusting());
  auto dialed = dial(server, tls);
  tls.reset();
  ASSERT_TRUE(dialed.has_value());
  EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
  EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
}

}  // namespace
}  // namespace warmwire::test::tls_stream_test
