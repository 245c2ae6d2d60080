// A line, with TLS on top or without: OpenSSL between two memory buffers.
#include "emulator/channel.hpp"

#include <boost/asio/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>
#include <utility>

namespace warmwire::emulator {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t raw_bytes = 16384 + 512;  // one full TLS record with its overhead
constexpr std::size_t write_step_bytes = 65536;

std::string handshake_failure() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  return reason != nullptr ? reason : "malformed";
}

}  // namespace

void channel::deleter::operator()(ssl_st* session) const noexcept {
  SSL_free(session);
}

channel::channel(std::shared_ptr<delay_line> line, const tls_settings* tls) : line_(std::move(line)) {
  if (tls == nullptr) return;
  tls_.reset(SSL_new(tls->native()));
  BIO* from_peer = BIO_new(BIO_s_mem());
  BIO* to_peer = BIO_new(BIO_s_mem());
  if (!tls_ || from_peer == nullptr || to_peer == nullptr) {
    BIO_free(from_peer);
    BIO_free(to_peer);
    throw std::bad_alloc();
  }
  SSL_set_bio(tls_.get(), from_peer, to_peer);
  SSL_set_accept_state(tls_.get());
  raw_.resize(raw_bytes);
}

channel::~channel() {
  if (line_) line_->abandon();
}

bool channel::is_resumed() const {
  return tls_ && SSL_session_reused(tls_.get()) == 1;
}

bool channel::is_h2() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  if (tls_) SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return size == 2 && name[0] == 'h' && name[1] == '2';
}

asio::awaitable<std::string> channel::handshake() {
  while (tls_) {
    ERR_clear_error();
    const int outcome = SSL_do_handshake(tls_.get());
    const bool is_finished = outcome == 1;
    const bool is_failed = !is_finished && SSL_get_error(tls_.get(), outcome) != SSL_ERROR_WANT_READ;
    const std::string reason = is_failed ? handshake_failure() : std::string();
    // A failure leaves an alert to send.
    const error_code write_failure = co_await flush();
    if (is_failed) co_return reason;
    if (write_failure) co_return write_failure.message();
    if (is_finished) break;
    const error_code failure = co_await feed(never);
    if (failure) co_return failure == asio::error::eof ? "closed by the client" : failure.message();
  }
  co_return std::string();
}

asio::awaitable<io_result> channel::read_some(std::span<char> into, steady_time deadline) {
  if (!tls_) co_return co_await line_->read_some(into, deadline);
  while (true) {
    if (const auto got = take_decrypted(into)) co_return *got;
    error_code failure = co_await flush();
    if (!failure) failure = co_await feed(deadline);
    if (failure) co_return io_result{0, failure};
  }
}

asio::awaitable<io_result> channel::read_duplex(std::span<char> into) {
  if (!tls_) co_return co_await line_->read_some(into);
  while (true) {
    if (const auto got = take_decrypted(into)) co_return *got;
    // The writer has to be told before more is read, or a peer could make TLS say ever more.
    if (needs_flush()) co_return io_result{};
    const error_code failure = co_await feed(never);
    if (failure) co_return io_result{0, failure};
  }
}

std::optional<io_result> channel::take_decrypted(std::span<char> into) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int outcome = SSL_read_ex(tls_.get(), into.data(), into.size(), &bytes);
  if (outcome == 1) return io_result{bytes, {}};
  const int reason = SSL_get_error(tls_.get(), outcome);
  if (reason == SSL_ERROR_ZERO_RETURN) return io_result{0, asio::error::eof};
  if (reason != SSL_ERROR_WANT_READ) return io_result{0, asio::error::connection_aborted};
  return std::nullopt;
}

bool channel::needs_flush() const {
  return tls_ && BIO_ctrl_pending(SSL_get_wbio(tls_.get())) > 0;
}

asio::awaitable<error_code> channel::write(std::string_view bytes) {
  if (!tls_) co_return co_await line_->write(bytes);
  while (!bytes.empty()) {
    ERR_clear_error();
    const auto step = bytes.substr(0, write_step_bytes);
    std::size_t taken = 0;
    if (SSL_write_ex(tls_.get(), step.data(), step.size(), &taken) != 1) {
      co_return asio::error::connection_aborted;
    }
    bytes.remove_prefix(taken);
    if (const error_code failure = co_await flush()) co_return failure;
  }
  co_return error_code();
}

asio::awaitable<void> channel::say_goodbye() {
  if (!tls_ || SSL_is_init_finished(tls_.get()) != 1) co_return;
  SSL_shutdown(tls_.get());
  co_await flush();
}

asio::awaitable<error_code> channel::feed(steady_time deadline) {
  const io_result got = co_await line_->read_some(raw_, deadline);
  if (got.bytes > 0) BIO_write(SSL_get_rbio(tls_.get()), raw_.data(), static_cast<int>(got.bytes));
  co_return got.failure;
}

asio::awaitable<error_code> channel::flush() {
  if (!needs_flush()) co_return error_code();
  BIO* to_peer = SSL_get_wbio(tls_.get());
  char* bytes = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(to_peer, &bytes));
  // Taken out at once: a reader beside us may make TLS write while we wait.
  sending_.assign(bytes, size);
  BIO_reset(to_peer);
  co_return co_await line_->write(sending_);
}

}  // namespace warmwire::emulator
