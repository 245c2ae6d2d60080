// Why a server's certificate was rejected, in words that say what to do about it.
#pragma once

#include <warmwire/error.hpp>

#include <openssl/x509.h>

#include <string>

namespace warmwire::net {

struct certificate_question {
  std::string server_name;  ///< who the server was expected to be
  std::string trusted;      ///< whom the client trusts, in words
};

/// The error for a verification that failed: `certificate_expired` (also not yet valid), `certificate_self_signed`,
/// `certificate_wrong_host`, `certificate_unknown_authority` or `certificate_invalid`, with phase `tls`.
[[nodiscard]] error describe_certificate_failure(X509_STORE_CTX* verification, const certificate_question& asked);

}  // namespace warmwire::net
