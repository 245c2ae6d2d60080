// What can go wrong, as values: one enum, one struct, one result type.
#pragma once

#include <warmwire/detail/visibility.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

/// Every error of the library. A value exists only where a test produces it.
enum class errc : std::uint8_t {
  // The caller's input
  invalid_option = 1,   ///< an option is out of range; the message names field, value and range
  invalid_url,          ///< not an absolute URL, or one without a host
  unsupported_scheme,   ///< neither http nor https
  invalid_header,       ///< a header name or value holds CR, LF, NUL or what RFC 9110 §5.5 forbids
  request_too_large,    ///< the request body is longer than `max_request_body_bytes`
  request_body_failed,  ///< the caller's body source reported an error or broke its promised length
  missing_api_key,      ///< no key was given and the environment has none

  // The pool
  pool_overflow,         ///< the queue of the origin is full; see `error::pool`
  pool_acquire_timeout,  ///< no connection became free within `acquire_timeout`; see `error::pool`
  pool_closed,           ///< the pool was closed while the request waited or ran
  forked,                ///< this process is a fork of the one that opened the pool
  would_deadlock,        ///< a blocking call from the transport's own thread, which would wait for itself

  // Reaching the origin
  resolve_failed,                 ///< the host name has no address
  connect_failed,                 ///< every address refused or failed
  connect_timeout,                ///< no address answered within `connect_timeout`
  tls_failed,                     ///< the TLS handshake failed for another reason than the certificate
  tls_timeout,                    ///< the TLS handshake did not end within `tls_timeout`
  certificate_expired,            ///< the server's certificate is outside its validity period
  certificate_self_signed,        ///< the server's certificate is self-signed and not trusted
  certificate_wrong_host,         ///< the server's certificate is for another name
  certificate_unknown_authority,  ///< the server's certificate was issued by an authority that is not trusted
  certificate_invalid,            ///< the server's certificate was rejected for another reason
  proxy_failed,                   ///< the proxy did not open the tunnel; the message says what it answered
  proxy_authentication,           ///< the proxy wants credentials, or other ones
  protocol_unavailable,           ///< the server does not speak the protocol that the pool is limited to

  // The exchange
  connection_lost,           ///< the connection ended before a response began
  inactivity_timeout,        ///< no byte moved for `inactivity_timeout` while bytes were due
  stream_idle_timeout,       ///< a streamed response was silent for `stream_idle_timeout`
  deadline_exceeded,         ///< the request's total deadline passed
  cancelled,                 ///< the caller cancelled
  stream_interrupted,        ///< the response ended before it was complete; see `error::partial`
  malformed_response,        ///< the response is not HTTP
  header_section_too_large,  ///< the response's header section is over 64 KiB
  conflicting_length,        ///< the response gives its length twice and differently (RFC 9112 §6.3)
  invalid_chunk,             ///< a chunk size is not a number or overflows (RFC 9112 §7.1)
  response_too_large,        ///< the response body is longer than `max_response_body_bytes`, or an event of a stream
                             ///< or what it adds up to is longer than the message says
  http2_violation,           ///< the peer broke HTTP/2 or flooded the connection (RFC 9113 §5.4.1, §10.5)
  stream_refused,            ///< the server refused the stream unprocessed, more often than is replayed
  stream_reset,              ///< the server reset the stream before a response began (RFC 9113 §6.4)
  internal,  ///< an exception ended the call, such as for lack of memory or from a function of the caller's own; the
             ///< message says which

  // The provider
  bad_request,            ///< 400 and other 4xx without a name of their own
  authentication,         ///< 401
  billing,                ///< 402
  permission_denied,      ///< 403
  not_found,              ///< 404
  conflict,               ///< 409
  request_rejected_size,  ///< 413
  unprocessable_entity,   ///< 422
  rate_limited,           ///< 429
  server_error,           ///< 500 and other 5xx without a name of their own
  service_unavailable,    ///< 503
  gateway_timeout,        ///< 504
  overloaded,             ///< 529
  unexpected_status,      ///< a status that is neither success nor error, such as a redirect
  unexpected_body,        ///< a success whose body is not what the provider documents
  unsupported_call,       ///< the provider has no such call; nothing was sent
};

/// The enumerator's name, as written above.
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// Where in its life a request was when it failed.
enum class phase : std::uint8_t { none, queue, resolve, connect, proxy, tls, write, first_byte, body };

[[nodiscard]] std::string_view to_string(phase value) noexcept;

/// An origin's pool at the moment of an error: the evidence for `pool_overflow` and `pool_acquire_timeout`.
struct pool_snapshot {
  std::string origin{};             ///< scheme, host and port
  std::size_t max_connections = 0;  ///< over HTTP/2 it is `max_h2_connections`, if that is smaller
  std::size_t active = 0;           ///< connections with a stream on them
  std::size_t idle = 0;
  std::size_t dialing = 0;
  std::size_t pending = 0;                        ///< requests in the queue
  std::chrono::milliseconds oldest_stream_age{};  ///< how long the oldest stream has been open
  std::string oldest_stream_tag{};                ///< the `tag` of the request that holds it
  std::string last_dial_error{};                  ///< empty when the last dial succeeded

  /// One line: "50/50 busy, 12 queued, oldest stream 412 s (tag)".
  [[nodiscard]] std::string to_string() const;
};

/// A try of a call that failed and was followed by another.
struct failed_attempt {
  errc code = errc::connection_lost;
  int http_status = 0;                 ///< 0 when there was no response
  std::string request_id{};            ///< the provider's id of the request
  std::chrono::milliseconds waited{};  ///< before the next try
};

struct chat_reply;
struct provider_answer;

/// Everything a caller needs to act on a failure.
struct error {
  errc code = errc::invalid_option;
  warmwire::phase phase = warmwire::phase::none;
  std::string message{};                                   ///< one sentence; never holds a secret
  int http_status = 0;                                     ///< 0 when there was no response
  std::string provider_type{};                             ///< the provider's own `type`, verbatim
  std::string provider_code{};                             ///< the provider's own `code`, verbatim
  std::string request_id{};                                ///< the provider's id of the request
  std::optional<std::chrono::milliseconds> retry_after{};  ///< how long the provider asks to wait
  std::uint64_t body_bytes = 0;                            ///< response body bytes that had arrived
  std::string last_event_id{};                             ///< of a stream of events that names them
  std::optional<pool_snapshot> pool{};                     ///< set for pool errors
  std::vector<failed_attempt> failed_attempts{};           ///< the tries before the one that this error is of
  /// The provider's answer as it came, where there was one, with its headers and rate limits; of one that broke off, as
  /// far as it came. Not for logs.
  std::shared_ptr<const provider_answer> answer{};
  std::shared_ptr<const chat_reply> partial{};  ///< what had arrived of a chat, streamed or beside the error

  /// "pool_acquire_timeout (queue): …", with status, request id and number of the try where there are any.
  [[nodiscard]] std::string to_string() const;
};

/// Thrown by `result::value()`.
class exception : public std::runtime_error {
 public:
  explicit exception(error reason);
  [[nodiscard]] const error& reason() const noexcept { return reason_; }

 private:
  error reason_;
};

/// A value or an `error`. `.value()` throws `warmwire::exception`; `has_value()`, `error()` and `*` do not.
template <class T>
using result = boost::system::result<T, error>;

/// Found by `boost::system::result` when `.value()` has none to give.
[[noreturn]] void throw_exception_from_error(const error& reason, const boost::source_location& where);

}  // namespace warmwire
