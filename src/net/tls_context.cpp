#include "net/tls_context.hpp"

#include "http/url.hpp"
#include "net/certificate_failure.hpp"
#include "net/socket_bio.hpp"
#include "net/tls_error.hpp"
#include "net/tls_state.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string_view>

namespace warmwire::net {
namespace {

error unusable(std::string_view field, const std::string& file, const std::string& why) {
  return {.code = errc::invalid_option, .message = std::string(field) + ": cannot use \"" + file + "\": " + why};
}

tls_peer& peer_of(SSL* ssl) {
  return *static_cast<tls_peer*>(SSL_get_ex_data(ssl, 0));
}

tls_context::state& state_of(SSL_CTX* ctx) {
  return *static_cast<tls_context::state*>(SSL_CTX_get_ex_data(ctx, 0));
}

int on_new_session(SSL* ssl, SSL_SESSION* session) {
  state_of(SSL_get_SSL_CTX(ssl)).sessions.put(peer_of(ssl).session_key, ssl_session_ptr(session));
  return 1;  // the reference is ours now
}

/// Verifies as OpenSSL would, and words a failure while the certificate is at hand.
int verify_certificate(X509_STORE_CTX* verification, void* argument) {
  auto& state = *static_cast<tls_context::state*>(argument);
  if (state.options.insecure_accept_any_certificate) return 1;
  const int verdict = X509_verify_cert(verification);
  if (verdict <= 0) {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    tls_peer& peer = peer_of(ssl);
    peer.certificate_failure = std::make_unique<error>(
        describe_certificate_failure(verification, {.server_name = peer.server_name, .trusted = state.trusted}));
  }
  return verdict;
}

/// Without it OpenSSL would ask for a key's passphrase on the terminal.
int refuse_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* /*argument*/) {
  return -1;
}

void configure(tls_context::state& state) {
  SSL_CTX* ctx = state.ctx.get();
  SSL_CTX_set_ex_data(ctx, 0, &state);
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  // Of TLS 1.2 only; those of 1.3 have no other kind. Without forward secrecy a stolen key opens what was recorded.
  if (SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK") != 1) throw std::bad_alloc();
  // A FIN without close_notify is reported by the stream itself; as an error of OpenSSL's it would also spoil the
  // connection's newest session.
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(ctx, 1);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx, on_new_session);
  SSL_CTX_set_verify(ctx, state.options.insecure_accept_any_certificate ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(ctx, verify_certificate, &state);
  SSL_CTX_set_default_passwd_cb(ctx, refuse_passphrase);
  constexpr std::array<unsigned char, 9> alpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(ctx, alpn.data(), alpn.size());
}

struct named_path {
  std::string field;
  std::string path;
};

/// The stamp is taken first: a change in between is found at the next look.
void watch_file(tls_context::state& state, const std::string& path) {
  state.files.push_back({.path = path, .stamp = stamp_of(path)});
}

result<void> trust_file(tls_context::state& state, const named_path& file) {
  SSL_CTX* ctx = state.ctx.get();
  watch_file(state, file.path);
  if (SSL_CTX_load_verify_file(ctx, file.path.c_str()) == 1) return {};
  return unusable(file.field, file.path, take_tls_error().message());
}

result<void> trust_directory(tls_context::state& state, const named_path& directory) {
  SSL_CTX* ctx = state.ctx.get();
  watch_file(state, directory.path);
  std::error_code failure;
  if (std::filesystem::directory_iterator(directory.path, failure); failure) {
    return unusable(directory.field, directory.path, failure.message());
  }
  if (SSL_CTX_load_verify_dir(ctx, directory.path.c_str()) == 1) return {};
  return unusable(directory.field, directory.path, take_tls_error().message());
}

std::string environment(const char* variable) {
  const char* value = ::secure_getenv(variable);
  return value != nullptr ? value : "";
}

/// OpenSSL reads these variables itself, but takes an empty one for a file and ignores one that it cannot read.
result<void> trust_system(tls_context::state& state) {
  SSL_CTX* ctx = state.ctx.get();
  const named_path file{"SSL_CERT_FILE", environment("SSL_CERT_FILE")};
  const named_path directory{"SSL_CERT_DIR", environment("SSL_CERT_DIR")};
  if (file.path.empty()) {
    watch_file(state, X509_get_default_cert_file());
    SSL_CTX_set_default_verify_file(ctx);
  } else if (auto loaded = trust_file(state, file); !loaded) {
    return loaded;
  }
  if (directory.path.empty()) {
    watch_file(state, X509_get_default_cert_dir());
    SSL_CTX_set_default_verify_dir(ctx);
  } else if (auto loaded = trust_directory(state, directory); !loaded) {
    return loaded;
  }
  ERR_clear_error();
  state.trusted = "the system's trusted authorities";
  if (!file.path.empty()) state.trusted += " with " + file.path + " (SSL_CERT_FILE)";
  if (!directory.path.empty()) state.trusted += " with " + directory.path + " (SSL_CERT_DIR)";
  return {};
}

result<void> set_trust(tls_context::state& state) {
  const auto& options = state.options;
  if (options.ca_file.empty() && options.ca_directory.empty()) return trust_system(state);
  state.trusted = "the authorities in";
  if (!options.ca_file.empty()) {
    if (auto loaded = trust_file(state, {"tls.ca_file", options.ca_file}); !loaded) return loaded;
    state.trusted += ' ' + options.ca_file;
  }
  if (!options.ca_directory.empty()) {
    if (auto loaded = trust_directory(state, {"tls.ca_directory", options.ca_directory}); !loaded) {
      return loaded;
    }
    state.trusted += ' ' + options.ca_directory;
  }
  return {};
}

result<void> set_client_identity(tls_context::state& state) {
  const std::string& certificate = state.options.client_certificate_file;
  const std::string& key = state.options.client_key_file;
  if (certificate.empty() && key.empty()) return {};
  if (key.empty()) return unusable("tls.client_certificate_file", certificate, "tls.client_key_file is not set");
  if (certificate.empty()) return unusable("tls.client_key_file", key, "tls.client_certificate_file is not set");
  SSL_CTX* ctx = state.ctx.get();
  watch_file(state, certificate);
  watch_file(state, key);
  if (SSL_CTX_use_certificate_chain_file(ctx, certificate.c_str()) != 1) {
    return unusable("tls.client_certificate_file", certificate, take_tls_error().message());
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, key.c_str(), SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
    return unusable("tls.client_key_file", key, take_tls_error().message());
  }
  return {};
}

/// OpenSSL takes an empty name, which "." is as well, for leave to accept any.
result<void> check_server_name(const std::string& name) {
  if (name.empty() || http::is_host_name(name)) return {};
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(name, not_an_address);
  if (!not_an_address) return {};
  return error{.code = errc::invalid_option,
               .message = "tls.server_name is no host name; it must be letters, digits, '-', '_' and '.', at most 253"};
}

}  // namespace

result<std::shared_ptr<tls_context>> tls_context::make(const tls_options& options) {
  if (auto ok = check_server_name(options.server_name); !ok) return ok.error();
  auto made = read(options);
  if (!made) return made.error();
  return std::shared_ptr<tls_context>(new tls_context(std::move(*made)));
}

result<std::shared_ptr<tls_context::state>> tls_context::read(const tls_options& options) {
  auto made = std::make_shared<state>();
  made->options = options;
  made->bio_method = make_socket_bio_method();
  ERR_clear_error();
  made->ctx.reset(SSL_CTX_new(TLS_client_method()));
  if (made->ctx == nullptr) throw std::bad_alloc();
  configure(*made);
  if (auto trusted = set_trust(*made); !trusted) return trusted.error();
  if (auto identity = set_client_identity(*made); !identity) return identity.error();
  return made;
}

/// Sessions go with the old state: they rest on a trust that may have been taken back.
const std::shared_ptr<tls_context::state>& tls_context::current() {
  const bool has_changed = std::ranges::any_of(state_->files, &watched_file::has_changed);
  if (!has_changed) return state_;
  if (auto made = read(state_->options)) {
    state_ = std::move(*made);
  } else {
    // A file that is just being written: as it is now it is not worth another look.
    for (auto& each : state_->files)
      each.stamp = stamp_of(each.path);
  }
  return state_;
}

tls_context::tls_context(std::shared_ptr<state> made) : state_(std::move(made)) {}
tls_context::~tls_context() = default;

const tls_options& tls_context::options() const noexcept {
  return state_->options;
}

}  // namespace warmwire::net
