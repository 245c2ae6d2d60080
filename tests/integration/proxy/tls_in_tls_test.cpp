// TLS to an origin inside of TLS to a proxy: the two sessions behave as one stream.
#include "http/proxy_url.hpp"
#include "proxied_wire.hpp"
#include "tests/integration/tls_fixture.hpp"

#include <gmock/gmock.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace warmwire::test::tls_in_tls_test {
namespace {

using testing::HasSubstr;

class tls_in_tls : public tls_test {
 protected:
  result<net::dialed> dial_through(const std::string& proxy_url, const tls_server& origin,
                                   const std::shared_ptr<net::tls_context>& tls) {
    net::dial_request request{.target = {.host = "localhost", .port = origin.port()}};
    request.tls = tls;
    request.session_key = "key";
    request.proxy.server = std::make_shared<const http::proxy>(http::parse_proxy(proxy_url, "proxy.url").value());
    request.proxy.tls = tls;
    return dial_now(io_, request);
  }

  /// Reads to the end of what the origin says, through a proxy that ends its own session as `after` does.
  net::io_result end_of(const std::function<void(SSL*)>& origin_says, const std::function<void(proxy_client&)>& after) {
    const tls_server origin({.identity = authority_.issue(), .serve = origin_says});
    scripted_proxy proxy(
        [&](proxy_client& client) {
          (void)client.read_head();
          client.write("HTTP/1.1 200 OK\r\n\r\n");
          client.relay(origin.port());
          after(client);
        },
        authority_.issue());
    auto dialed = dial_through(proxy.url("https"), origin, context_for(trusting()));
    EXPECT_TRUE(dialed.has_value()) << dialed.error().to_string();
    std::string text;
    const auto end = read_all(dialed->stream, text);
    EXPECT_EQ(text, "bye");
    dialed->stream.close(net::farewell::announce);
    return end;
  }
};

void say_bye(SSL* ssl) {
  SSL_write(ssl, "bye", 3);
}

void say_bye_in_order(SSL* ssl) {
  say_bye(ssl);
  SSL_shutdown(ssl);
}

void do_nothing(proxy_client& /*client*/) {}

TEST_F(tls_in_tls, close_notify_of_the_origin_ends_it_in_order) {
  const auto end = end_of(say_bye_in_order, do_nothing);
  EXPECT_EQ(end.status, net::io_status::end);
  EXPECT_FALSE(end.cut_off);
}

TEST_F(tls_in_tls, close_notify_of_the_proxy_alone_is_no_end_in_order) {
  const auto end = end_of(say_bye, do_nothing);
  EXPECT_EQ(end.status, net::io_status::end);
  EXPECT_TRUE(end.cut_off);
}

TEST_F(tls_in_tls, is_seen_by_both_peers_to_be_closed_in_order) {
  bool origin_heard = false;
  const tls_server origin({.identity = authority_.issue(), .serve = [&](SSL* ssl) {
                             char byte = 0;
                             origin_heard =
                                 SSL_read(ssl, &byte, 1) == 0 && SSL_get_error(ssl, 0) == SSL_ERROR_ZERO_RETURN;
                           }});
  bool proxy_heard = false;
  std::optional<tls_server> proxy;
  proxy.emplace(tls_server_options{.identity = authority_.issue(), .serve = [&](SSL* ssl) {
                                     proxy_client client(SSL_get_fd(ssl), ssl);
                                     (void)client.read_head();
                                     client.write("HTTP/1.1 200 OK\r\n\r\n");
                                     client.relay(origin.port());
                                     proxy_heard = (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
                                   }});
  auto dialed = dial_through("https://localhost:" + std::to_string(proxy->port()), origin, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
  dialed->stream.close(net::farewell::announce);
  proxy->wait_until_quiet();
  EXPECT_TRUE(origin_heard);
  EXPECT_TRUE(proxy_heard);
}

TEST_F(tls_in_tls, a_broken_socket_is_told_with_the_systems_reason) {
  const tls_server origin({.identity = authority_.issue()});
  scripted_proxy proxy(
      [&](proxy_client& client) {
        (void)client.read_head();
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.relay(origin.port());
      },
      authority_.issue());
  auto dialed = dial_through(proxy.url("https"), origin, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
  std::string text;
  ASSERT_EQ(write_all(dialed->stream, "ping").status, net::io_status::done);
  EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
  ::shutdown(dialed->stream.socket().native_handle(), SHUT_WR);
  const auto refused = dialed->stream.try_write(std::string_view("ping"));
  EXPECT_EQ(refused.status, net::io_status::failed);
  EXPECT_EQ(refused.reason, std::errc::broken_pipe) << refused.reason.message();
  dialed->stream.close(net::farewell::silent);
}

TEST_F(tls_in_tls, what_is_buffered_in_either_session_is_seen) {
  proxied_wire through({"https"});
  auto& test = through.test;
  // Many small records of the proxy's make one of the origin's: after each read some are left in the outer session.
  through.proxy.set_script([&](proxy_client& client) {
    (void)client.read_head();
    client.write("HTTP/1.1 200 OK\r\n\r\n");
    client.use_small_records();
    client.relay(test.server.port());
  });
  test.run([&]() -> awaitable<void> {
    for (const std::size_t size : {std::size_t{1}, std::size_t{20'000}, std::size_t{3'000'000}}) {
      auto message = test.get("/bytes/" + std::to_string(size));
      message.timeout = 20s;
      const auto got = co_await test.send(std::move(message));
      EXPECT_TRUE(got.has_value()) << got.error().to_string();
      EXPECT_EQ(got ? got->body.size() : 0, size);
    }
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST_F(tls_in_tls, holds_nothing_when_all_was_read) {
  const tls_server origin({.identity = authority_.issue()});
  scripted_proxy proxy(opens_http_tunnels(std::make_shared<asked>()), authority_.issue());
  auto dialed = dial_through(proxy.url("https"), origin, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
  auto& stream = dialed->stream;
  EXPECT_TRUE(stream.is_tls());
  ASSERT_EQ(write_all(stream, "ping").status, net::io_status::done);
  EXPECT_EQ(read_exactly(stream, 4), "ping");
  EXPECT_FALSE(stream.has_buffered());
  std::array<char, 16> buffer{};
  EXPECT_EQ(stream.try_read(buffer).status, net::io_status::want_read);
  stream.close(net::farewell::announce);
}

TEST_F(tls_in_tls, says_why_the_inner_handshake_failed) {
  for (const std::string scheme : {"http", "https"}) {
    proxied_wire through({scheme});
    through.proxy.set_script([](proxy_client& client) {
      (void)client.read_head();
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      (void)client.read(100);
      client.write("this is not a TLS record");
      client.wait_for_end();
    });
    const auto why = through.failure();
    EXPECT_EQ(why.code, errc::tls_failed);
    EXPECT_EQ(why.phase, phase::tls);
    EXPECT_THAT(why.message, HasSubstr("wrong version number")) << scheme;
  }
}

TEST_F(tls_in_tls, a_body_that_ends_with_the_proxys_session_is_complete_only_in_order) {
  const auto read_body = [&](bool in_order) {
    proxied_wire through({"https", false});
    auto& test = through.test;
    through.proxy.set_script([&](proxy_client& client) {
      (void)client.read_head();
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      (void)client.read_head();
      client.write("HTTP/1.1 200 OK\r\n\r\nall of it");
      if (!in_order) return client.cut();
      client.end_writing();
    });
    std::optional<result<response>> got;
    test.run([&]() -> awaitable<void> { got.emplace(co_await test.send(test.get("/"))); });
    return *got;
  };
  EXPECT_EQ(read_body(true).value().body, "all of it");
  EXPECT_EQ(read_body(false).error().code, errc::stream_interrupted);
}

TEST_F(tls_in_tls, the_clients_certificate_is_for_the_origin_alone) {
  auto options = trusting();
  const auto client = authority_.issue({.names = {"client"}, .use = emulator::certificate_use::clients_only});
  options.client_certificate_file = files_.write("client.pem", client.certificate_pem);
  options.client_key_file = files_.write("client.key", client.key_pem);
  const auto relay_to = [](std::uint16_t port) {
    return [port](SSL* ssl) {
      proxy_client peer(SSL_get_fd(ssl), ssl);
      (void)peer.read_head();
      peer.write("HTTP/1.1 200 OK\r\n\r\n");
      peer.relay(port);
    };
  };
  tls_server origin({.identity = authority_.issue(), .client_ca_pem = authority_.pem()});
  tls_server curious(
      {.identity = authority_.issue(), .client_ca_pem = authority_.pem(), .serve = relay_to(origin.port())});
  const auto url = [](const tls_server& server) { return "https://localhost:" + std::to_string(server.port()); };
  EXPECT_TRUE(dial_through(url(curious), origin, context_for(options)).has_error());
  EXPECT_FALSE(curious.handshakes().at(0).completed);
  EXPECT_EQ(curious.handshakes().at(0).client_subject, "");

  tls_server content({.identity = authority_.issue(), .serve = relay_to(origin.port())});
  auto dialed = dial_through(url(content), origin, context_for(options));
  ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
  ASSERT_EQ(write_all(dialed->stream, "ping").status, net::io_status::done);
  EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
  dialed->stream.close(net::farewell::announce);
  EXPECT_EQ(origin.handshakes().at(0).client_subject, "client");
}

}  // namespace
}  // namespace warmwire::test::tls_in_tls_test
