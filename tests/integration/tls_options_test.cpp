// Trusted files, the environment, client certificates.
#include "tls_fixture.hpp"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace warmwire::test::tls_options_test {
namespace {

using emulator::authority;
using net::io_status;
using testing::HasSubstr;

class environment_variable {
 public:
  environment_variable(const char* name, const std::string& value) : name_(name) { ::setenv(name_, value.c_str(), 1); }
  ~environment_variable() { ::unsetenv(name_); }
  environment_variable(const environment_variable&) = delete;
  environment_variable& operator=(const environment_variable&) = delete;

 private:
  const char* name_;
};

TEST_F(tls_test, the_environment_names_the_trusted_file) {
  const tls_server server({.identity = authority_.issue()});
  EXPECT_EQ(dial(server, context_for({})).error().code, errc::certificate_unknown_authority);
  const environment_variable file("SSL_CERT_FILE", ca_file_);
  EXPECT_TRUE(dial(server, context_for({})).has_value());
}

TEST_F(tls_test, the_environment_names_the_trusted_directory) {
  const tls_server server({.identity = authority_.issue()});
  const emulator::temporary_directory hashed;
  std::array<char, 16> name{};
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_file(ca_file_.c_str(), "r"), BIO_free_all);
  const std::unique_ptr<X509, decltype(&X509_free)> root(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr),
                                                         X509_free);
  std::snprintf(name.data(), name.size(), "%08lx.0",
                X509_NAME_hash_ex(X509_get_subject_name(root.get()), nullptr, nullptr, nullptr));
  hashed.write(name.data(), authority_.pem());
  EXPECT_TRUE(dial(server, context_for({.ca_directory = hashed.path()})).has_value());
  const environment_variable directory("SSL_CERT_DIR", hashed.path());
  EXPECT_TRUE(dial(server, context_for({})).has_value());
}

TEST_F(tls_test, empty_environment_variables_count_as_unset) {
  const environment_variable file("SSL_CERT_FILE", "");
  const environment_variable directory("SSL_CERT_DIR", "");
  EXPECT_TRUE(net::tls_context::make({}).has_value());
}

TEST_F(tls_test, options_win_over_the_environment) {
  const tls_server server({.identity = authority_.issue()});
  const authority other;
  const environment_variable file("SSL_CERT_FILE", ca_file_);
  const auto tls = context_for({.ca_file = files_.write("other.pem", other.pem())});
  EXPECT_EQ(dial(server, tls).error().code, errc::certificate_unknown_authority);
}

TEST_F(tls_test, files_that_cannot_be_used_are_named_with_the_field_and_the_reason) {
  const auto expect = [](const tls_options& options, const std::string& field, const std::string& why) {
    const auto made = net::tls_context::make(options);
    ASSERT_FALSE(made.has_value()) << field;
    EXPECT_EQ(made.error().code, errc::invalid_option);
    EXPECT_THAT(made.error().message, HasSubstr(field));
    EXPECT_THAT(made.error().message, HasSubstr(why));
  };
  const auto leaf = authority_.issue();
  const auto certificate = files_.write("leaf.pem", leaf.certificate_pem);
  const auto key = files_.write("leaf.key", leaf.key_pem);
  const auto empty = files_.write("empty.pem", "");
  expect({.ca_file = "/nonexistent/ca.pem"}, "tls.ca_file: cannot use \"/nonexistent/ca.pem\"", "No such file");
  expect({.ca_file = empty}, "tls.ca_file", "no certificate");
  expect({.ca_directory = "/nonexistent"}, "tls.ca_directory", "No such file");
  expect({.client_certificate_file = certificate}, "tls.client_certificate_file", "client_key_file is not set");
  expect({.client_key_file = key}, "tls.client_key_file", "client_certificate_file is not set");
  expect({.client_certificate_file = empty, .client_key_file = key}, "tls.client_certificate_file", "");
  expect({.client_certificate_file = certificate, .client_key_file = empty}, "tls.client_key_file", "");
  const auto other_key = files_.write("other.key", authority_.issue().key_pem);
  expect({.client_certificate_file = certificate, .client_key_file = other_key}, "tls.client_key_file", "mismatch");
  const environment_variable file("SSL_CERT_FILE", "/nonexistent/env.pem");
  expect({}, "SSL_CERT_FILE: cannot use \"/nonexistent/env.pem\"", "No such file");
}

TEST_F(tls_test, a_trusted_file_that_changed_is_read_again) {
  const tls_server server({.identity = authority_.issue()});
  const authority other("another authority");
  const auto file = files_.write("changing.pem", other.pem());
  const auto tls = context_for({.ca_file = file});
  EXPECT_EQ(dial(server, tls).error().code, errc::certificate_unknown_authority);
  files_.write("changing.pem", authority_.pem());
  EXPECT_TRUE(dial(server, tls).has_value()) << "a new authority is trusted";
  files_.write("changing.pem", "half a file");
  EXPECT_TRUE(dial(server, tls).has_value()) << "what cannot be read leaves things as they were";
  files_.write("changing.pem", other.pem());
  EXPECT_EQ(dial(server, tls).error().code, errc::certificate_unknown_authority) << "trust can be taken back";
}

TEST_F(tls_test, trust_that_is_taken_back_is_not_kept_by_a_session) {
  tls_server server({.identity = authority_.issue()});
  const authority other("another authority");
  const auto file = files_.write("changing.pem", authority_.pem());
  const auto tls = context_for({.ca_file = file});
  {
    auto dialed = dial(server, tls);
    ASSERT_TRUE(dialed.has_value());
    EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
    EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
  }
  files_.write("changing.pem", other.pem());
  EXPECT_EQ(dial(server, tls).error().code, errc::certificate_unknown_authority);
}

TEST_F(tls_test, a_client_certificate_that_changed_is_read_again) {
  tls_server server({.identity = authority_.issue(), .client_ca_pem = authority_.pem()});
  auto options = trusting();
  const auto present = [&](const std::string& name) {
    const auto client = authority_.issue({.names = {name}});
    options.client_certificate_file = files_.write("client.pem", client.certificate_pem);
    options.client_key_file = files_.write("client.key", client.key_pem);
  };
  const auto ping = [&](const std::shared_ptr<net::tls_context>& tls) {
    auto dialed = dial(server, tls);
    ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
    EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
    EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
  };
  present("the first");
  const auto tls = context_for(options);
  ping(tls);
  present("the second");
  ping(tls);
  EXPECT_EQ(server.handshakes().at(1).client_subject, "the second");
}

TEST_F(tls_test, a_server_name_that_is_none_is_refused_before_openssl_takes_it_for_any) {
  using namespace std::string_literals;
  for (const auto& name : {"."s, ".."s, "a..b"s, ".a"s, "a b"s, "a\0b"s, "h\xc3\xa9"s}) {
    const auto made = net::tls_context::make({.server_name = name});
    ASSERT_FALSE(made.has_value()) << name;
    EXPECT_EQ(made.error().code, errc::invalid_option);
    EXPECT_THAT(made.error().message, HasSubstr("tls.server_name"));
  }
  for (const auto* name : {"", "localhost", "localhost.", "a_b.example", "127.0.0.1", "::1"})
    EXPECT_TRUE(net::tls_context::make({.server_name = name}).has_value()) << name;
}

TEST_F(tls_test, a_client_certificate_is_presented) {
  tls_server server({.identity = authority_.issue(), .client_ca_pem = authority_.pem()});
  const auto client = authority_.issue({.names = {"the client"}});
  auto options = trusting();
  options.client_certificate_file = files_.write("client.pem", client.certificate_pem);
  options.client_key_file = files_.write("client.key", client.key_pem);
  {
    auto dialed = dial(server, context_for(options));
    ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
    EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
    EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
  }
  EXPECT_EQ(server.handshakes().at(0).client_subject, "the client");
}

TEST_F(tls_test, without_the_certificate_it_demands_a_tls_1_2_server_ends_the_handshake) {
  const tls_server server(
      {.identity = authority_.issue(), .client_ca_pem = authority_.pem(), .max_version = TLS1_2_VERSION});
  const auto outcome = dial(server, context_for(trusting()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_failed);
  EXPECT_THAT(outcome.error().message, HasSubstr("alert"));
}

TEST_F(tls_test, without_the_certificate_it_demands_a_tls_1_3_server_fails_the_first_read) {
  const tls_server server({.identity = authority_.issue(), .client_ca_pem = authority_.pem()});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());  // the client is done before the server looks at its certificate (RFC 8446 §2)
  std::string ignored;
  const auto end = read_all(dialed->stream, ignored);
  EXPECT_EQ(end.status, io_status::failed);
  EXPECT_THAT(end.reason.message(), HasSubstr("certificate required"));
}

}  // namespace
}  // namespace warmwire::test::tls_options_test
