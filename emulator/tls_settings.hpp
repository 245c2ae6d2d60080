// The server side of TLS for all connections of one server: certificate, versions, session tickets, ALPN.
// Constant after construction; used on the server's thread.
#pragma once

#include "emulator/certificates.hpp"
#include "emulator/protocol_choice.hpp"

#include <memory>

struct ssl_ctx_st;

namespace warmwire::emulator {

class tls_settings {
 public:
  /// TLS 1.2 and 1.3, tickets on; ALPN chooses "h2" before "http/1.1", and fails the handshake when the client offers
  /// nothing that is allowed. Throws std::runtime_error when OpenSSL refuses the certificate.
  tls_settings(const identity& served, protocol_choice protocols);

  [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_.get(); }

 private:
  struct deleter {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  std::unique_ptr<ssl_ctx_st, deleter> context_;
};

}  // namespace warmwire::emulator
