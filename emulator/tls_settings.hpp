// The server side of TLS for all connections of one server: certificate, versions, session tickets, ALPN.
// Constant after construction; used on the server's thread.
#pragma once

#include "emulator/certificates.hpp"

#include <memory>

struct ssl_ctx_st;

namespace warmwire::emulator {

class tls_settings {
 public:
  /// TLS 1.2 and 1.3, tickets on, "http/1.1" chosen when the client offers it. Throws std::runtime_error when OpenSSL
  /// refuses the certificate.
  explicit tls_settings(const identity& served);

  [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_.get(); }

 private:
  struct deleter {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  std::unique_ptr<ssl_ctx_st, deleter> context_;
};

}  // namespace warmwire::emulator
