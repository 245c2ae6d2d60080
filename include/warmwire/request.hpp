// An HTTP request and its response, as plain values.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>
#include <warmwire/provenance.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

/// A request body that is produced while it is sent. It can be read once, so it is never replayed after its first
/// chunk was asked for.
struct body_source {
  using chunk_handler = std::function<void(result<std::string>)>;

  /// Called for each next chunk, on the transport's executor, where it may do anything, such as letting go of the
  /// response. It must call the handler exactly once, then or later and from any thread: with bytes, with an empty
  /// string at the end, or with an error, which fails the request with `request_body_failed`; so does an exception. A
  /// handler called after the request has ended does nothing.
  std::function<void(chunk_handler)> next;
  /// The body's length where it is known (sent as Content-Length); otherwise it is sent chunked. Once so many bytes
  /// came `next` is not called again; more than that, or an end before, fails the request.
  std::optional<std::uint64_t> length{};
};

struct request {
  std::string provider = "default";  ///< the pool to use; see `transport::configure`
  std::string method = "GET";
  std::string url;  ///< absolute, http or https
  /// Sent as they are and in this order, before what the library adds (Host, User-Agent, Content-Length, …); a name
  /// that is here is not added.
  warmwire::headers headers{};
  std::variant<std::string, body_source> body{};
  std::optional<std::chrono::milliseconds> timeout{};  ///< total deadline; default the pool's `total_timeout`
  /// Names of headers, in any case, that hold secrets, beside those that are known for it (Authorization, Cookie,
  /// x-api-key and their like): over HTTP/2 no compression table keeps them (RFC 7541 §7.1.3), and a request with them
  /// over plain http is warned of, see `transport_options::on_warning`.
  std::vector<std::string> secret_headers{};
  std::string tag{};  ///< shown in `pool_snapshot` and logs for whoever looks for the holder of a connection
};

struct response {
  int status = 0;
  warmwire::headers headers;
  std::string body;
  warmwire::provenance provenance;
};

}  // namespace warmwire
