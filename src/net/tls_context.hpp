// Trust, identity and kept sessions for the TLS connections of one pool. One owner, one executor.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/options.hpp>

#include <memory>

namespace warmwire::net {

/// TLS ≥ 1.2, and with 1.2 ECDHE and AEAD only (RFC 9325 §4.2). Certificate and host name are verified unless
/// `insecure_accept_any_certificate`; the name by the subject's alternative names alone (RFC 9525 §6.3). Sessions are
/// kept per server name and session key (the origin), at most 64 each; a TLS 1.3 session is used once (RFC 8446 §C.4).
class tls_context {
 public:
  /// Reads the trusted authorities and the client's certificate now, and again before a handshake when a file or
  /// directory has changed since; each blocks. What has changed and cannot be used leaves everything as it was, until
  /// it changes again. Without `ca_file` and `ca_directory`, trusts the files that SSL_CERT_FILE and SSL_CERT_DIR name
  /// (empty counts as unset), each in the place of the system's own. Errors: `invalid_option`, naming the field or
  /// variable, the file and why it cannot be used, or that `server_name` is none.
  static result<std::shared_ptr<tls_context>> make(const tls_options& options);
  ~tls_context();

  [[nodiscard]] const tls_options& options() const noexcept;

  /// For the streams, which share its ownership: they may outlive the context, and files that change.
  class state;
  [[nodiscard]] const std::shared_ptr<state>& current();

 private:
  explicit tls_context(std::shared_ptr<state> made);
  static result<std::shared_ptr<state>> read(const tls_options& options);

  std::shared_ptr<state> state_;
};

}  // namespace warmwire::net
