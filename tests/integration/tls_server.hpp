// A TLS server for tests of the client: blocking, one thread per connection, and no better behaved than it is told to
// be.
#pragma once

#include "emulator/certificates.hpp"

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace warmwire::test {

struct tls_server_options {
  emulator::identity identity{};
  std::string chain_pem{};      ///< sent after the certificate
  std::string client_ca_pem{};  ///< a client certificate of this authority is demanded
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  std::string ciphers{};  ///< of TLS 1.2, as OpenSSL names them; empty: its own
  /// What it picks by ALPN, offered or not; empty: it refuses whatever is offered. Not set: it knows no ALPN.
  std::optional<std::string> picks{};
  /// Takes the place of the handshake.
  std::function<void(int descriptor)> instead{};
  /// Called after the handshake; by default echoes until the client ends, then answers its close_notify.
  std::function<void(SSL*)> serve{};
};

/// What a client offered and what came of it.
struct seen_handshake {
  std::string server_name;     ///< SNI
  std::string alpn;            ///< the offered protocols as on the wire
  std::string ticket;          ///< the first pre-shared key identity (RFC 8446 §4.2.11); empty if none was offered
  std::string client_subject;  ///< of its certificate
  bool completed = false;
  bool resumed = false;
};

class tls_server {
 public:
  explicit tls_server(tls_server_options options);
  ~tls_server();
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// In the order in which the handshakes began. Complete once the threads of the connections have ended.
  [[nodiscard]] std::vector<seen_handshake> handshakes();
  /// Waits for every connection so far to end; the client must have closed them.
  void wait_until_quiet();

 private:
  struct connection {
    int descriptor = -1;
    seen_handshake seen{};
    std::thread thread{};
  };

  void accept_all();
  void serve(connection& client);
  static int on_alpn(SSL* ssl, const unsigned char** picked, unsigned char* size, const unsigned char* offered,
                     unsigned int offered_size, void* argument);
  static int on_client_hello(SSL* ssl, int* alert, void* argument);

  tls_server_options options_;
  SSL_CTX* ctx_;
  std::uint16_t port_ = 0;
  int listener_;
  std::mutex mutex_;
  std::list<connection> connections_;  // guarded by mutex_
  std::thread acceptor_;
};

/// Echoes until the client ends, then answers its close_notify.
void echo(SSL* ssl);

}  // namespace warmwire::test
