// Dialing: what is resolved, in which order it is tried, within which limits, and how it is called off.
#include "dialing.hpp"
#include "listener.hpp"
#include "net/tls_context.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace warmwire::test::dial_test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using namespace std::chrono_literals;

net::dial_request to(const std::string& host, std::uint16_t port) {
  return {.target = {.host = host, .port = port}};
}

int option_of(net::stream& stream, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(stream.socket().native_handle(), level, name, &value, &size), 0);
  return value;
}

class dial_test : public testing::Test {
 protected:
  result<net::dialed> dial(const net::dial_request& request) { return dial_now(io_, request); }

  asio::io_context io_{1};
};

TEST_F(dial_test, a_plain_connection_is_made_and_tuned) {
  listener server;
  auto dialed = dial(to("127.0.0.1", server.port()));
  ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
  auto& stream = dialed->stream;
  EXPECT_FALSE(stream.is_tls());
  EXPECT_FALSE(stream.is_tls_resumed());
  EXPECT_FALSE(stream.has_buffered());
  EXPECT_EQ(dialed->remote_address, "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_GT(dialed->connect.count(), 0);
  EXPECT_EQ(dialed->tls.count(), 0);
  EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option_of(stream, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_KEEPIDLE), 30);
  EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_USER_TIMEOUT), 30'000);
  stream.set_user_timeout(2s);
  EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_USER_TIMEOUT), 2'000);
  EXPECT_GT(stream.round_trip().count(), 0);
}

TEST_F(dial_test, a_plain_stream_reads_writes_and_ends) {
  listener server;
  auto dialed = dial(to("127.0.0.1", server.port()));
  ASSERT_TRUE(dialed.has_value());
  auto peer = server.accept();
  EXPECT_EQ(write_all(dialed->stream, "ping").status, net::io_status::done);
  std::string ping(4, '\0');
  asio::read(peer, asio::buffer(ping));
  EXPECT_EQ(ping, "ping");
  asio::write(peer, asio::buffer("pong", 4));
  EXPECT_EQ(read_exactly(dialed->stream, 4), "pong");
  char byte = 0;
  EXPECT_EQ(dialed->stream.try_read({&byte, 1}).status, net::io_status::want_read);
  peer.close();
  std::string rest;
  const auto end = read_all(dialed->stream, rest);
  EXPECT_EQ(end.status, net::io_status::end);
  EXPECT_FALSE(end.cut_off);
}

TEST_F(dial_test, a_dead_plain_stream_fails_without_a_signal) {
  listener server;
  auto dialed = dial(to("127.0.0.1", server.port()));
  ASSERT_TRUE(dialed.has_value());
  auto peer = server.accept();
  peer.set_option(asio::socket_base::linger(true, 0));
  peer.close();
  ASSERT_TRUE(wait_readable(dialed->stream));
  std::string rest;
  const auto end = read_all(dialed->stream, rest);
  EXPECT_EQ(end.status, net::io_status::failed);
  EXPECT_EQ(end.reason, std::errc::connection_reset);
  const auto written = dialed->stream.try_write(std::string_view("ping"));
  EXPECT_EQ(written.status, net::io_status::failed);
  EXPECT_EQ(written.reason, std::errc::broken_pipe);
}

TEST_F(dial_test, localhost_and_names_below_it_need_no_lookup) {
  const listener server;
  for (const auto* host : {"localhost", "LOCALHOST", "localhost.", "a.localhost"}) {
    EXPECT_TRUE(dial(to(host, server.port())).has_value()) << host;
  }
}

TEST_F(dial_test, a_refused_connection_names_every_address_and_the_reason) {
  const auto port = closed_port();
  const auto outcome = dial(to("localhost", port));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::connect_failed);
  EXPECT_EQ(outcome.error().phase, phase::connect);
  const auto text = std::to_string(port);
  EXPECT_THAT(outcome.error().message, HasSubstr("cannot connect to localhost:" + text));
  EXPECT_THAT(outcome.error().message, HasSubstr("127.0.0.1:" + text + ": Connection refused"));
  EXPECT_THAT(outcome.error().message, HasSubstr("[::1]:" + text + ": "));
}

TEST_F(dial_test, a_name_that_cannot_exist_is_not_resolved) {
  // A label of more than 63 characters: the system refuses it before any name server is asked.
  const auto outcome = dial(to(std::string(70, 'x').append(".example"), 443));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::resolve_failed);
  EXPECT_EQ(outcome.error().phase, phase::resolve);
  EXPECT_THAT(outcome.error().message, HasSubstr("cannot resolve xxx"));
}

TEST_F(dial_test, a_silent_address_runs_into_the_time_limit) {
  listener server;
  server.fall_silent();
  auto request = to("127.0.0.1", server.port());
  request.connect_timeout = 20ms;
  const auto outcome = dial(request);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::connect_timeout);
  EXPECT_EQ(outcome.error().phase, phase::connect);
  EXPECT_THAT(outcome.error().message,
              HasSubstr("within 20 ms: 127.0.0.1:" + std::to_string(server.port()) + ": no answer"));
}

/// Starts a dial that cannot end by itself.
class dial_cancellation : public dial_test {
 protected:
  void start(const net::dial_request& request) {
    const auto work = [this, request]() -> asio::awaitable<void> { outcome_.emplace(co_await dialer_.dial(request)); };
    asio::co_spawn(io_, work, asio::bind_cancellation_slot(signal_.slot(), [this](const std::exception_ptr& thrown) {
                     thrown_ = thrown;
                   }));
  }

  void expect_cancelled(phase where) {
    io_.run();
    ASSERT_TRUE(outcome_.has_value());
    ASSERT_FALSE(outcome_->has_value());
    EXPECT_EQ(outcome_->error().code, errc::cancelled);
    EXPECT_EQ(outcome_->error().phase, where);
    EXPECT_FALSE(thrown_) << "a cancelled dial has a result, not an exception";
  }

  net::dialer dialer_{io_.get_executor()};
  asio::cancellation_signal signal_;
  std::optional<result<net::dialed>> outcome_;
  std::exception_ptr thrown_;
};

TEST_F(dial_cancellation, while_connecting) {
  listener server;
  server.fall_silent();
  start(to("127.0.0.1", server.port()));
  io_.poll();
  signal_.emit(asio::cancellation_type::terminal);
  expect_cancelled(phase::connect);
}

TEST_F(dial_cancellation, while_looking_up_even_if_the_lookup_goes_on) {
  start(to(std::string(70, 'x').append(".example"), 443));
  io_.run_one();  // the coroutine, up to its wait
  signal_.emit(asio::cancellation_type::terminal);
  expect_cancelled(phase::resolve);
}

TEST_F(dial_cancellation, while_shaking_hands) {
  listener server;
  auto request = to("127.0.0.1", server.port());
  request.tls = net::tls_context::make({}).value();
  start(request);
  io_.run_one();  // the coroutine, up to its wait for the connection
  const auto peer = server.accept();
  while (peer.available() == 0)
    io_.run_one();  // until the ClientHello has come
  signal_.emit(asio::cancellation_type::terminal);
  expect_cancelled(phase::tls);
}

TEST_F(dial_cancellation, when_the_loop_is_destroyed_under_it) {
  auto io = std::make_unique<asio::io_context>();
  listener server;
  server.fall_silent();
  const auto request = to("127.0.0.1", server.port());
  net::dialer dialer(io->get_executor());
  const auto work = [&dialer, request]() -> asio::awaitable<void> { const auto never = co_await dialer.dial(request); };
  asio::co_spawn(*io, work, asio::detached);
  io->poll();
  io.reset();
}

}  // namespace
}  // namespace warmwire::test::dial_test
