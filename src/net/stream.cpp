#include "net/stream.hpp"

#include "net/nested_bio.hpp"
#include "net/socket_bio.hpp"
#include "net/tls_error.hpp"
#include "net/tls_state.hpp"

#include <boost/asio/ip/address.hpp>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <new>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace warmwire::net {
namespace asio = boost::asio;

namespace {

io_result system_failure(int error_number) {
  return {.status = io_status::failed, .reason = {error_number, std::system_category()}};
}

io_result read_plain(int descriptor, std::span<char> into) {
  ssize_t count = 0;
  do {
    count = ::recv(descriptor, into.data(), into.size(), MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count > 0) return {.bytes = static_cast<std::size_t>(count)};
  if (count == 0) return {.status = io_status::end};
  if (would_block(errno)) return {.status = io_status::want_read};
  return system_failure(errno);
}

io_result write_plain(int descriptor, std::span<const char> from) {
  ssize_t count = 0;
  do {
    count = ::send(descriptor, from.data(), from.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count > 0) return {.bytes = static_cast<std::size_t>(count)};
  if (would_block(errno)) return {.status = io_status::want_write};
  return system_failure(errno);
}

template <class Address>
bool verify_address(X509_VERIFY_PARAM* param, const Address& address) {
  const auto bytes = address.to_bytes();
  return X509_VERIFY_PARAM_set1_ip(param, bytes.data(), bytes.size()) == 1;
}

/// Whom the certificate must be for; a name is also asked for by SNI (RFC 6066 §3: no literals, no final dot).
bool expect_server(SSL* ssl, std::string name) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(name, not_an_address);
  if (!not_an_address) {
    return address.is_v4() ? verify_address(param, address.to_v4()) : verify_address(param, address.to_v6());
  }
  if (name.ends_with('.')) name.pop_back();
  if (name.empty()) return false;  // OpenSSL would accept a certificate of any name
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(param, name.data(), name.size()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

/// A record of the session inside should fit into one of the session around it: 16 KiB less its header, its content's
/// type, padding and tag.
constexpr long nested_fragment_bytes = (16 << 10) - 64;

bool is_refusal_of_protocols(const std::error_code& why) {
  return why.category() == tls_category() &&
         ERR_GET_REASON(static_cast<unsigned int>(why.value())) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL;
}

}  // namespace

/// One TLS session: on the socket, or inside the one below.
struct stream::tls_part final : carrier {
  std::unique_ptr<tls_part> below;  ///< first, so that it goes last
  std::shared_ptr<tls_context::state> context;
  bio_socket socket;  ///< without `below`
  bio_link link;      ///< with it
  tls_peer peer;
  std::error_code failure{};  ///< why the handshake failed, if not for the certificate
  bool is_usable = true;      ///< no fatal error yet: OpenSSL forbids SSL_shutdown after one
  tls_end end_point = tls_end::origin;
  ssl_ptr ssl;

  io_result carry_in(std::span<char> into) override { return read(into); }
  io_result carry_out(std::span<const char> from) override { return write(from); }

  [[nodiscard]] bool saw_end() const { return below != nullptr ? link.saw_end : socket.saw_end; }

  io_result lower_failure() {
    if (below == nullptr) return system_failure(std::exchange(socket.error_number, 0));
    return {.status = io_status::failed,
            .reason = link.failure ? link.failure : std::error_code(EPIPE, std::system_category())};
  }

  /// What a call that moved nothing means. `outcome` is the call's return value.
  io_result classify(int outcome) {
    switch (SSL_get_error(ssl.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
        return {.status = io_status::want_read};
      case SSL_ERROR_WANT_WRITE:
        return {.status = io_status::want_write};
      case SSL_ERROR_ZERO_RETURN:
        return {.status = io_status::end, .cut_off = saw_end()};
      case SSL_ERROR_SYSCALL:
        is_usable = false;
        return lower_failure();
      default:
        is_usable = false;
        return {.status = io_status::failed, .reason = take_tls_error()};
    }
  }

  io_result read(std::span<char> into) {
    ERR_clear_error();
    std::size_t count = 0;
    const int outcome = SSL_read_ex(ssl.get(), into.data(), into.size(), &count);
    return outcome == 1 ? io_result{.bytes = count} : classify(outcome);
  }

  io_result write(std::span<const char> from) {
    std::size_t total = 0;
    while (total < from.size()) {
      ERR_clear_error();
      std::size_t count = 0;
      const auto rest = from.subspan(total);
      const int outcome = SSL_write_ex(ssl.get(), rest.data(), rest.size(), &count);
      if (outcome != 1) {
        io_result step = classify(outcome);
        if (total != 0 && step.status != io_status::failed) return {.bytes = total};
        step.bytes = total;
        return step;
      }
      total += count;
    }
    return {.bytes = total};
  }

  [[nodiscard]] bool has_buffered() const {
    return SSL_has_pending(ssl.get()) == 1 || (below != nullptr && below->has_buffered());
  }

  void end(farewell how) {
    if (how == farewell::announce && is_usable && SSL_is_init_finished(ssl.get()) == 1) {
      ERR_clear_error();
      SSL_shutdown(ssl.get());
      ERR_clear_error();
    }
    // Freed without this, OpenSSL would hold the end for an attack and make the newest session unusable.
    SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    if (below != nullptr) below->end(how);
  }
};

stream::stream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;  // a socket that refuses these is dead, and the first read says so
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

stream::stream(stream&&) noexcept = default;

stream& stream::operator=(stream&& other) noexcept {
  close(farewell::announce);
  socket_ = std::move(other.socket_);
  tls_ = std::move(other.tls_);
  return *this;
}

stream::~stream() {
  close(farewell::announce);
}

void stream::start_tls(tls_context& context, const std::string& server_name, const std::string& session_key) {
  add_tls(context, server_name, session_key);
}

void stream::start_proxy_tls(tls_context& context, const std::string& server_name, const std::string& session_key) {
  assert(tls_ == nullptr);
  add_tls(context, server_name, session_key);
  SSL* ssl = tls_->ssl.get();
  tls_->end_point = tls_end::proxy;
  SSL_certs_clear(ssl);  // the client's certificate is for the origin
  constexpr std::array<unsigned char, 9> alpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(ssl, alpn.data(), alpn.size());
}

void stream::add_tls(tls_context& context, const std::string& server_name, const std::string& session_key) {
  auto part = std::make_unique<tls_part>();
  part->below = std::move(tls_);
  part->context = context.current();
  part->peer.server_name = server_name;
  part->peer.session_key = server_name + '\n' + session_key;
  auto& shared = *part->context;
  ERR_clear_error();
  part->ssl.reset(SSL_new(shared.ctx.get()));
  if (part->ssl == nullptr) throw std::bad_alloc();
  SSL* ssl = part->ssl.get();
  bio_ptr bio;
  if (part->below != nullptr) {
    part->link.below = part->below.get();
    bio = make_nested_bio(part->link);
    SSL_set_max_send_fragment(ssl, nested_fragment_bytes);
  } else {
    part->socket.descriptor = socket_.native_handle();
    bio = make_socket_bio(shared.bio_method.get(), part->socket);
  }
  SSL_set_bio(ssl, bio.get(), bio.get());
  std::ignore = bio.release();
  SSL_set_ex_data(ssl, 0, &part->peer);
  if (!expect_server(ssl, server_name)) throw std::bad_alloc();
  if (const auto session = shared.sessions.take(part->peer.session_key)) SSL_set_session(ssl, session.get());
  SSL_set_connect_state(ssl);
  tls_ = std::move(part);
}

void stream::offer_protocols(std::span<const protocol> offered) {
  if (offered.empty()) return;
  const std::string list = on_the_wire(offered);
  const auto* bytes = reinterpret_cast<const unsigned char*>(list.data());
  if (SSL_set_alpn_protos(tls_->ssl.get(), bytes, static_cast<unsigned int>(list.size())) != 0) throw std::bad_alloc();
}

io_result stream::try_handshake() {
  ERR_clear_error();
  const int outcome = SSL_do_handshake(tls_->ssl.get());
  if (outcome == 1) return {};
  const io_result step = tls_->classify(outcome);
  tls_->failure = step.reason;
  return step;
}

error stream::handshake_error() const {
  if (tls_->peer.certificate_failure != nullptr) return *tls_->peer.certificate_failure;
  const std::string why = tls_->failure ? tls_->failure.message() : "the server closed the connection";
  return {.code = is_refusal_of_protocols(tls_->failure) ? errc::protocol_unavailable : errc::tls_failed,
          .phase = phase::tls,
          .message = "the TLS handshake with " + tls_->peer.server_name + " failed: " + why};
}

io_result stream::try_read(std::span<char> into) {
  assert(!into.empty());
  return tls_ != nullptr ? tls_->read(into) : read_plain(socket_.native_handle(), into);
}

io_result stream::try_write(std::span<const char> from) {
  assert(!from.empty());
  return tls_ != nullptr ? tls_->write(from) : write_plain(socket_.native_handle(), from);
}

bool stream::has_buffered() const {
  return tls_ != nullptr && tls_->has_buffered();
}
bool stream::is_tls() const noexcept {
  return tls_ != nullptr && tls_->end_point == tls_end::origin;
}
bool stream::is_tls_resumed() const {
  return is_tls() && SSL_session_reused(tls_->ssl.get()) == 1;
}

std::string_view stream::negotiated_protocol() const {
  if (tls_ == nullptr) return {};
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls_->ssl.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

void stream::set_user_timeout(std::chrono::milliseconds limit) {
  const auto value = static_cast<unsigned int>(limit.count());
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
}

std::chrono::microseconds stream::round_trip() {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return std::chrono::microseconds(info.tcpi_rtt);
}

std::chrono::milliseconds stream::unacknowledged_for() {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  // Not tcpi_unacked: what this machine's own firewall drops was never sent, in its eyes.
  int waiting_bytes = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &waiting_bytes) != 0) return {};
  return std::chrono::milliseconds(waiting_bytes > 0 ? info.tcpi_last_ack_recv : 0);
}

asio::ip::tcp::socket& stream::socket() noexcept {
  return socket_;
}

void stream::close(farewell how) {
  if (tls_ != nullptr) {
    tls_->end(how);
    tls_.reset();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace warmwire::net
