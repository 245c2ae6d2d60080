// Requests through proxies of every kind: tunnels are connections like any other, and belong to their proxy and user.
#include "proxied_wire.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace warmwire::test::tunnel_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr auto alice = "alice:s3cret%2fpass";

class every_proxy : public testing::TestWithParam<way> {};

TEST_P(every_proxy, opens_one_tunnel_for_many_requests) {
  proxied_wire through(GetParam(), alice);
  auto& test = through.test;
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 5; ++i) {
      const auto got = (co_await test.send(test.post("/echo"))).value();
      EXPECT_EQ(got.body, "ping");
      EXPECT_EQ(got.provenance.reused, i > 0);
      EXPECT_EQ(got.provenance.proxy, through.shown());
      EXPECT_EQ(got.provenance.remote_address, "127.0.0.1:" + std::to_string(through.proxy.port()));
    }
  });
  EXPECT_EQ(through.seen->count(), 1U);
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.server.report().connections, 1U);
  EXPECT_EQ(test.stats().tls_full, GetParam().origin_tls ? 1U : 0U) << "handshakes with the origin";
}

TEST_P(every_proxy, is_told_the_target_and_the_credentials) {
  proxied_wire through(GetParam(), alice);
  auto& test = through.test;
  test.run([&]() -> awaitable<void> { EXPECT_TRUE((co_await test.send(test.get("/bytes/1"))).has_value()); });
  const auto port = std::to_string(test.server.port());
  if (GetParam().is_socks()) {
    const std::string name = GetParam().scheme == "socks5h" ? "localhost:" : "127.0.0.1:";
    EXPECT_THAT(through.seen->all(), ElementsAre("alice:s3cret/pass@" + name + port));
  } else {
    EXPECT_THAT(
        through.seen->all(),
        ElementsAre("CONNECT localhost:" + port + " HTTP/1.1\r\nHost: localhost:" + port +
                    "\r\nProxy-Authorization: Basic YWxpY2U6czNjcmV0L3Bhc3M=\r\nUser-Agent: warmwire/0.1\r\n\r\n"));
  }
  const auto report = test.server.report();
  for (const auto& [name, value] : report.arrivals.at(0).headers)
    EXPECT_THAT(name, Not(HasSubstr("Proxy"))) << "the origin is not told";
}

TEST_P(every_proxy, carries_megabytes_both_ways) {
  constexpr std::size_t size = std::size_t{9} << 20;
  std::string body(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    body[i] = static_cast<char>('a' + (i * 7 + i / 4096) % 26);
  proxied_wire through(GetParam());
  auto& test = through.test;
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      const auto got = (co_await test.send(test.post("/echo", body))).value();
      EXPECT_TRUE(got.body == body) << got.body.size();
    }
  });
  EXPECT_EQ(through.seen->count(), 1U);
}

TEST_P(every_proxy, carries_what_comes_byte_by_byte) {
  proxied_wire through(GetParam());
  auto& test = through.test;
  through.proxy.set_script([&](proxy_client& client) {
    if (GetParam().is_socks()) {
      (void)client.read(3);
      client.write_byte_by_byte({"\x05\x00", 2});
      (void)client.read(GetParam().scheme == "socks5" ? 10 : 5 + 9 + 2);
      client.write_byte_by_byte({"\x05\x00\x00\x03\x04name\x00\x00", 11});
    } else {
      (void)client.read_head();
      client.write_byte_by_byte(
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n");
    }
    client.relay(test.server.port());
  });
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
}

TEST_P(every_proxy, is_told_an_address_as_an_address) {
  proxied_wire through(GetParam());
  auto& test = through.test;
  const auto port = std::to_string(test.server.port());
  test.run([&]() -> awaitable<void> {
    auto message = test.get("/bytes/1");
    message.url = std::string(GetParam().origin_tls ? "https" : "http").append("://[::1]:").append(port);
    const auto got = co_await test.send(std::move(message));
    EXPECT_TRUE(got.has_value()) << got.error().to_string();
  });
  ASSERT_EQ(through.seen->count(), 1U);
  const auto told = through.seen->all()[0];
  if (GetParam().is_socks()) {
    EXPECT_EQ(told, "::1:" + port);
  } else {
    EXPECT_THAT(told, testing::StartsWith("CONNECT [::1]:" + port + " HTTP/1.1\r\nHost: [::1]:" + port + "\r\n"));
  }
}

/// The end of a tunnel is seen as that of a direct connection is.
TEST_P(every_proxy, behaviour_01_the_end_of_an_idle_tunnel_is_seen_before_reuse) {
  for (const auto how : {fault::ending::close, fault::ending::half_close, fault::ending::reset}) {
    proxied_wire through(GetParam(), {}, {},
                         one_rule({.connection = 1, .connection_request = 1}, {ends(how, fault::moment::idle)}));
    auto& test = through.test;
    test.run([&]() -> awaitable<void> {
      const auto first = co_await test.send(test.post("/echo"));
      EXPECT_TRUE(first.has_value()) << static_cast<int>(how) << first.error().to_string();
      co_await test.until([&] { return test.stats().idle == 0; });
      const auto second = (co_await test.send(test.post("/echo"))).value();
      EXPECT_FALSE(second.provenance.reused);
      EXPECT_EQ(second.provenance.replays, 0U);
    });
    EXPECT_EQ(through.seen->count(), 2U);
    EXPECT_EQ(test.stats().closed_for(close_reason::peer_closed_idle), 1U) << test.stats().to_string();
  }
}

TEST_P(every_proxy, behaviour_03_a_request_on_a_tunnel_that_dies_is_sent_again_on_a_fresh_one) {
  proxied_wire through(GetParam(), {}, {},
                       one_rule({.connection = 1, .connection_request = 2},
                                {ends(fault::ending::reset, fault::moment::before_response)}));
  auto& test = through.test;
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    const auto second = (co_await test.send(test.post("/echo"))).value();
    EXPECT_EQ(second.provenance.replays, 1U);
    EXPECT_EQ(second.body, "ping");
  });
  EXPECT_EQ(through.seen->count(), 2U);
}

INSTANTIATE_TEST_SUITE_P(proxy, every_proxy, testing::ValuesIn(every_way), testing::PrintToStringParamName());

TEST(proxy_pool, another_user_never_gets_a_tunnel_of_the_first) {
  for (const std::string scheme : {"http", "socks5h"}) {
    proxied_wire through({scheme}, "alice:one");
    auto& test = through.test;
    test.run([&]() -> awaitable<void> {
      EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
      EXPECT_EQ(test.stats().idle, 1U);
      test.pools.configure("default", through.with_proxy({}, "bob:one")).value();
      EXPECT_EQ(test.stats().idle, 0U) << "what was opened for alice is closed at once";
      EXPECT_FALSE((co_await test.send(test.post("/echo"))).value().provenance.reused);
      test.pools.configure("default", through.with_proxy({}, "bob:two")).value();
      EXPECT_FALSE((co_await test.send(test.post("/echo"))).value().provenance.reused);
      test.pools.configure("default", through.with_proxy({}, "bob:two")).value();
      EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused) << "the same again";
    });
    EXPECT_EQ(through.seen->count(), 3U);
    EXPECT_EQ(test.stats().closed_for(close_reason::closed_by_user), 3U);
  }
}

TEST(proxy_pool, another_proxy_never_gets_a_tunnel_of_the_first) {
  proxied_wire through({"http"});
  auto& test = through.test;
  const auto other_saw = std::make_shared<asked>();
  scripted_proxy other(opens_socks_tunnels(other_saw));
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    pool_options to_other;
    to_other.proxy.emplace().url = secret(other.url("socks5"));
    test.pools.configure("default", to_other).value();
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.proxy, other.url("socks5"));
    pool_options direct;
    direct.proxy.emplace().use_environment = false;
    test.pools.configure("default", direct).value();
    const auto got = (co_await test.send(test.post("/echo"))).value();
    EXPECT_EQ(got.provenance.proxy, "");
    EXPECT_FALSE(got.provenance.reused);
  });
  EXPECT_EQ(through.seen->count(), 1U);
  EXPECT_EQ(other_saw->count(), 1U);
}

TEST(proxy_pool, a_request_that_runs_ends_on_its_old_tunnel_and_one_that_waits_takes_the_new_way) {
  pool_options one;
  one.max_connections = 1;
  proxied_wire through({"http"}, "alice:one", one, one_rule({.request = 1}, {fault::delay{200ms}}));
  auto& test = through.test;
  test.run([&]() -> awaitable<void> {
    int left = 2;
    const auto start = [&](const std::string& body) {
      test.pools.async_send(test.post("/echo", body), [&, body](const result<response>& got) {
        EXPECT_EQ(got.value().body, body);
        --left;
      });
    };
    start("runs");
    co_await test.until([&] { return test.stats().active == 1; });
    start("waits");
    co_await test.until([&] { return test.stats().pending == 1; });
    test.pools.configure("default", through.with_proxy({}, "bob:two")).value();
    co_await test.until([&] { return left == 0; });
  });
  ASSERT_THAT(through.seen->all(), SizeIs(2));
  EXPECT_THAT(through.seen->all()[1], HasSubstr("Basic Ym9iOnR3bw=="));
}

TEST(proxy_pool, hosts_of_no_proxy_are_reached_directly) {
  pool_options options;
  options.proxy.emplace().no_proxy = "127.0.0.0/8, localhost";
  proxied_wire through({"http"}, {}, options);
  auto& test = through.test;
  test.run([&]() -> awaitable<void> {
    const auto got = (co_await test.send(test.post("/echo"))).value();
    EXPECT_EQ(got.provenance.proxy, "");
    EXPECT_EQ(got.provenance.remote_address, "127.0.0.1:" + std::to_string(test.server.port()));
  });
  EXPECT_EQ(through.proxy.connections(), 0U);
}

/// Sets a variable for as long as it lives.
class variable {
 public:
  variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST(proxy_environment, is_followed_as_it_was_when_the_pool_was_made) {
  const auto seen = std::make_shared<asked>();
  scripted_proxy proxy(opens_http_tunnels(seen));
  std::optional<variable> set(std::in_place, "https_proxy", proxy.url("http", "alice:one"));
  wire test;
  set.reset();
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.proxy, proxy.url("http"));
    test.pools.configure("default", {}).value();
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.proxy, "") << "configure reads it again";
  });
  EXPECT_EQ(seen->count(), 1U);
}

TEST(proxy_environment, a_wrong_variable_fails_the_requests_that_need_it_until_an_option_mends_it) {
  const variable wrong("HTTPS_PROXY", "ftp://alice:s3cret@proxy");
  wire test;
  test.run([&]() -> awaitable<void> {
    const auto got = co_await test.send(test.post("/echo"));
    EXPECT_EQ(got.error().code, errc::invalid_option);
    EXPECT_THAT(got.error().message, HasSubstr("HTTPS_PROXY"));
    EXPECT_THAT(got.error().to_string(), Not(HasSubstr("s3cret")));
    pool_options direct;
    direct.proxy.emplace().use_environment = false;
    test.pools.configure("default", direct).value();
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    // What was good is kept when what comes is not.
    pool_options again;
    again.proxy.emplace();
    EXPECT_EQ(test.pools.configure("default", again).error().code, errc::invalid_option);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
}

TEST(proxy_environment, nothing_is_read_when_it_is_not_to_be) {
  scripted_proxy proxy(opens_http_tunnels(std::make_shared<asked>()));
  const variable set("all_proxy", proxy.url("http"));
  pool_options direct;
  direct.proxy.emplace().use_environment = false;
  wire test({}, direct);
  test.run(
      [&]() -> awaitable<void> { EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.proxy, ""); });
  EXPECT_EQ(proxy.connections(), 0U);
}

}  // namespace
}  // namespace warmwire::test::tunnel_test
