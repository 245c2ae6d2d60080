// Trust, identity and kept sessions for the TLS connections of one pool. One owner, one executor.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/options.hpp>

#include <memory>

namespace warmwire::net {

/// TLS ≥ 1.2, certificate and host name verified unless `insecure_accept_any_certificate`. Sessions are kept per server
/// name and session key (the origin), at most 64 each; a TLS 1.3 session is used once (RFC 8446 §C.4).
class tls_context : public std::enable_shared_from_this<tls_context> {
 public:
  /// Reads the trusted authorities and the client's certificate now, and blocks for it.
  /// Without `ca_file` and `ca_directory`, trusts the files that SSL_CERT_FILE and SSL_CERT_DIR name (empty counts as
  /// unset), each in the place of the system's own.
  /// Errors: `invalid_option`, naming the field or variable, the file and why it cannot be used.
  static result<std::shared_ptr<tls_context>> make(const tls_options& options);
  ~tls_context();

  [[nodiscard]] const tls_options& options() const noexcept;

  /// For the streams, which share its ownership: they may outlive the pool's use of it.
  class state;
  [[nodiscard]] state& get() noexcept { return *state_; }

 private:
  explicit tls_context(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

}  // namespace warmwire::net
