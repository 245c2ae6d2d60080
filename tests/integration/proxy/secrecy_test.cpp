// A proxy's password is in nothing that a person may read, even if the proxy repeats it.
#include "proxied_wire.hpp"

#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

namespace warmwire::test::secrecy_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto credentials = "someuser:hunter2pass";
constexpr auto in_base64 = "c29tZXVzZXI6aHVudGVyMnBhc3M=";

class readable {
 public:
  void add(std::string text) { texts_.push_back(std::move(text)); }
  void add(const result<response>& got) {
    if (got) {
      add(got->provenance.proxy);
      add(got->provenance.remote_address);
      return;
    }
    const auto& why = got.error();
    add(why.to_string());
    add(exception(why).what());
    if (why.pool) add(why.pool->to_string() + why.pool->last_dial_error + why.pool->origin);
  }

  void expect_no_secret() const {
    EXPECT_FALSE(texts_.empty());
    for (const auto& text : texts_) {
      EXPECT_THAT(text, Not(HasSubstr("hunter2pass")));
      EXPECT_THAT(text, Not(HasSubstr("someuser")));
      EXPECT_THAT(text, Not(HasSubstr(in_base64)));
    }
  }

  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
};

/// Answers with what it was sent, wherever it can.
proxy_script parrot(const std::string& status) {
  return [status](proxy_client& client) {
    auto head = client.read_head();
    const auto at = head.find("Basic ");
    const auto token = head.substr(at, head.find('\r', at) - at);
    client.write("HTTP/1.1 " + status + " no " + token + " hunter2pass of someuser\r\nProxy-Authenticate: " + token +
                 "\r\nProxy-Authenticate: Basic realm=\"hunter2pass\"\r\n\r\n");
    client.wait_for_end();
  };
}

void read_everything(const std::string& scheme, const proxy_script& script, readable& seen) {
  scripted_proxy proxy(script);
  emulator::server server({});
  boost::asio::io_context loop{1};
  transport_options options;
  options.log = [&](std::string_view line) { seen.add(std::string(line)); };
  options.defaults.tls.emplace().ca_file = server.ca_file();
  options.defaults.proxy.emplace().url = secret(proxy.url(scheme, credentials));
  options.defaults.max_connections = 1;
  options.defaults.acquire_timeout = 200ms;
  options.defaults.connect_timeout = 100ms;
  transport pools(loop.get_executor(), options);
  int left = 3;
  for (int i = 0; i < 3; ++i) {
    request message;
    message.url = server.origin() + "/bytes/10";
    pools.async_send(std::move(message), [&](const result<response>& got) {
      seen.add(got);
      if (--left == 0) loop.stop();
    });
  }
  loop_slices::run(loop, hang);
  EXPECT_EQ(left, 0);
  seen.add(pools.stats("default").to_string());
  std::ostringstream shown;
  shown << pools.settings("default").proxy.url;
  seen.add(shown.str());
  bool closed = false;
  pools.async_close_all(0ms, [&](const result<void>&) { closed = true; });
  loop.restart();
  loop_slices::run(loop, hang);
  EXPECT_TRUE(closed);
}

TEST(proxy_secrecy, no_text_holds_the_credentials) {
  readable seen;
  for (const std::string status : {"407", "403", "500"})
    read_everything("http", parrot(status), seen);
  read_everything("http", opens_http_tunnels(std::make_shared<asked>()), seen);
  read_everything(
      "http", [](proxy_client& client) { client.wait_for_end(); }, seen);
  read_everything("socks5h", opens_socks_tunnels(std::make_shared<asked>()), seen);
  read_everything(
      "socks5h", [](proxy_client& client) { client.write("\x05\x02\x01\x01"); }, seen);
  seen.expect_no_secret();
  EXPECT_THAT(seen.texts(), testing::Contains(HasSubstr("403 no Basic [redacted] [redacted] of [redacted]")));
  EXPECT_THAT(seen.texts(), testing::Contains(HasSubstr(" proxy=http://localhost:")));
}

}  // namespace
}  // namespace warmwire::test::secrecy_test
