// Whom a TLS connection trusts, and how it words a refusal.
#include "tls_fixture.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace warmwire::test::tls_verification_test {
namespace {

using emulator::authority;
using net::io_status;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST_F(tls_test, a_trusted_server_is_spoken_to_by_name_and_by_address) {
  tls_server server({.identity = authority_.issue()});
  const auto tls = context_for(trusting());
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    auto dialed = dial(server, tls, host);
    ASSERT_TRUE(dialed.has_value()) << dialed.error().to_string();
    EXPECT_TRUE(dialed->stream.is_tls());
    EXPECT_EQ(dialed->remote_address, "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_GT(dialed->connect.count(), 0);
    EXPECT_GT(dialed->tls.count(), 0);
    EXPECT_EQ(write_all(dialed->stream, "ping").status, io_status::done);
    EXPECT_EQ(read_exactly(dialed->stream, 4), "ping");
  }
}

TEST_F(tls_test, a_common_name_is_no_name_of_a_host) {
  const auto why = refusal_of(authority_.issue({.names = {"localhost"}, .has_alternative_names = false}));
  EXPECT_EQ(why.code, errc::certificate_wrong_host) << why.to_string();
  EXPECT_THAT(why.message, HasSubstr("it names no host name at all"));
}

TEST_F(tls_test, with_tls_1_2_only_forward_secrecy_and_aead_are_spoken) {
  struct suite {
    std::string name;
    bool is_spoken;
  };
  for (const auto& [name, is_spoken] :
       {suite{"ECDHE-ECDSA-AES128-GCM-SHA256", true}, suite{"ECDHE-ECDSA-AES256-GCM-SHA384", true},
        suite{"ECDHE-ECDSA-CHACHA20-POLY1305", true}, suite{"ECDHE-ECDSA-AES128-SHA256", false},
        suite{"ECDHE-ECDSA-AES256-SHA", false}}) {
    const tls_server server({.identity = authority_.issue(), .max_version = TLS1_2_VERSION, .ciphers = name});
    const auto outcome = dial(server, context_for(trusting()));
    EXPECT_EQ(outcome.has_value(), is_spoken) << name << ": " << (outcome ? "" : outcome.error().to_string());
  }
}

TEST_F(tls_test, a_megabyte_goes_both_ways) {
  const tls_server server({.identity = authority_.issue()});
  auto dialed = dial(server, context_for(trusting()));
  ASSERT_TRUE(dialed.has_value());
  std::string data;
  for (int i = 0; data.size() < 1'000'000; ++i)
    data += std::to_string(i) + ' ';
  // The server echoes while it reads, so it is drained at the same time.
  std::string echoed;
  std::string_view rest = data;
  while (echoed.size() < data.size()) {
    if (!rest.empty()) {
      const auto written = dialed->stream.try_write(rest);
      ASSERT_NE(written.status, io_status::failed) << written.reason.message();
      if (written.status == io_status::done) rest.remove_prefix(written.bytes);
    }
    std::array<char, 4096> buffer{};
    const auto got = dialed->stream.try_read(buffer);
    if (got.status == io_status::done) {
      echoed.append(buffer.data(), got.bytes);
    } else {
      ASSERT_EQ(got.status, io_status::want_read);
      ASSERT_TRUE(!rest.empty() || wait_readable(dialed->stream));
    }
  }
  EXPECT_EQ(echoed, data);
}

TEST_F(tls_test, an_expired_certificate_is_told_with_its_date_and_names) {
  const auto failure = refusal_of(authority_.issue({.names = {"localhost"}, .valid_from = -48h, .valid_until = -24h}));
  EXPECT_EQ(failure.code, errc::certificate_expired) << failure.to_string();
  EXPECT_EQ(failure.phase, phase::tls);
  EXPECT_THAT(failure.message, HasSubstr("the certificate of localhost expired on 2"));
  EXPECT_THAT(failure.message, HasSubstr("names localhost"));
  EXPECT_THAT(failure.message, HasSubstr("issuer \"CN=test authority"));
}

TEST_F(tls_test, a_certificate_of_the_future_is_told_with_its_date) {
  const auto failure = refusal_of(authority_.issue({.valid_from = 24h, .valid_until = 48h}));
  EXPECT_EQ(failure.code, errc::certificate_expired) << failure.to_string();
  EXPECT_THAT(failure.message, HasSubstr("is not valid before 2"));
}

TEST_F(tls_test, a_self_signed_certificate_is_told) {
  const auto failure = refusal_of(emulator::make_self_signed());
  EXPECT_EQ(failure.code, errc::certificate_self_signed) << failure.to_string();
  EXPECT_THAT(failure.message, HasSubstr("is self-signed, and not among the authorities in " + ca_file_));
}

TEST_F(tls_test, a_certificate_for_another_host_is_told_with_the_names_it_is_for) {
  const auto failure = refusal_of(authority_.issue({.names = {"api.example.com", "10.0.0.1"}}));
  EXPECT_EQ(failure.code, errc::certificate_wrong_host) << failure.to_string();
  EXPECT_THAT(failure.message, HasSubstr("localhost"));
  EXPECT_THAT(failure.message, HasSubstr("it names api.example.com, 10.0.0.1"));
}

TEST_F(tls_test, a_certificate_for_another_address_is_told) {
  const auto failure = refusal_of(authority_.issue({.names = {"localhost"}}), "127.0.0.1");
  EXPECT_EQ(failure.code, errc::certificate_wrong_host) << failure.to_string();
}

TEST_F(tls_test, a_wildcard_is_for_one_level_below_it_only) {
  const tls_server server({.identity = authority_.issue({.names = {"*.example.com"}})});
  const auto verdict_on = [&](const std::string& name) {
    auto options = trusting();
    options.server_name = name;
    const auto outcome = dial(server, context_for(options));
    return outcome ? errc{} : outcome.error().code;
  };
  EXPECT_EQ(verdict_on("api.example.com"), errc{});
  EXPECT_EQ(verdict_on("a.b.example.com"), errc::certificate_wrong_host);
  EXPECT_EQ(verdict_on("example.com"), errc::certificate_wrong_host);
}

TEST_F(tls_test, an_unknown_authority_is_told_by_name) {
  const authority other("somebody else");
  const auto failure = refusal_of(other.issue());
  EXPECT_EQ(failure.code, errc::certificate_unknown_authority) << failure.to_string();
  EXPECT_THAT(failure.message, HasSubstr("was issued by \"CN=somebody else,O=warmwire\", which is not among"));
}

TEST_F(tls_test, an_unknown_authority_is_not_trusted_for_being_sent_along) {
  const authority other("somebody else");
  const tls_server server({.identity = other.issue(), .chain_pem = other.pem()});
  const auto outcome = dial(server, context_for(trusting()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::certificate_unknown_authority) << outcome.error().to_string();
}

TEST_F(tls_test, a_certificate_for_another_use_is_told) {
  const auto failure = refusal_of(authority_.issue({.use = emulator::certificate_use::clients_only}));
  EXPECT_EQ(failure.code, errc::certificate_invalid) << failure.to_string();
  EXPECT_THAT(failure.message, HasSubstr("purpose"));
}

TEST_F(tls_test, a_hostile_certificate_cannot_write_the_message) {
  std::vector<std::string> many(200, std::string(300, 'x'));
  many.front() = "localhost";
  const authority other("line\r\nfeed\x1b[31m");
  const auto failure = refusal_of(other.issue({.names = many}));
  EXPECT_EQ(failure.code, errc::certificate_unknown_authority);
  EXPECT_LT(failure.message.size(), 2'000U);
  EXPECT_THAT(failure.message, HasSubstr("and 192 more"));
  EXPECT_EQ(failure.message.find_first_of("\r\n\x1b"), std::string::npos);
}

TEST_F(tls_test, any_certificate_is_accepted_only_by_the_insecure_option) {
  const tls_server server({.identity = emulator::make_self_signed({.names = {"elsewhere"}, .valid_until = -1s})});
  EXPECT_FALSE(dial(server, context_for(trusting())).has_value());
  EXPECT_TRUE(dial(server, context_for({.insecure_accept_any_certificate = true})).has_value());
}

TEST_F(tls_test, a_name_of_its_own_is_sent_and_verified) {
  tls_server server({.identity = authority_.issue({.names = {"api.example.com"}})});
  auto options = trusting();
  options.server_name = "api.example.com";
  EXPECT_TRUE(dial(server, context_for(options)).has_value());
  EXPECT_EQ(server.handshakes().at(0).server_name, "api.example.com");
}

TEST_F(tls_test, names_are_sent_as_sni_without_a_final_dot_and_addresses_are_not) {
  tls_server server({.identity = authority_.issue()});
  const auto tls = context_for(trusting());
  for (const auto* host : {"localhost", "localhost.", "127.0.0.1"})
    EXPECT_TRUE(dial(server, tls, host).has_value());
  const auto seen = server.handshakes();
  EXPECT_EQ(seen.at(0).server_name, "localhost");
  EXPECT_EQ(seen.at(1).server_name, "localhost");
  EXPECT_EQ(seen.at(2).server_name, "");
  EXPECT_THAT(seen.at(0).alpn, testing::EndsWith("\x08http/1.1"));
}

}  // namespace
}  // namespace warmwire::test::tls_verification_test
