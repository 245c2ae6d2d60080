// The origin servers that the pool is tested against, each with a configuration made for one test.
#pragma once

#include "tests/peers/peer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace warmwire::test {

struct nginx_options {
  bool http2 = false;  ///< offered besides HTTP/1.1
  /// As nginx takes it: "1s", or "5s 4s" for a limit of 5 s and `Keep-Alive: timeout=4`.
  std::string keepalive_timeout = "75s";
  std::uint64_t keepalive_requests = 1'000'000;
  std::string tls_versions = "TLSv1.2 TLSv1.3";
  /// "http://127.0.0.1:8080" answers all requests; empty: nginx itself answers 200 and the body "nginx\n".
  std::string upstream{};
};

[[nodiscard]] peer start_nginx(const nginx_options& options = {});

/// One line of nginx's log.
struct nginx_request {
  std::uint64_t connection = 0;  ///< nginx's own number of it
  std::uint64_t on_connection = 0;
  std::string protocol{};  ///< "HTTP/1.1", "HTTP/2.0"
  int status = 0;
  bool session_reused = false;
  std::string target{};
};

/// Ends nginx and tells what it answered, in that order: a line may be written after its response was received.
[[nodiscard]] std::vector<nginx_request> requests_at_end(peer& nginx);

struct h2o_options {
  std::string upstream;  ///< "http://127.0.0.1:8080" answers all requests
  int idle_seconds = 10;
};

/// Speaks HTTP/1.1 and HTTP/2, by ALPN.
[[nodiscard]] peer start_h2o(const h2o_options& options);

struct nghttpd_options {
  std::uint64_t max_streams = 100;  ///< at once on a connection
};

/// Speaks HTTP/2 only; sends back what is uploaded.
[[nodiscard]] peer start_nghttpd(const nghttpd_options& options = {});

/// Go's net/http, compiled for the occasion. Answers how many bytes were uploaded, as its handler has read them: in
/// pieces of N bytes where the path is "/N", in large ones otherwise. Speaks HTTP/1.1 and HTTP/2, by ALPN.
[[nodiscard]] peer start_go();

/// The same of Node.js; in which pieces it reads is its own affair. To "/flush/N" it answers in N pieces of a byte,
/// with an empty write behind each.
[[nodiscard]] peer start_node();

}  // namespace warmwire::test
