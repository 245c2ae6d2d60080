// A connected socket, plain or TLS, read and written without blocking; readiness comes from Asio. One owner, one
// executor.
#pragma once

#include "net/alpn.hpp"
#include "net/tls_context.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace warmwire::net {

enum class io_status : std::uint8_t {
  done,        ///< `bytes` were moved (never 0), or the handshake is finished
  want_read,   ///< wait until the socket is readable, then try again
  want_write,  ///< wait until it is writable
  end,         ///< the peer sends no more; see `io_result::cut_off`
  failed,      ///< the connection is dead; see `io_result::reason`
};

struct io_result {
  io_status status = io_status::done;
  /// With `end` over TLS: FIN came without close_notify, so a body that lasts until the end may be incomplete, by a
  /// third party's doing too (RFC 9112 §9.8). Never set on a plain connection, where nobody can tell.
  bool cut_off = false;
  std::size_t bytes = 0;     ///< also with `failed`: what a write had moved before
  std::error_code reason{};  ///< of the system, or of `tls_category`
};

/// How a connection is closed: with close_notify if the socket takes it at once, or without a byte (as in a fork, where
/// the connection still belongs to the parent).
enum class farewell : std::uint8_t { announce, silent };

/// TLS runs on the socket's descriptor with released buffers: an idle connection holds none. Reading ahead is on, so
/// read until `want_read` before waiting for readability.
class stream {
 public:
  /// Plain. Sets the socket non-blocking and TCP_NODELAY.
  explicit stream(boost::asio::ip::tcp::socket socket);
  stream(stream&&) noexcept;
  stream& operator=(stream&&) noexcept;
  ~stream();  ///< `close(farewell::announce)`

  /// Makes it a TLS client stream. `server_name`, a host name or an IP literal without brackets, is verified, and sent
  /// as SNI if it is a name. Offers the newest session kept under `server_name` and `session_key`, and keeps new ones
  /// there. Shares the ownership of what `context` is made of. After `start_proxy_tls`, whose handshake must have
  /// ended, TLS runs inside of TLS; every other function then serves both at once.
  void start_tls(tls_context& context, const std::string& server_name, const std::string& session_key);
  /// The same for the way to a proxy, which is not shown the client's certificate. `is_tls` stays false: what the
  /// stream carries is in the clear for the proxy.
  void start_proxy_tls(tls_context& context, const std::string& server_name, const std::string& session_key);
  /// After `start_tls`, before the handshake: what is offered by ALPN. Without it, or with nothing: HTTP/1.1.
  void offer_protocols(std::span<const protocol> offered);
  /// One step of the handshake that was started last. `end` and `failed`: see `handshake_error()`.
  io_result try_handshake();
  /// After a handshake that ended or failed: `certificate_…` with the certificate's particulars; `protocol_unavailable`
  /// if the server refused all that was offered (RFC 7301 §3.2); or `tls_failed` with the alert's or the system's text.
  /// Phase `tls`.
  [[nodiscard]] error handshake_error() const;

  /// Reads what is there, at most one TLS record. `into` must not be empty.
  io_result try_read(std::span<char> into);
  /// Writes what the socket takes of `from`, which must not be empty. After `want_write`, and after `done` with fewer
  /// bytes than offered, the next call must begin with the bytes that were not taken: they may be on their way already.
  /// Never raises SIGPIPE.
  io_result try_write(std::span<const char> from);

  /// Bytes were read from the socket that no `try_read` has looked at. They need not be the application's: a session
  /// ticket or half a record counts, too, and only `try_read` tells.
  [[nodiscard]] bool has_buffered() const;
  /// TLS is spoken with the origin.
  [[nodiscard]] bool is_tls() const noexcept;
  /// So is it, and the session is a resumed one.
  [[nodiscard]] bool is_tls_resumed() const;
  /// What the server picked by ALPN, as it named it, be it offered or not; empty if it picked nothing.
  [[nodiscard]] std::string_view negotiated_protocol() const;

  /// TCP_USER_TIMEOUT: how long sent bytes may stay unacknowledged before the connection fails; 0 is the system's own.
  void set_user_timeout(std::chrono::milliseconds limit);
  /// The round trip time that TCP has measured, smoothed (tcpi_rtt); zero if it cannot be had.
  [[nodiscard]] std::chrono::microseconds round_trip();
  /// Zero while all that was sent is acknowledged; otherwise the time since the peer acknowledged anything, which may
  /// be longer ago than the bytes that wait (TCP_INFO).
  [[nodiscard]] std::chrono::milliseconds unacknowledged_for();

  [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept;

  /// Closes at once; never waits for the peer. Further calls do nothing.
  void close(farewell how);

 private:
  enum class tls_end : std::uint8_t { origin, proxy };
  struct tls_part;
  void add_tls(tls_context& context, const std::string& server_name, const std::string& session_key);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<tls_part> tls_;
};

}  // namespace warmwire::net
