// The server side of TLS for all connections of one server.
#include "emulator/tls_settings.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace warmwire::emulator {
namespace {

void require_step(bool is_done, const char* step) {
  if (is_done) return;
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  throw std::runtime_error(std::string("emulator TLS: cannot ") + step + ": " + text.data());
}

using memory_bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

memory_bio_ptr reader_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
}

// As ALPN writes them, what we like best first.
constexpr std::string_view alpn_names(protocol_choice protocols) {
  constexpr std::string_view both = "\x02h2\x08http/1.1";
  if (protocols == protocol_choice::http1) return both.substr(3);
  return protocols == protocol_choice::http2 ? both.substr(0, 3) : both;
}

template <protocol_choice Protocols>
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  constexpr std::string_view ours = alpn_names(Protocols);
  unsigned char* match = nullptr;
  const int outcome = SSL_select_next_proto(&match, chosen_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                            static_cast<unsigned int>(ours.size()), offered, offered_size);
  *chosen = match;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

auto* chooser(protocol_choice protocols) {
  if (protocols == protocol_choice::http1) return &choose_protocol<protocol_choice::http1>;
  if (protocols == protocol_choice::http2) return &choose_protocol<protocol_choice::http2>;
  return &choose_protocol<protocol_choice::both>;
}

}  // namespace

void tls_settings::deleter::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

tls_settings::tls_settings(const identity& served, protocol_choice protocols)
    : context_(SSL_CTX_new(TLS_server_method())) {
  require_step(context_ != nullptr, "make a context");
  SSL_CTX* context = context_.get();
  require_step(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1, "set the lowest version");

  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(reader_of(served.certificate_pem).get(), nullptr, nullptr, nullptr), &X509_free);
  require_step(certificate && SSL_CTX_use_certificate(context, certificate.get()) == 1, "use the certificate");
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(reader_of(served.key_pem).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  require_step(key && SSL_CTX_use_PrivateKey(context, key.get()) == 1, "use the private key");

  static constexpr std::array<unsigned char, 8> name{'w', 'a', 'r', 'm', 'w', 'i', 'r', 'e'};
  require_step(SSL_CTX_set_session_id_context(context, name.data(), name.size()) == 1, "name its sessions");
  // Tickets carry all there is to resume, so no session is kept here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_alpn_select_cb(context, chooser(protocols), nullptr);
}

}  // namespace warmwire::emulator
