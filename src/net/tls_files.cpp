#include "net/tls_files.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace warmwire::net {
namespace {

/// Of a file that is large, and replaced by packages rather than written to.
std::string when_changed(const std::string& path) {
  std::error_code failure;
  const auto when = std::filesystem::last_write_time(path, failure);
  return failure ? failure.message() : std::to_string(when.time_since_epoch().count());
}

std::string content_of(const std::string& path) {
  if (path.empty()) return "none";
  std::ifstream in(path, std::ios::binary);
  if (!in) return "unreadable";
  std::string content{std::istreambuf_iterator<char>(in), {}};
  return std::to_string(content.size()) + ":" + content;
}

std::string variable_or(const char* variable, const char* otherwise) {
  const char* value = ::secure_getenv(variable);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

std::string state_of_authorities(const tls_options& options) {
  if (options.ca_file.empty() && options.ca_directory.empty()) {
    const auto file = variable_or(X509_get_default_cert_file_env(), X509_get_default_cert_file());
    const auto directory = variable_or(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
    return "system " + file + " " + when_changed(file) + " " + directory + " " + when_changed(directory);
  }
  const auto directory = options.ca_directory.empty() ? "none" : when_changed(options.ca_directory);
  return content_of(options.ca_file) + " " + directory;
}

}  // namespace

std::uint64_t state_of_tls_files(const tls_options& options) {
  const auto all = state_of_authorities(options) + " " + content_of(options.client_certificate_file) + " " +
                   content_of(options.client_key_file);
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  EVP_Digest(all.data(), all.size(), digest, nullptr, EVP_sha256(), nullptr);
  std::uint64_t state = 0;
  std::memcpy(&state, digest, sizeof(state));
  return state;
}

}  // namespace warmwire::net
