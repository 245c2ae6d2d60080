// What a session reads from and writes to: a line, with TLS on top or without. Owned by its session; lives on the
// server's executor.
#pragma once

#include "emulator/delay_line.hpp"
#include "emulator/tls_settings.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;

namespace warmwire::emulator {

/// One operation at a time; or one reader by `read_duplex` beside one writer.
class channel {
 public:
  /// Without `tls`, plain.
  channel(std::shared_ptr<delay_line> line, const tls_settings* tls);
  ~channel();  ///< closes the connection at once unless `release` was called
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  /// The server's side of the TLS handshake; nothing to do when plain. Returns why it failed, empty when it did not.
  boost::asio::awaitable<std::string> handshake();
  [[nodiscard]] bool is_resumed() const;
  /// ALPN chose HTTP/2.
  [[nodiscard]] bool is_h2() const;

  /// As `delay_line::read_some`; close_notify is the end, too.
  boost::asio::awaitable<io_result> read_some(std::span<char> into, steady_time deadline = never);
  boost::asio::awaitable<boost::system::error_code> write(std::string_view bytes);

  /// As `read_some`, while another coroutine writes. What TLS itself has to say is left to that one: `flush`.
  boost::asio::awaitable<io_result> read_duplex(std::span<char> into);
  [[nodiscard]] bool needs_flush() const;
  /// Sends what TLS has produced.
  boost::asio::awaitable<boost::system::error_code> flush();

  /// With TLS, tells the peer that no more will be written. To be followed by `delay_line::end`.
  boost::asio::awaitable<void> say_goodbye();

  /// The line under the TLS.
  [[nodiscard]] delay_line& line() { return *line_; }
  /// Gives the line away: the destructor then leaves it open.
  [[nodiscard]] std::shared_ptr<delay_line> release() { return std::move(line_); }

 private:
  struct deleter {
    void operator()(ssl_st* session) const noexcept;
  };

  /// Feeds TLS with what the line has.
  boost::asio::awaitable<boost::system::error_code> feed(steady_time deadline);
  /// Takes what TLS has decrypted; nothing when it needs more bytes first.
  std::optional<io_result> take_decrypted(std::span<char> into);

  std::shared_ptr<delay_line> line_;
  std::unique_ptr<ssl_st, deleter> tls_;
  std::vector<char> raw_;
  std::string sending_;
};

}  // namespace warmwire::emulator
