// A connected socket, plain or TLS, read and written without blocking; readiness comes from Asio. One owner, one
// executor.
#pragma once

#include "net/tls_context.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>

namespace warmwire::net {

enum class io_status : std::uint8_t {
  done,        ///< `bytes` were moved (never 0)
  want_read,   ///< wait until the socket is readable, then try again
  want_write,  ///< wait until it is writable
  end,         ///< the peer ended the connection in order (FIN; with TLS also close_notify or FIN without it)
  failed,      ///< the connection is dead; see `io_result::reason`
};

struct io_result {
  io_status status = io_status::done;
  std::size_t bytes = 0;
  std::error_code reason{};  ///< the system's error, or tls category with a text
};

/// TLS runs on the socket's descriptor with released buffers: an idle connection holds none. Reading ahead is on, so
/// check `has_buffered()` before waiting for readability.
class stream {
 public:
  explicit stream(boost::asio::ip::tcp::socket socket);  ///< plain; sets non-blocking and TCP_NODELAY
  stream(stream&&) noexcept;
  stream& operator=(stream&&) noexcept;
  ~stream();  ///< closes without waiting; sends close_notify if the socket takes it at once, never blocks

  /// Makes it a TLS client stream; `server_name` is sent as SNI (not for IP literals) and verified.
  void start_tls(tls_context& context, const std::string& server_name, const std::string& session_key);
  /// One step of the handshake: `done` when it is finished. `failed`: see `handshake_error()`.
  io_result try_handshake();
  /// After a failed handshake: the distinct error (certificate_expired, …, tls_failed) with a clear message.
  [[nodiscard]] error handshake_error() const;

  io_result try_read(std::span<char> into);
  /// Writes what the socket takes of `from`; one TLS record per 16 KiB at most.
  io_result try_write(std::span<const char> from);

  [[nodiscard]] bool has_buffered() const;  ///< bytes already read from the socket but not yet taken
  [[nodiscard]] bool is_tls() const noexcept;
  [[nodiscard]] bool is_tls_resumed() const;
  [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept;

  /// Closes at once. With `announce`, tries to send close_notify first (one non-blocking attempt).
  enum class farewell : std::uint8_t { announce, silent };
  void close(farewell how);

 private:
  struct tls_part;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<tls_part> tls_;
};

}  // namespace warmwire::net
