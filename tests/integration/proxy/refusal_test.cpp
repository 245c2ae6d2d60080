// Proxies that open no tunnel: what the caller hears, that nobody hears a password, and that no slot is lost.
#include "proxied_wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>

#include <string>

namespace warmwire::test::refusal_test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

proxy_script after_greeting(std::string bytes) {
  return [bytes = std::move(bytes)](proxy_client& client) {
    (void)client.read(3);
    client.write(bytes);
    client.wait_for_end();
  };
}

proxy_script after_request(std::string bytes) {
  return [bytes = std::move(bytes)](proxy_client& client) {
    (void)client.read(3);
    client.write({"\x05\x00", 2});
    (void)client.read(5 + 9 + 2);
    client.write(bytes);
    client.wait_for_end();
  };
}

error refused_by(const std::string& scheme, proxy_script script, const std::string& credentials = {}) {
  proxied_wire through({scheme}, credentials);
  through.proxy.set_script(std::move(script));
  auto why = through.failure();
  EXPECT_EQ(why.phase, phase::proxy) << why.to_string();
  EXPECT_EQ(through.test.stats().dial_failures, 1U);
  EXPECT_EQ(through.test.stats().closed_for(close_reason::dial_failed), 1U);
  EXPECT_EQ(through.test.server.report().connections, 0U);
  return why;
}

/// Its words after "the proxy … did not open a tunnel to …".
std::string words(const error& why) {
  const auto at = why.message.find(" did not open a tunnel to localhost:");
  EXPECT_NE(at, std::string::npos) << why.message;
  EXPECT_THAT(why.message, StartsWith("the proxy "));
  return at == std::string::npos ? "" : why.message.substr(why.message.find(':', at + 40) + 2);
}

TEST(proxy_refusal, names_the_proxy_the_target_and_the_answer) {
  proxied_wire through({"http"});
  through.proxy.set_script(answers("HTTP/1.1 403 Forbidden\r\n\r\n"));
  const auto why = through.failure();
  EXPECT_EQ(why.code, errc::proxy_failed);
  EXPECT_EQ(why.http_status, 403);
  EXPECT_EQ(why.message,
            "the proxy " + through.shown() + " did not open a tunnel to " + through.target() + ": 403 Forbidden");
}

TEST(proxy_refusal, quotes_an_answer_fit_for_a_log) {
  const auto why =
      refused_by("http", answers("HTTP/1.1 502 Bad\x1b[31m\tGate\xff way " + std::string(5000, 'x') + "\r\n\r\n"));
  EXPECT_EQ(why.http_status, 502);
  EXPECT_LT(why.message.size(), 400U);
  EXPECT_THAT(words(why), StartsWith("502 Bad [31m Gate way xxx"));
}

TEST(proxy_refusal, a_407_says_what_is_offered) {
  const auto answer = answers(
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"r\"\r\n"
      "Proxy-Authenticate: Negotiate\r\n\r\n");
  const auto without = refused_by("http", answer);
  EXPECT_EQ(without.code, errc::proxy_authentication);
  EXPECT_EQ(without.http_status, 407);
  EXPECT_EQ(words(without),
            "407 Proxy Authentication Required, it wants credentials; it offers Basic realm=\"r\", Negotiate");
  const auto with = refused_by("https", answer, "alice:wrong");
  EXPECT_EQ(with.code, errc::proxy_authentication);
  EXPECT_EQ(words(with),
            "407 Proxy Authentication Required, it rejects the credentials; it offers Basic realm=\"r\", Negotiate");
  EXPECT_EQ(words(refused_by("http", answers("HTTP/1.1 407\r\n\r\n"))), "407, it wants credentials");
}

TEST(proxy_refusal, what_is_no_answer) {
  const auto expect = [](proxy_script script, const std::string& why) {
    const auto failure = refused_by("http", std::move(script));
    EXPECT_EQ(failure.code, errc::proxy_failed);
    EXPECT_THAT(words(failure), StartsWith(why));
  };
  expect(answers("SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not HTTP/1.1: it does not begin like one");
  expect(answers("HTTP/1.1 200 OK\r\n\r\nhello"), "bytes that nobody asked for came through the tunnel");
  expect(answers("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')), "the head of the answer is longer than 64 KiB");
  expect([](proxy_client&) {}, "it closed the connection before it answered");
  expect([](proxy_client& client) { (void)client.read_head(); }, "it closed the connection before it answered");
  expect(
      [](proxy_client& client) {
        (void)client.read_head();
        client.reset();
      },
      "the connection broke before it answered: Connection reset by peer");
  expect(
      [](proxy_client& client) {
        (void)client.read_head();
        client.write("HTTP/1.1 200");
      },
      "it closed the connection in the middle of its answer");
}

TEST(proxy_refusal, of_socks) {
  const auto expect = [](proxy_script script, errc code, const std::string& why, const std::string& as = {}) {
    const auto failure = refused_by("socks5h", std::move(script), as);
    EXPECT_EQ(failure.code, code);
    EXPECT_EQ(words(failure), why);
    EXPECT_EQ(failure.http_status, 0);
  };
  expect(after_greeting("\x05\xff"), errc::proxy_authentication, "it wants credentials, and none are given");
  expect(after_greeting("\x05\x02\x01\x01"), errc::proxy_authentication, "it rejects the user and password", "a:bcdef");
  expect(after_greeting("HTTP/1.1 400"), errc::proxy_failed, "the answer is not SOCKS5");
  expect(after_request("\x05\x05"), errc::proxy_failed, "the connection was refused");
  expect(after_request({"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00", 10}), errc::proxy_failed,
         "its rules do not allow the connection");
  expect([](proxy_client& client) { (void)client.read(3); }, errc::proxy_failed,
         "it closed the connection before it answered");
  expect(
      [](proxy_client& client) {
        (void)client.read(3);
        client.write("\x05");
      },
      errc::proxy_failed, "it closed the connection in the middle of its answer");
}

TEST(proxy_refusal, of_the_way_to_the_proxy_names_it) {
  proxied_wire through({"http"});
  pool_options nowhere;
  // A label of more than 63 characters: the system refuses it before any name server is asked.
  const auto name = std::string(70, 'x').append(".example");
  nowhere.proxy.emplace().url = secret("http://alice:s3cret@" + name + ":1");
  through.test.pools.configure("default", nowhere).value();
  const auto why = through.failure();
  EXPECT_EQ(why.code, errc::resolve_failed);
  EXPECT_THAT(why.message, StartsWith("the proxy http://" + name + ":1: cannot resolve " + name));
  std::uint16_t free_port = 0;
  {
    const scripted_proxy gone([](proxy_client&) {});
    free_port = gone.port();
  }
  const auto url = "http://127.0.0.1:" + std::to_string(free_port);
  nowhere.proxy->url = secret(url);
  through.test.pools.configure("default", nowhere).value();
  const auto unreachable = through.failure();
  EXPECT_EQ(unreachable.code, errc::connect_failed);
  EXPECT_EQ(unreachable.phase, phase::connect);
  EXPECT_THAT(unreachable.message, StartsWith("the proxy " + url + ": cannot connect to 127.0.0.1:"));
}

TEST(proxy_refusal, frees_the_slot_and_is_told_to_all_who_wait) {
  for (const std::string scheme : {"http", "socks5h"}) {
    pool_options one;
    one.max_connections = 1;
    proxied_wire through({scheme}, {}, one);
    auto& test = through.test;
    through.proxy.set_script([](proxy_client&) {});
    test.run([&]() -> awaitable<void> {
      int left = 5;
      for (int i = 0; i < 5; ++i) {
        test.pools.async_send(test.post("/echo"), [&](const result<response>& got) {
          EXPECT_EQ(got.error().code, errc::proxy_failed);
          --left;
        });
      }
      co_await test.until([&] { return left == 0; });
      through.proxy.set_script(through.opening_tunnels());
      EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
    });
    EXPECT_EQ(test.stats().dial_failures, 5U);
    EXPECT_EQ(test.stats().opened, 1U);
  }
}

TEST(proxy_refusal, of_the_origin_inside_the_tunnel_is_never_pooled) {
  proxied_wire through({"https"});
  auto& test = through.test;
  // The proxy leads elsewhere: its own certificate, for the right name but of an authority that the origin's is not of.
  const tls_server elsewhere({.identity = emulator::make_self_signed()});
  through.proxy.set_script([&](proxy_client& client) {
    (void)client.read_head();
    client.write("HTTP/1.1 200 OK\r\n\r\n");
    client.relay(elsewhere.port());
  });
  const auto why = through.failure();
  EXPECT_EQ(why.code, errc::certificate_self_signed);
  EXPECT_EQ(why.phase, phase::tls);
  EXPECT_EQ(test.stats().opened, 0U);
  EXPECT_EQ(test.stats().closed_for(close_reason::dial_failed), 1U);
}

TEST(proxy_refusal, of_the_origins_handshake_when_the_tunnel_dies) {
  for (const std::string scheme : {"http", "https"}) {
    proxied_wire through({scheme});
    through.proxy.set_script([](proxy_client& client) {
      (void)client.read_head();
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      (void)client.read(20);  // of the ClientHello
    });
    const auto why = through.failure();
    EXPECT_EQ(why.code, errc::tls_failed) << why.to_string();
    EXPECT_EQ(why.phase, phase::tls);
  }
}

// Silence

TEST(proxy_silence, ends_with_the_connect_timeout) {
  pool_options hasty;
  hasty.connect_timeout = 150ms;
  const auto silent = [](proxy_client& client) { client.wait_for_end(); };
  for (const std::string scheme : {"http", "socks5", "socks5h", "https"}) {
    proxied_wire through({scheme}, {}, hasty);
    through.proxy.set_script(silent);
    const auto why = through.failure();
    EXPECT_EQ(why.code, errc::connect_timeout) << why.to_string();
    EXPECT_EQ(why.phase, phase::proxy);
    EXPECT_THAT(why.message, HasSubstr("did not open a tunnel to"));
    EXPECT_THAT(why.message, EndsWith(" within 150 ms"));
  }
}

TEST(proxy_silence, in_the_middle_of_an_answer_ends_so_too) {
  pool_options hasty;
  hasty.connect_timeout = 150ms;
  proxied_wire through({"http"}, {}, hasty);
  through.proxy.set_script(answers("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(through.failure().code, errc::connect_timeout);
}

TEST(proxy_silence, during_tls_with_the_proxy_ends_with_the_sooner_of_two_limits) {
  const scripted_proxy mute([](proxy_client& client) { client.wait_for_end(); });
  const auto failure_with = [&](const pool_options& limits) {
    proxied_wire through({"https"}, {}, limits);
    pool_options to_mute;
    to_mute.proxy.emplace().url = secret(mute.url("https"));
    through.test.pools.configure("default", to_mute).value();
    const auto why = through.failure();
    EXPECT_EQ(why.phase, phase::proxy);
    return why.code;
  };
  pool_options limits;
  limits.tls_timeout = 150ms;
  EXPECT_EQ(failure_with(limits), errc::tls_timeout);
  limits.tls_timeout = 60s;
  limits.connect_timeout = 150ms;
  EXPECT_EQ(failure_with(limits), errc::connect_timeout);
}

// Nobody waits any more

TEST(proxy_cancel, a_tunnel_that_nobody_waits_for_is_given_up_and_frees_its_slot) {
  for (const std::string scheme : {"http", "https", "socks5h"}) {
    pool_options one;
    one.max_connections = 1;
    one.max_idle = 0;
    proxied_wire through({scheme}, {}, one);
    auto& test = through.test;
    through.proxy.set_script([&](proxy_client& client) {
      through.seen->add(client.read(3));
      client.wait_for_end();
      through.seen->add("gone");
    });
    test.run([&]() -> awaitable<void> {
      boost::asio::cancellation_signal cancel;
      std::optional<errc> ended;
      test.pools.async_send(test.post("/echo"),
                            boost::asio::bind_cancellation_slot(
                                cancel.slot(), [&](const result<response>& got) { ended = got.error().code; }));
      co_await test.until([&] { return through.seen->count() == 1; });
      cancel.emit(boost::asio::cancellation_type::terminal);
      co_await test.until([&] { return ended.has_value(); });
      EXPECT_EQ(ended, errc::cancelled);
      co_await test.until([&] { return through.seen->count() == 2; });
      through.proxy.set_script(through.opening_tunnels());
      EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    });
    EXPECT_EQ(test.stats().closed_for(close_reason::dial_excess), 1U) << test.stats().to_string();
  }
}

TEST(proxy_cancel, closing_the_pool_ends_tunnels_that_are_being_opened) {
  for (const std::string scheme : {"http", "https", "socks5"}) {
    proxied_wire through({scheme});
    auto& test = through.test;
    through.proxy.set_script([&](proxy_client& client) {
      through.seen->add(client.read(3));
      client.wait_for_end();
    });
    test.run([&]() -> awaitable<void> {
      std::optional<errc> ended;
      test.pools.async_send(test.post("/echo"), [&](const result<response>& got) { ended = got.error().code; });
      co_await test.until([&] { return through.seen->count() == 1; });
      EXPECT_TRUE((co_await test.pools.async_close("default", 0ms, use_awaitable)).has_value());
      EXPECT_EQ(ended, errc::pool_closed);
    });
  }
}

// TLS to the proxy

TEST(proxy_tls, a_proxy_that_is_not_trusted_is_told_nothing) {
  wire test;
  const auto seen = std::make_shared<asked>();
  scripted_proxy stranger(opens_http_tunnels(seen), emulator::authority("stranger").issue());
  pool_options through;
  through.proxy.emplace().url = secret(stranger.url("https", "alice:s3cret"));
  test.pools.configure("default", through).value();
  test.run([&]() -> awaitable<void> {
    const auto got = co_await test.send(test.post("/echo"));
    EXPECT_EQ(got.error().code, errc::certificate_unknown_authority);
    EXPECT_EQ(got.error().phase, phase::proxy);
    EXPECT_THAT(got.error().message, StartsWith("the proxy " + stranger.url("https") + ": "));
  });
  EXPECT_EQ(seen->count(), 0U);
}

TEST(proxy_tls, its_name_is_the_proxys_own_whatever_name_the_origin_is_given) {
  proxied_wire through({"https"});
  auto& test = through.test;
  auto trust = test.pools.settings("default").tls;
  trust.server_name = "127.0.0.1";  // is in the origin's certificate, too
  pool_options renamed;
  renamed.tls = trust;
  test.pools.configure("default", renamed).value();
  test.run([&]() -> awaitable<void> { EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value()); });
  EXPECT_EQ(through.proxy.handshakes().at(0).server_name, "localhost");
}

TEST(proxy_tls, is_http_1_1_and_resumed) {
  emulator::emulator_options closing;
  closing.max_requests_per_connection = 1;
  proxied_wire through({"https"}, {}, {}, {}, closing);
  auto& test = through.test;
  test.run([&]() -> awaitable<void> {
    EXPECT_FALSE((co_await test.send(test.post("/echo"))).value().provenance.tls_resumed);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.tls_resumed) << "with the origin";
  });
  EXPECT_EQ(test.stats().tls_full, 1U);
  EXPECT_EQ(test.stats().tls_resumed, 1U);
  const auto handshakes = through.proxy.handshakes();
  ASSERT_EQ(handshakes.size(), 2U);
  EXPECT_EQ(handshakes[0].alpn, std::string("\x00\x09\x08http/1.1", 11));
  EXPECT_TRUE(handshakes[1].resumed) << "with the proxy";
  EXPECT_TRUE(test.server.report().history.at(1).tls_resumed);
}

TEST(proxy_tls, a_plain_request_counts_no_handshake_of_an_origin) {
  proxied_wire through({"https", false});
  auto& test = through.test;
  test.run([&]() -> awaitable<void> {
    const auto got = (co_await test.send(test.post("/echo"))).value();
    EXPECT_FALSE(got.provenance.tls_resumed);
    EXPECT_EQ(got.provenance.timings.tls.count(), 0);
    EXPECT_GT(got.provenance.timings.connect.count(), 0);
  });
  EXPECT_EQ(test.stats().tls_full + test.stats().tls_resumed, 0U);
}

}  // namespace
}  // namespace warmwire::test::refusal_test
