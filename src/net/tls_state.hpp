// What tls_context and stream share of OpenSSL; no other file includes it.
#pragma once

#include "net/openssl_ptr.hpp"
#include "net/session_cache.hpp"
#include "net/tls_context.hpp"
#include "net/watched_file.hpp"

#include <memory>
#include <string>
#include <vector>

namespace warmwire::net {

class tls_context::state {
 public:
  tls_options options;
  std::vector<watched_file> files;  ///< as they were before they were read
  std::string trusted;              ///< whom the context trusts, in words for messages
  bio_method_ptr bio_method;
  session_cache sessions;
  ssl_ctx_ptr ctx;
};

/// What OpenSSL's callbacks need to know of a connection. Every SSL of a context carries one as its application data.
struct tls_peer {
  std::string server_name;
  std::string session_key;  ///< in the context's cache
  std::unique_ptr<error> certificate_failure;
};

}  // namespace warmwire::net
