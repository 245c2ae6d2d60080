// Tunnels through squid and dante to the emulator, whose TLS neither of them can read.
#include "emulator/emulator.hpp"
#include "tests/peers/client.hpp"
#include "tests/peers/proxies.hpp"
#include "tests/peers/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace warmwire::test::proxy_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct squid : peer_test {
  squid() : peer_test({"squid"}) {}
};

struct dante : peer_test {
  dante() : peer_test({"danted"}) {}
};

/// How the client is told of a proxy.
struct proxy_name {
  std::string_view scheme = "http";
  std::string_view credentials{};  ///< "user:password@"
};

/// One file with the authorities of both: a proxy is trusted as an origin is.
std::string trusted(const peer& proxy, const std::string& origins_ca) {
  std::ifstream in(origins_ca);
  const std::string authorities{std::istreambuf_iterator<char>(in), {}};
  return proxy.files().write("both.pem", proxy.files().read("ca.pem").append(authorities));
}

pool_options by(const peer& proxy, proxy_name name) {
  pool_options options;
  auto& way = options.proxy.emplace();
  way.use_environment = false;
  way.url = secret(std::string(name.scheme)
                       .append("://")
                       .append(name.credentials)
                       .append("127.0.0.1:")
                       .append(std::to_string(proxy.port())));
  return options;
}

/// A client, the proxy it is told to use, and the emulator as the origin.
struct behind {
  behind(const peer& proxy, proxy_name name, std::string_view host = "localhost", pool_options options = {})
      : shown(proxy.origin(name.scheme)),
        test(std::string("https://").append(host).append(":").append(std::to_string(server.port())),
             trusted(proxy, server.ca_file()), [&] {
               options.proxy = by(proxy, name).proxy;
               return options;
             }()) {}

  emulator::server server{emulator::emulator_options{}};
  std::string shown;  ///< the proxy without credentials
  client test;
};

/// Three posts through one tunnel.
void expect_one_tunnel(behind& through) {
  through.test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto got = (co_await through.test.send(through.test.post("/echo"))).value();
      EXPECT_EQ(got.body, "ping");
      EXPECT_EQ(got.provenance.reused, i > 0);
      EXPECT_EQ(got.provenance.proxy, through.shown);
    }
  });
  EXPECT_EQ(through.test.stats().opened, 1U) << through.test.stats().to_string();
  EXPECT_EQ(through.server.report().connections, 1U);
  EXPECT_EQ(through.server.report().requests, 3U);
}

/// A post that finds no way through. The slot that it had is free again, and the password is nowhere to be read.
error expect_no_tunnel(behind& through) {
  error why;
  through.test.run([&]() -> awaitable<void> {
    const auto got = co_await through.test.send(through.test.post("/echo"));
    EXPECT_TRUE(got.has_error());
    if (got.has_error()) why = got.error();
    const auto now = through.test.stats();
    EXPECT_EQ(now.active + now.connecting + now.idle, 0U) << now.to_string();
  });
  EXPECT_EQ(why.phase, phase::proxy) << why.to_string();
  EXPECT_THAT(why.to_string(), Not(HasSubstr(std::string(proxy_password))));
  EXPECT_THAT(why.to_string(), Not(HasSubstr("wrong")));
  EXPECT_EQ(through.server.report().connections, 0U);
  return why;
}

TEST_F(squid, a_tunnel_is_used_again) {
  auto proxy = start_squid(admission::everyone);
  behind through(proxy, {});
  expect_one_tunnel(through);
  EXPECT_EQ(connects_at_end(proxy, 200), 1U);
}

TEST_F(squid, credentials_open_a_tunnel) {
  auto proxy = start_squid(admission::known_user);
  behind through(proxy, {"http", proxy_credentials});
  expect_one_tunnel(through);
  EXPECT_EQ(connects_at_end(proxy, 200), 1U);
}

TEST_F(squid, a_proxy_is_spoken_to_over_tls) {
  auto proxy = start_squid(admission::known_user, proxy_transport::tls);
  behind through(proxy, {"https", proxy_credentials});
  expect_one_tunnel(through);
  EXPECT_EQ(connects_at_end(proxy, 200), 1U);
}

TEST_F(squid, a_wrong_password_and_none_are_errors_that_say_so) {
  for (const std::string_view credentials : {"warm:wrong@", ""}) {
    auto proxy = start_squid(admission::known_user);
    behind through(proxy, {"http", credentials});
    const auto why = expect_no_tunnel(through);
    EXPECT_EQ(why.code, errc::proxy_authentication);
    EXPECT_EQ(why.http_status, 407);
    EXPECT_GE(connects_at_end(proxy, 407), 1U);
  }
}

TEST_F(squid, an_origin_that_cannot_be_reached_is_told_as_the_proxy_told_it) {
  const auto proxy = start_squid(admission::everyone);
  const reserved_port nobody_listens;
  behind through(proxy, {});
  through.test.origin = "https://127.0.0.1:" + std::to_string(nobody_listens.number());
  const auto why = expect_no_tunnel(through);
  EXPECT_EQ(why.code, errc::proxy_failed);
  EXPECT_EQ(why.http_status, 503);
}

TEST_F(squid, a_hundred_callers_share_few_tunnels) {
  auto proxy = start_squid(admission::known_user);
  pool_options options;
  options.protocol = http_protocol::http1;
  options.max_connections = 10;
  behind through(proxy, {"http", proxy_credentials}, "localhost", options);
  through.test.run([&]() -> awaitable<void> {
    const auto outcome = co_await through.test.send_all({1'000, 100}, "ping");
    EXPECT_EQ(outcome.answered, 1'000U);
    EXPECT_THAT(outcome.errors, IsEmpty());
  });
  EXPECT_EQ(through.server.report().requests, 1'000U);
  EXPECT_LE(connects_at_end(proxy, 200), 10U);
}

TEST_F(squid, http2_runs_through_a_tunnel) {
  if (!find_program("nginx")) GTEST_SKIP() << "nginx is not installed";
  nginx_options both;
  both.http2 = true;
  const auto origin = start_nginx(both);
  auto proxy = start_squid(admission::everyone);
  client test(origin.origin(), origin.files().ca(), by(proxy, {}));
  test.run([&]() -> awaitable<void> {
    const auto first = (co_await test.send(test.post("/"))).value();
    EXPECT_EQ(first.provenance.protocol, "h2");
    const auto outcome = co_await test.send_all({500, 50}, "nginx\n");
    EXPECT_EQ(outcome.answered, 500U);
    EXPECT_THAT(outcome.errors, IsEmpty());
  });
  EXPECT_LE(connects_at_end(proxy, 200), 8U);
}

TEST_F(dante, a_tunnel_is_used_again_with_names_resolved_here_or_there) {
  for (const std::string_view scheme : {"socks5", "socks5h"}) {
    const auto proxy = start_dante(admission::everyone);
    behind through(proxy, {scheme});
    expect_one_tunnel(through);
  }
}

TEST_F(dante, credentials_and_a_name_that_only_the_proxy_can_resolve) {
  if (const auto obstacle = obstacle_to_dante_users(); !obstacle.empty()) GTEST_SKIP() << obstacle;
  const auto proxy = start_dante(admission::known_user);
  pool_options options;
  options.tls.emplace().server_name = "localhost";  // which the emulator's certificate is for
  behind through(proxy, {"socks5h", proxy_credentials}, name_known_to_dante, options);
  expect_one_tunnel(through);
}

TEST_F(dante, a_wrong_password_and_none_are_errors_that_say_so) {
  if (const auto obstacle = obstacle_to_dante_users(); !obstacle.empty()) GTEST_SKIP() << obstacle;
  const auto proxy = start_dante(admission::known_user);
  for (const std::string_view credentials : {"warm:wrong@", ""}) {
    behind through(proxy, {"socks5h", credentials});
    EXPECT_EQ(expect_no_tunnel(through).code, errc::proxy_authentication);
  }
}

TEST_F(dante, an_origin_that_cannot_be_reached_is_told_as_the_proxy_told_it) {
  const auto proxy = start_dante(admission::everyone);
  const reserved_port nobody_listens;
  behind through(proxy, {"socks5h"});
  through.test.origin = "https://127.0.0.1:" + std::to_string(nobody_listens.number());
  const auto why = expect_no_tunnel(through);
  EXPECT_EQ(why.code, errc::proxy_failed);
  EXPECT_THAT(why.message, HasSubstr("refused"));
}

}  // namespace
}  // namespace warmwire::test::proxy_test
