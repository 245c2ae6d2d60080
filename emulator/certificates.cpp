#include "emulator/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace warmwire::emulator {
namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

void require_made(bool succeeded, const char* what) {
  if (succeeded) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error(std::string("cannot make a certificate: ") + what + ": " + reason.data());
}

key_ptr make_key() {
  key_ptr key(EVP_EC_gen("P-256"));
  require_made(key != nullptr, "key");
  return key;
}

template <class Writer>
std::string to_pem(Writer write) {
  const bio_ptr memory(BIO_new(BIO_s_mem()));
  require_made(memory != nullptr && write(memory.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string certificate_to_pem(X509* certificate) {
  return to_pem([certificate](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string key_to_pem(EVP_PKEY* key) {
  return to_pem(
      [key](BIO* out) { return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

struct extension {
  int nid;
  std::string value;
};

/// Whose key signs: an authority's, or, with none, the certificate's own.
struct issuer {
  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
};

void add_extension(X509* certificate, X509* signer, const extension& wanted) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, signer, certificate, nullptr, nullptr, 0);
  const extension_ptr made(X509V3_EXT_conf_nid(nullptr, &context, wanted.nid, wanted.value.c_str()));
  require_made(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1, wanted.value.c_str());
}

void set_serial_number(X509* certificate) {
  std::uint64_t serial = 0;
  std::array<unsigned char, sizeof serial> random{};
  require_made(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "serial number");
  std::memcpy(&serial, random.data(), sizeof serial);
  require_made(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U) == 1, "serial number");
}

void set_validity(X509* certificate, const certificate_request& request) {
  X509_gmtime_adj(X509_getm_notBefore(certificate), static_cast<long>(request.valid_from.count()));
  X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(request.valid_until.count()));
}

void set_subject(X509* certificate, const std::string& name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add = [subject](const char* field, const std::string& value) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1, 0);
  };
  require_made(add("O", "warmwire") == 1 && add("CN", name) == 1, "subject");
}

certificate_ptr make_certificate(const certificate_request& request, EVP_PKEY* key, issuer by,
                                 const std::vector<extension>& extensions) {
  certificate_ptr made(X509_new());
  require_made(made != nullptr && X509_set_version(made.get(), X509_VERSION_3) == 1, "version");
  set_serial_number(made.get());
  set_validity(made.get(), request);
  set_subject(made.get(), request.names.at(0));
  require_made(X509_set_pubkey(made.get(), key) == 1, "public key");
  X509* signer = by.certificate != nullptr ? by.certificate : made.get();
  require_made(X509_set_issuer_name(made.get(), X509_get_subject_name(signer)) == 1, "issuer");
  for (const auto& wanted : extensions)
    add_extension(made.get(), signer, wanted);
  require_made(X509_sign(made.get(), by.key != nullptr ? by.key : key, EVP_sha256()) > 0, "signature");
  return made;
}

bool is_address(const std::string& name) {
  return name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
}

std::vector<extension> leaf_extensions(const certificate_request& request) {
  std::string names;
  for (const auto& name : request.names) {
    names += std::string(names.empty() ? "" : ",") + (is_address(name) ? "IP:" : "DNS:") + name;
  }
  std::vector<extension> out{
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, request.use == certificate_use::clients_only ? "clientAuth" : "serverAuth,clientAuth"},
      {NID_subject_key_identifier, "hash"}};
  if (request.has_alternative_names) out.push_back({NID_subject_alt_name, names});
  return out;
}

identity make_leaf(const certificate_request& request, issuer by) {
  const auto key = make_key();
  auto extensions = leaf_extensions(request);
  if (by.certificate != nullptr) extensions.push_back({NID_authority_key_identifier, "keyid:always"});
  const auto certificate = make_certificate(request, key.get(), by, extensions);
  return {certificate_to_pem(certificate.get()), key_to_pem(key.get())};
}

}  // namespace

struct authority::state {
  key_ptr key;
  certificate_ptr certificate;
  std::string pem;
};

authority::authority(const std::string& name) : state_(std::make_unique<state>()) {
  state_->key = make_key();
  state_->certificate = make_certificate({.names = {name}}, state_->key.get(), {},
                                         {{NID_basic_constraints, "critical,CA:TRUE"},
                                          {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                          {NID_subject_key_identifier, "hash"}});
  state_->pem = certificate_to_pem(state_->certificate.get());
}

authority::~authority() = default;
authority::authority(authority&&) noexcept = default;
authority& authority::operator=(authority&&) noexcept = default;

const std::string& authority::pem() const noexcept {
  return state_->pem;
}

identity authority::issue(const certificate_request& request) const {
  return make_leaf(request, {state_->certificate.get(), state_->key.get()});
}

identity make_self_signed(const certificate_request& request) {
  return make_leaf(request, {});
}

}  // namespace warmwire::emulator
