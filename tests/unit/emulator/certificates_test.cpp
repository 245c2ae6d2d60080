#include "emulator/certificates.hpp"

#include "emulator/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace warmwire::emulator::certificates_test {
namespace {

using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

certificate_ptr parse(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         BIO_free_all);
  return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
}

/// OpenSSL's verdict on `leaf` when only `trusted` is trusted.
int verify(const std::string& leaf, const std::string& trusted) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
  const auto root = parse(trusted);
  X509_STORE_add_cert(store.get(), root.get());
  const auto subject = parse(leaf);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                                X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), subject.get(), nullptr);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

TEST(certificates, a_leaf_is_trusted_through_its_authority_and_no_other) {
  const authority one("one");
  const authority other("other");
  const auto leaf = one.issue();
  EXPECT_EQ(verify(leaf.certificate_pem, one.pem()), X509_V_OK);
  EXPECT_EQ(verify(leaf.certificate_pem, other.pem()), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST(certificates, a_leaf_is_for_exactly_the_names_asked_for) {
  const authority one;
  const auto leaf = parse(one.issue({.names = {"api.example.com", "127.0.0.1", "::1"}}).certificate_pem);
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(X509_check_host(leaf.get(), "api.example.com", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(leaf.get(), "localhost", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.0.0.2", 0), 0);
}

TEST(certificates, validity_is_counted_from_now) {
  using namespace std::chrono_literals;
  const authority one;
  const auto past = one.issue({.valid_from = -48h, .valid_until = -1h});
  const auto future = one.issue({.valid_from = 1h, .valid_until = 48h});
  EXPECT_EQ(verify(past.certificate_pem, one.pem()), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(verify(future.certificate_pem, one.pem()), X509_V_ERR_CERT_NOT_YET_VALID);
}

TEST(certificates, a_self_signed_leaf_is_its_own_issuer) {
  const authority one;
  const auto leaf = make_self_signed();
  EXPECT_EQ(verify(leaf.certificate_pem, one.pem()), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST(temporary_directory, is_private_and_goes_with_its_owner) {
  std::optional<temporary_directory> directory(std::in_place);
  const auto file = directory->write("ca.pem", "content");
  std::string content;
  std::ifstream(file) >> content;
  EXPECT_EQ(content, "content");
  const auto path = directory->path();
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);

  temporary_directory moved(std::move(*directory));
  directory.reset();
  EXPECT_TRUE(std::filesystem::exists(file));
  { const temporary_directory last(std::move(moved)); }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace warmwire::emulator::certificates_test
