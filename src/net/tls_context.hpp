// Trust, identity and kept sessions for the TLS connections of one pool. One owner, one executor.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/options.hpp>

#include <memory>

namespace warmwire::net {

/// TLS ≥ 1.2, certificate and host name verified unless `insecure_accept_any_certificate`. Sessions are kept per
/// session key (the origin), at most 64 each; a TLS 1.3 session is used once (RFC 8446 §C.4).
class tls_context {
 public:
  /// Errors: `invalid_option`, naming the file that cannot be used and why.
  static result<std::shared_ptr<tls_context>> make(const tls_options& options);
  ~tls_context();

  class state;
  [[nodiscard]] state& get() noexcept { return *state_; }
  [[nodiscard]] const tls_options& options() const noexcept;

 private:
  explicit tls_context(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

}  // namespace warmwire::net
