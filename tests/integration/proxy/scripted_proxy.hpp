// A proxy for tests: speaks what its script says over TCP or TLS, and remembers what it was asked.
#pragma once

#include "tests/integration/tls_server.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::test {

/// One connection of a client, on a thread of its own; every call blocks. After the client has gone reads are empty and
/// writes do nothing.
class proxy_client {
 public:
  proxy_client(int descriptor, SSL* ssl);

  [[nodiscard]] std::string read(std::size_t count);  ///< so many bytes, fewer at the end
  [[nodiscard]] std::string read_head();              ///< up to the empty line
  void write(std::string_view bytes);
  /// Cuts what is written from now on into TLS records as small as TLS has them.
  void use_small_records() { SSL_set_max_send_fragment(ssl_, 512); }
  void write_byte_by_byte(std::string_view bytes);
  /// Carries bytes between the client and a port of this machine until both have ended.
  void relay(std::uint16_t port);
  /// Sends no more, and says so.
  void end_writing();
  /// Reads until the client has gone.
  void wait_for_end();
  /// The connection is going to be reset.
  void reset();
  /// Ends the client's connection in the middle of TLS, without close_notify.
  void cut();

 private:
  [[nodiscard]] std::string read_some(std::size_t most);

  bool carry_from_client(int upstream);
  bool carry_to_client(int upstream);

  int descriptor_;
  SSL* ssl_;
};

/// What a proxy does with a client.
using proxy_script = std::function<void(proxy_client&)>;

class scripted_proxy {
 public:
  /// With an identity it speaks TLS.
  explicit scripted_proxy(proxy_script script, std::optional<emulator::identity> identity = std::nullopt);

  [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }
  /// "scheme://credentials@localhost:port".
  [[nodiscard]] std::string url(std::string_view scheme, std::string_view credentials = {}) const;
  void set_script(proxy_script script);
  /// What the handshakes of TLS to the proxy offered; the client must have closed its connections.
  [[nodiscard]] std::vector<seen_handshake> handshakes() { return server_.handshakes(); }
  [[nodiscard]] std::size_t connections() const;

 private:
  void serve(proxy_client client);

  mutable std::mutex mutex_;
  proxy_script script_;  // guarded by mutex_
  std::size_t connections_ = 0;
  tls_server server_;
};

/// What a proxy was asked for, from any thread.
class asked {
 public:
  void add(std::string what);
  [[nodiscard]] std::vector<std::string> all() const;
  [[nodiscard]] std::size_t count() const { return all().size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// Opens a tunnel to the port that is asked for, of this machine whatever the host. Heads go to `into`.
[[nodiscard]] proxy_script opens_http_tunnels(std::shared_ptr<asked> into);
/// The same for SOCKS5; asks for a password if the client offers one. "user:password@host:port" goes to `into`.
[[nodiscard]] proxy_script opens_socks_tunnels(std::shared_ptr<asked> into);
/// Reads the head of a CONNECT and answers with `bytes`, then waits for the client to go.
[[nodiscard]] proxy_script answers(std::string bytes);

}  // namespace warmwire::test
