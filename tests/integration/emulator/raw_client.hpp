// A blocking client that sees the wire as it is: every byte, every FIN, every RST. For tests of the emulator.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace warmwire::emulator {

/// A TLS client's settings and the session it was given last.
class raw_tls {
 public:
  explicit raw_tls(const std::string& ca_file);
  ~raw_tls();
  raw_tls(const raw_tls&) = delete;
  raw_tls& operator=(const raw_tls&) = delete;

  ssl_ctx_st* context = nullptr;
  ssl_session_st* session = nullptr;
};

enum class wire_event : std::uint8_t {
  bytes,
  fin,       ///< with TLS: after close_notify
  bare_fin,  ///< TLS only: FIN without close_notify
  reset,
  silence,  ///< nothing came in the time
};

class raw_client {
 public:
  static constexpr std::chrono::milliseconds patience = std::chrono::seconds(20);

  /// Connects; throws std::system_error when it cannot. With `tls`, shakes hands (see `is_connected`).
  explicit raw_client(std::uint16_t port, raw_tls* tls = nullptr);
  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// The TLS handshake succeeded.
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  [[nodiscard]] bool is_resumed() const;
  [[nodiscard]] std::string protocol() const;

  /// False when the kernel or TLS refused, because the connection was reset.
  bool send(std::string_view bytes);
  /// The same without TLS, but gives up when the kernel takes nothing for so long.
  bool send_some(std::string_view bytes, std::chrono::milliseconds limit);
  /// Waits for something to come; bytes are appended to `received`.
  wire_event next(std::chrono::milliseconds limit = patience);
  /// Reads until `received` holds that many bytes, or what is not bytes comes, which it returns.
  wire_event read_bytes(std::size_t count);
  /// Reads to the end and returns how it ended.
  wire_event read_to_end(std::chrono::milliseconds limit = patience);
  /// Takes one response off the front of `received`, reading as needed: head and body by Content-Length or chunks (as
  /// they are on the wire). Empty when the connection ended before.
  std::string read_response();
  /// Sends a request and reads the response.
  std::string ask(std::string_view request);
  /// Sends FIN.
  void finish();
  /// Waits until the kernel has sent something more than once because nobody acknowledged it.
  bool waits_for_acknowledgement();

  std::string received;

 private:
  wire_event read_socket();

  int socket_ = -1;
  bool is_connected_ = true;
  ssl_st* tls_ = nullptr;
};

/// "GET PATH" for localhost.
std::string get(std::string_view path);
/// A POST of `body` with a key and a Content-Length.
std::string post(std::string_view path, std::string_view body);
std::string chat(std::string_view text);
/// The body of a response with Content-Length.
std::string body_of(std::string_view response);
/// The value of the header field; empty when there is none.
std::string header_of(std::string_view response, std::string_view name);
int status_of(std::string_view response);

}  // namespace warmwire::emulator
