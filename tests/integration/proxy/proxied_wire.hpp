// A transport that reaches an emulator through a scripted proxy.
#pragma once

#include "emulator/certificates.hpp"
#include "emulator/temporary_directory.hpp"
#include "scripted_proxy.hpp"
#include "tests/integration/transport/wire.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::test {

/// What is spoken to the proxy and to the origin.
struct way {
  std::string scheme;  ///< of the proxy
  bool origin_tls = true;

  [[nodiscard]] bool is_socks() const { return scheme.starts_with("socks"); }
  friend std::ostream& operator<<(std::ostream& out, const way& value) {
    return out << value.scheme << (value.origin_tls ? "_to_https" : "_to_http");
  }
};

inline const std::vector<way> every_way = {
    {"http", true},   {"http", false},   {"https", true},   {"https", false},
    {"socks5", true}, {"socks5", false}, {"socks5h", true}, {"socks5h", false},
};

inline emulator::emulator_options serving(const way& by) {
  emulator::emulator_options options;
  options.tls = by.origin_tls;
  return options;
}

class proxied_wire {
 public:
  explicit proxied_wire(way by, const std::string& credentials = {}, pool_options options = {},
                        emulator::script faults = {},
                        const std::optional<emulator::emulator_options>& server_options = std::nullopt)
      : by_(std::move(by)),
        proxy(opening_tunnels(), by_.scheme == "https" ? std::optional(authority_.issue()) : std::nullopt),
        test(std::move(faults), with_proxy(std::move(options), credentials), server_options.value_or(serving(by_))) {
    if (by_.scheme != "https") return;
    std::ifstream origins(test.server.ca_file());
    const std::string pem{std::istreambuf_iterator<char>(origins), {}};
    pool_options trusting;
    trusting.tls.emplace().ca_file = files_.write("both.pem", pem + authority_.pem());
    test.pools.configure("default", trusting).value();
  }

  /// The options that send a pool through the proxy as this user.
  [[nodiscard]] pool_options with_proxy(pool_options options, const std::string& credentials) const {
    if (!options.proxy) options.proxy.emplace();
    options.proxy->url = secret(proxy.url(by_.scheme, credentials));
    return options;
  }

  [[nodiscard]] proxy_script opening_tunnels() const {
    return by_.is_socks() ? opens_socks_tunnels(seen) : opens_http_tunnels(seen);
  }

  /// The proxy as provenance and errors show it.
  [[nodiscard]] std::string shown() const { return proxy.url(by_.scheme); }
  /// "localhost:port" of the origin.
  [[nodiscard]] std::string target() const { return "localhost:" + std::to_string(test.server.port()); }

  /// Runs a request that fails.
  error failure() {
    error why;
    test.run([&]() -> awaitable<void> {
      const auto got = co_await test.send(test.post("/echo"));
      EXPECT_TRUE(got.has_error());
      if (got.has_error()) why = got.error();
    });
    return why;
  }

 private:
  const way by_;
  const emulator::authority authority_{"proxy authority"};
  const emulator::temporary_directory files_;

 public:
  const std::shared_ptr<asked> seen = std::make_shared<asked>();
  scripted_proxy proxy;
  wire test;
};

}  // namespace warmwire::test
