#include "net/certificate_failure.hpp"

#include "net/openssl_ptr.hpp"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

namespace warmwire::net {
namespace {

constexpr std::size_t max_names_shown = 8;
constexpr std::size_t max_text_shown = 128;

/// A certificate may hold anything: no control characters and no walls of text in a message.
std::string printable(std::string_view text) {
  std::string clean(text.substr(0, max_text_shown));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > max_text_shown) clean += "...";
  return clean;
}

std::string name_text(const X509_NAME* name) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return "?";
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return '"' + printable({text, static_cast<std::size_t>(size)}) + '"';
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const auto* bytes = ASN1_STRING_get0_data(address);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(address));
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    std::array<char, 4> part{};
    if (size == 4) {
      std::snprintf(part.data(), part.size(), "%u", bytes[i]);
      text += (i == 0 ? "" : ".") + std::string(part.data());
    } else {
      std::snprintf(part.data(), part.size(), "%02x", bytes[i]);
      text += (i == 0 || i % 2 == 1 ? "" : ":") + std::string(part.data());
    }
  }
  return text;
}

std::vector<std::string> names_of(const X509* certificate) {
  const auto release = [](GENERAL_NAMES* names) { GENERAL_NAMES_free(names); };
  const std::unique_ptr<GENERAL_NAMES, decltype(release)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)), release);
  std::vector<std::string> texts;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
      texts.push_back(printable({bytes, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
    } else if (name->type == GEN_IPADD) {
      texts.push_back(printable(address_text(name->d.iPAddress)));
    }
  }
  return texts;
}

std::string names_text(const X509* certificate) {
  const auto names = names_of(certificate);
  if (names.empty()) return "no host name at all";
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), max_names_shown); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > max_names_shown) text += " and " + std::to_string(names.size() - max_names_shown) + " more";
  return text;
}

errc code_of(int verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return errc::certificate_expired;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return errc::certificate_self_signed;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return errc::certificate_wrong_host;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return errc::certificate_unknown_authority;
    default:
      return errc::certificate_invalid;
  }
}

std::string reason_text(int verdict, const X509* certificate, const certificate_question& asked) {
  const auto ends = X509_get0_notAfter(certificate);
  switch (code_of(verdict)) {
    case errc::certificate_expired:
      if (verdict == X509_V_ERR_CERT_HAS_EXPIRED) return "expired on " + time_text(ends);
      return "is not valid before " + time_text(X509_get0_notBefore(certificate));
    case errc::certificate_self_signed:
      return "is self-signed, and not among " + asked.trusted;
    case errc::certificate_wrong_host:
      return "is for another host: it names " + names_text(certificate);
    case errc::certificate_unknown_authority:
      return "was issued by " + name_text(X509_get_issuer_name(certificate)) + ", which is not among " + asked.trusted;
    default:
      return std::string("was rejected: ") + X509_verify_cert_error_string(verdict);
  }
}

}  // namespace

error describe_certificate_failure(X509_STORE_CTX* verification, const certificate_question& asked) {
  const int verdict = X509_STORE_CTX_get_error(verification);
  const X509* rejected = X509_STORE_CTX_get_current_cert(verification);
  const X509* leaf = X509_STORE_CTX_get0_cert(verification);
  error failure{.code = code_of(verdict), .phase = phase::tls};
  failure.message = "the certificate of " + asked.server_name + ' ';
  if (rejected == nullptr || leaf == nullptr) {
    failure.message += std::string("was rejected: ") + X509_verify_cert_error_string(verdict);
    return failure;
  }
  // A chain that ends in a foreign root fails there, which is no fault of that root's.
  if (X509_STORE_CTX_get_error_depth(verification) > 0 && failure.code != errc::certificate_unknown_authority) {
    failure.message += "rests on that of " + name_text(X509_get_subject_name(rejected)) + ", which ";
  }
  failure.message += reason_text(verdict, rejected, asked) + " (subject " + name_text(X509_get_subject_name(leaf)) +
                     ", issuer " + name_text(X509_get_issuer_name(leaf));
  if (failure.code != errc::certificate_wrong_host) failure.message += ", names " + names_text(leaf);
  failure.message += ')';
  return failure;
}

}  // namespace warmwire::net
