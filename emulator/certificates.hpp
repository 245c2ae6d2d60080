// Throw-away certificates for servers and clients that live as long as a test or a demo. Everything stays in
// memory; write what must be a file into a `temporary_directory`. No state is shared: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace warmwire::emulator {

/// A certificate and its private key, both PEM.
struct identity {
  std::string certificate_pem;
  std::string key_pem;
};

/// What a certificate may be used for.
enum class certificate_use : std::uint8_t { servers_and_clients, clients_only };

struct certificate_request {
  /// DNS names or IP literals (IPv6 without brackets); the first is the subject's common name, too.
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  std::chrono::seconds valid_from = -std::chrono::hours(1);        ///< counted from now
  std::chrono::seconds valid_until = std::chrono::hours(24 * 30);  ///< counted from now
  certificate_use use = certificate_use::servers_and_clients;
  bool has_alternative_names = true;  ///< false: the subject's common name is the only one
};

/// A certificate authority with a key of its own (EC P-256) that nobody trusts unless told to.
class authority {
 public:
  explicit authority(const std::string& name = "warmwire throw-away authority");
  ~authority();
  authority(authority&&) noexcept;
  authority& operator=(authority&&) noexcept;

  /// The authority's own certificate: what a client must be given to trust what it issues.
  [[nodiscard]] const std::string& pem() const noexcept;
  /// A leaf certificate with a fresh key.
  [[nodiscard]] identity issue(const certificate_request& request = {}) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A leaf certificate that is signed with its own key.
[[nodiscard]] identity make_self_signed(const certificate_request& request = {});

}  // namespace warmwire::emulator
