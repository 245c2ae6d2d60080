// What a user may set, and the checked form that the library runs on.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>
#include <warmwire/secret.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace WARMWIRE_PUBLIC warmwire {

/// Which idle connection a request takes. Waiting requests are always served first-in-first-out.
enum class scheduling : std::uint8_t {
  lifo,  ///< the one used last: the others may age out
  fifo,  ///< the one idle for longest: all stay warm
};

/// What the transport may send a second time when a connection turns out to be dead (never after a response byte).
enum class replay_policy : std::uint8_t {
  never,        ///< nothing
  unsent_only,  ///< only requests of which no byte was written
  stale_once,   ///< also, once and on a fresh connection, a request written to a reused connection that died unanswered
};

/// Which HTTP a pool speaks.
enum class http_protocol : std::uint8_t {
  automatic,  ///< over TLS what the server picks by ALPN, HTTP/2 preferred; without TLS HTTP/1.1
  http1,      ///< HTTP/1.1 only
  http2,      ///< HTTP/2 only; without TLS by prior knowledge (RFC 9113 §3.3)
};

/// How connections leave this machine: directly, or through a tunnel that a proxy opens (for http URLs, too).
struct proxy_options {
  /// "http://user:password@proxy:3128", or with the scheme https, socks5 (names resolved here) or socks5h (by the
  /// proxy). User and password are percent-encoded; without a port it is 443 for https and 1080 for all others. An
  /// https proxy must be trusted by `tls_options`, under the name in this URL. Empty: what the environment says, if
  /// `use_environment`.
  secret url{};
  /// Hosts that are reached without the proxy of `url`, which must be set: "localhost, .example.com, 10.0.0.0/8,
  /// *:8443". A name stands for all names below it, too, and `*` for every host; each may end in a port.
  std::string no_proxy{};
  /// Without a `url`, follows the environment as curl does. For https URLs the first of https_proxy, HTTPS_PROXY,
  /// all_proxy and ALL_PROXY that is not empty is the proxy; for http URLs the first of http_proxy, all_proxy and
  /// ALL_PROXY (not HTTP_PROXY, which the client of a CGI program can set). The hosts of no_proxy, else of NO_PROXY,
  /// are reached directly; those on this machine only if they are listed. The variables are read when the provider's
  /// pool is made, by its first request or `configure`, and at each `configure`.
  bool use_environment = true;

  friend bool operator==(const proxy_options&, const proxy_options&) = default;
};

/// Who is trusted, and as whom the client presents itself. Empty strings mean "not set". Files are read when the
/// options are taken and again before a handshake when they have changed; what has changed and cannot be used leaves
/// things as they were. Connections that are open stay so. Spoken are TLS 1.3, and 1.2 with ECDHE and AEAD; a
/// certificate names its hosts as alternative names. Whether it was revoked is not asked (no CRL, no OCSP).
struct tls_options {
  std::string ca_file{};                  ///< PEM file of trusted authorities; replaces the system's
  std::string ca_directory{};             ///< hashed directory of trusted authorities; replaces the system's
  std::string client_certificate_file{};  ///< PEM chain for client authentication; needs `client_key_file`
  std::string client_key_file{};          ///< PEM key for client authentication
  std::string server_name{};              ///< host name or IP address, sent and verified instead of the URL's
  /// Accepts any certificate for any name: whoever sits on the path reads keys and prompts. For tests only.
  bool insecure_accept_any_certificate = false;

  friend bool operator==(const tls_options&, const tls_options&) = default;
};

/// A provider's pool options. What is not set keeps its default: the provider's own where it has one (OpenAI and
/// Anthropic keep idle connections for 240 s, Google for 300 s), else the one named here.
/// Durations are checked to lie within [0, 24 h] unless a range is given; a wrong value is `errc::invalid_option`.
struct pool_options {
  using milliseconds = std::chrono::milliseconds;

  // Limits, per origin
  std::optional<std::size_t> max_connections{};  ///< default 50, of whatever protocol; range 1–100,000
  std::optional<std::size_t>
      max_idle{};  ///< default 10: how many idle connections stay in the long run; range 0–100,000
  /// Default 15 s: connections that have been idle for less are kept beyond `max_idle`.
  std::optional<milliseconds> idle_burst_grace{};
  std::optional<milliseconds> idle_timeout{};  ///< default 60 s; 0 closes a connection after each use
  /// Default 8; range 1–1,000. While it is not known whether an origin speaks HTTP/2, one.
  std::optional<std::size_t> max_concurrent_dials{};
  /// Default 0: how many connections are kept open to an origin from its first request (or `prewarm`) on, until it is
  /// closed; range 0–1,000. They count against the limits and outlive `idle_timeout` and `max_idle`; what is lost is
  /// dialed again.
  std::optional<std::size_t> min_warm{};
  /// Default 15 min, give or take a tenth: how old a connection may become; one with streams lets them end. 0: any age.
  std::optional<milliseconds> max_lifetime{};
  /// Default true: idle connections are kept no longer than 0.8 × the shortest idle time (of a second or more) after
  /// which the origin was seen to close one or to be gone; it grows again as connections survive.
  std::optional<bool> learn_idle_timeout{};
  /// Default 10 ms and 5 s: how long no new connection is dialed after one failed, doubled with each further failure up
  /// to the latter, give or take a fifth. Requests wait meanwhile.
  std::optional<milliseconds> dial_backoff_min{};  ///< range 1 ms–24 h
  std::optional<milliseconds> dial_backoff_max{};  ///< range 1 ms–24 h; not below `dial_backoff_min`
  /// Default 1,024: how many requests may wait beyond those for which connections are being opened; one more is
  /// `pool_overflow`. 0: a request waits only for a connection that is being opened.
  std::optional<std::size_t> max_pending{};
  std::optional<milliseconds> acquire_timeout{};     ///< default 30 s; range 1 ms–24 h
  std::optional<warmwire::scheduling> scheduling{};  ///< default lifo
  std::optional<replay_policy> replay{};             ///< default stale_once

  // HTTP/2
  std::optional<http_protocol> protocol{};               ///< default automatic
  std::optional<std::size_t> max_h2_connections{};       ///< default 8 per origin; range 1–100,000
  std::optional<std::size_t> max_concurrent_h2_dials{};  ///< default 2; range 1–1,000
  /// Default 32: how many streams a connection gets before another is opened beside it; range 1–100,000.
  std::optional<std::size_t> target_streams{};
  /// Default 100: how many streams a connection gets at most, or the server's limit if that is smaller; range
  /// 1–100,000.
  std::optional<std::size_t> max_streams{};
  std::optional<milliseconds> ping_after{};  ///< default 20 s of silence with streams open; range 10 ms–24 h
  std::optional<milliseconds> ping_at_checkout_after{};  ///< default 15 s of silence; range 10 ms–24 h
  /// Default 1 s: how long the answer to a PING may take at least; four times the smoothed round trip if that is
  /// longer. Range 10 ms–24 h.
  std::optional<milliseconds> ping_timeout{};
  std::optional<std::size_t> stream_window_bytes{};      ///< default 1 MiB; range 65,535–2,147,483,647
  std::optional<std::size_t> connection_window_bytes{};  ///< default 32 MiB; range 65,535–2,147,483,647

  // Reaching the origin
  std::optional<milliseconds> connect_stagger{};  ///< default 250 ms until the next address is tried beside; 10 ms–24 h
  std::optional<proxy_options> proxy{};           ///< default: what the environment says

  /// Default 15 min: a stream held for longer is reported to `transport_options::on_long_lease`. 0: never.
  std::optional<milliseconds> report_lease_after{};

  // Time-outs of one request
  std::optional<milliseconds> connect_timeout{};  ///< default 10 s, all addresses together; range 1 ms–24 h
  std::optional<milliseconds> tls_timeout{};      ///< default 10 s; range 1 ms–24 h
  std::optional<milliseconds>
      inactivity_timeout{};  ///< default 30 s without a byte while bytes are due; range 1 ms–24 h
  std::optional<milliseconds>
      stream_idle_timeout{};  ///< default 180 s without a byte of a streamed response; range 1 ms–24 h
  std::optional<milliseconds> total_timeout{};  ///< default 600 s; a request's own `timeout` wins; range 1 ms–24 h
  /// Default 2 s: how long bytes written to a connection that had been idle for a second or more may stay without an
  /// acknowledgement of the peer's TCP before the path counts as dead; range 100 ms–30 s.
  std::optional<milliseconds> dead_path_timeout{};

  // Sizes
  std::optional<std::size_t> max_request_body_bytes{};   ///< default 512 MiB
  std::optional<std::size_t> max_response_body_bytes{};  ///< default 64 MiB; bounds buffered bodies, not streamed ones

  // What is left of a response when its reader goes away: read this much for this long to save the connection
  std::optional<std::size_t> drain_bytes{};     ///< default 128 KiB
  std::optional<milliseconds> drain_timeout{};  ///< default 200 ms

  std::optional<tls_options> tls{};  ///< default: system trust, or SSL_CERT_FILE / SSL_CERT_DIR
};

/// The checked form of `pool_options`: every field has its value. What a pool runs on.
struct pool_settings {
  using milliseconds = std::chrono::milliseconds;

  std::size_t max_connections = 50;
  std::size_t max_idle = 10;
  milliseconds idle_burst_grace{15'000};
  milliseconds idle_timeout{60'000};
  std::size_t max_concurrent_dials = 8;
  std::size_t min_warm = 0;
  milliseconds max_lifetime{900'000};
  bool learn_idle_timeout = true;
  milliseconds dial_backoff_min{10};
  milliseconds dial_backoff_max{5'000};
  http_protocol protocol = http_protocol::automatic;
  std::size_t max_h2_connections = 8;
  std::size_t max_concurrent_h2_dials = 2;
  std::size_t target_streams = 32;
  std::size_t max_streams = 100;
  milliseconds ping_after{20'000};
  milliseconds ping_at_checkout_after{15'000};
  milliseconds ping_timeout{1'000};
  std::size_t stream_window_bytes = std::size_t{1} << 20;
  std::size_t connection_window_bytes = std::size_t{32} << 20;
  milliseconds connect_stagger{250};
  proxy_options proxy{};
  milliseconds report_lease_after{900'000};
  std::size_t max_pending = 1024;
  milliseconds acquire_timeout{30'000};
  warmwire::scheduling scheduling = warmwire::scheduling::lifo;
  replay_policy replay = replay_policy::stale_once;
  milliseconds connect_timeout{10'000};
  milliseconds tls_timeout{10'000};
  milliseconds inactivity_timeout{30'000};
  milliseconds stream_idle_timeout{180'000};
  milliseconds total_timeout{600'000};
  milliseconds dead_path_timeout{2'000};
  std::size_t max_request_body_bytes = std::size_t{512} << 20;
  std::size_t max_response_body_bytes = std::size_t{64} << 20;
  std::size_t drain_bytes = std::size_t{128} << 10;
  milliseconds drain_timeout{200};
  tls_options tls{};
};

/// Lays `options` over `base`, checking each value once.
/// Errors: `invalid_option`, naming the field, the value and the range.
[[nodiscard]] result<pool_settings> merge(pool_settings base, const pool_options& options);

}  // namespace warmwire
