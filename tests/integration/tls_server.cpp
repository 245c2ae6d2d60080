#include "tls_server.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace warmwire::test {
namespace {

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(std::string("test server: ") + what);
}

bio_ptr reader_of(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all};
}

certificate_ptr certificate_of(const std::string& pem) {
  return {PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr), X509_free};
}

void identify(SSL_CTX* ctx, const tls_server_options& options) {
  const auto certificate = certificate_of(options.identity.certificate_pem);
  const key_ptr key(PEM_read_bio_PrivateKey(reader_of(options.identity.key_pem).get(), nullptr, nullptr, nullptr),
                    EVP_PKEY_free);
  require(SSL_CTX_use_certificate(ctx, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(ctx, key.get()) == 1,
          "identity");
  if (options.chain_pem.empty()) return;
  require(SSL_CTX_add1_chain_cert(ctx, certificate_of(options.chain_pem).get()) == 1, "chain");
}

void demand_client_certificate(SSL_CTX* ctx, const std::string& authority_pem) {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), certificate_of(authority_pem).get());
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

std::string extension_of(SSL* ssl, unsigned int type) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, type, &bytes, &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

/// The first identity of a pre_shared_key extension: after the list's length and its own, two bytes each.
std::string first_ticket(const std::string& extension) {
  if (extension.size() < 4) return {};
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(extension[at])); };
  return extension.substr(4, byte(2) * 256 + byte(3));
}

int listen_on_loopback(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  require(::bind(listener, generic, size) == 0 && ::listen(listener, 128) == 0, "listen");
  ::getsockname(listener, generic, &size);
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

void echo(SSL* ssl) {
  std::array<char, 16384> buffer{};
  for (;;) {
    const int count = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0 || SSL_write(ssl, buffer.data(), count) <= 0) break;
  }
  SSL_shutdown(ssl);
}

tls_server::tls_server(tls_server_options options)
    : options_(std::move(options)), ctx_(SSL_CTX_new(TLS_server_method())), listener_(listen_on_loopback(port_)) {
  if (options_.min_version < TLS1_2_VERSION) SSL_CTX_set_security_level(ctx_, 0);
  SSL_CTX_set_min_proto_version(ctx_, options_.min_version);
  SSL_CTX_set_max_proto_version(ctx_, options_.max_version);
  if (!options_.ciphers.empty()) {
    require(SSL_CTX_set_cipher_list(ctx_, options_.ciphers.c_str()) == 1, "ciphers");
  }
  SSL_CTX_set_client_hello_cb(ctx_, on_client_hello, nullptr);
  constexpr std::array<unsigned char, 8> id{'w', 'a', 'r', 'm', 'w', 'i', 'r', 'e'};
  SSL_CTX_set_session_id_context(ctx_, id.data(), id.size());
  if (!options_.identity.key_pem.empty()) identify(ctx_, options_);
  if (!options_.client_ca_pem.empty()) demand_client_certificate(ctx_, options_.client_ca_pem);
  if (options_.picks) SSL_CTX_set_alpn_select_cb(ctx_, on_alpn, this);
  if (!options_.serve) options_.serve = echo;
  acceptor_ = std::thread([this] { accept_all(); });
}

tls_server::~tls_server() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  for (auto& client : connections_) {
    ::shutdown(client.descriptor, SHUT_RDWR);
    if (client.thread.joinable()) client.thread.join();
    ::close(client.descriptor);
  }
  SSL_CTX_free(ctx_);
}

void tls_server::accept_all() {
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const std::lock_guard lock(mutex_);
    auto& client = connections_.emplace_back();
    client.descriptor = descriptor;
    client.thread = std::thread([this, &client] { serve(client); });
  }
}

void tls_server::serve(connection& client) {
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  if (options_.instead) {
    options_.instead(client.descriptor);
    ::shutdown(client.descriptor, SHUT_RDWR);
    return;
  }
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(ctx_), SSL_free);
  SSL_set_fd(ssl.get(), client.descriptor);
  SSL_set_ex_data(ssl.get(), 0, &client.seen);
  if (SSL_accept(ssl.get()) == 1) {
    client.seen.completed = true;
    client.seen.resumed = SSL_session_reused(ssl.get()) == 1;
    if (const X509* certificate = SSL_get0_peer_certificate(ssl.get())) {
      std::array<char, 128> name{};
      X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(), name.size());
      client.seen.client_subject = name.data();
    }
    options_.serve(ssl.get());
  }
  ::shutdown(client.descriptor, SHUT_RDWR);
}

int tls_server::on_alpn(SSL* /*ssl*/, const unsigned char** picked, unsigned char* size,
                        const unsigned char* /*offered*/, unsigned int /*offered_size*/, void* argument) {
  const std::string& name = *static_cast<tls_server*>(argument)->options_.picks;
  if (name.empty()) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *picked = reinterpret_cast<const unsigned char*>(name.data());
  *size = static_cast<unsigned char>(name.size());
  return SSL_TLSEXT_ERR_OK;
}

int tls_server::on_client_hello(SSL* ssl, int* /*alert*/, void* /*argument*/) {
  auto& seen = *static_cast<seen_handshake*>(SSL_get_ex_data(ssl, 0));
  const auto name = extension_of(ssl, TLSEXT_TYPE_server_name);
  if (name.size() > 5) seen.server_name = name.substr(5);  // after the list's length, a type and the name's length
  seen.alpn = extension_of(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation);
  seen.ticket = first_ticket(extension_of(ssl, TLSEXT_TYPE_psk));
  return SSL_CLIENT_HELLO_SUCCESS;
}

void tls_server::wait_until_quiet() {
  const std::lock_guard lock(mutex_);
  for (auto& client : connections_) {
    if (client.thread.joinable()) client.thread.join();
  }
}

std::vector<seen_handshake> tls_server::handshakes() {
  wait_until_quiet();
  const std::lock_guard lock(mutex_);
  std::vector<seen_handshake> all;
  for (const auto& client : connections_)
    all.push_back(client.seen);
  return all;
}

}  // namespace warmwire::test
