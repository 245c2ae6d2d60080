// What the TLS tests share: an authority, a client context that trusts it, and a way to dial.
#pragma once

#include "dialing.hpp"
#include "emulator/certificates.hpp"
#include "emulator/temporary_directory.hpp"
#include "tls_server.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace warmwire::test {

class tls_test : public testing::Test {
 protected:
  tls_options trusting() const { return {.ca_file = ca_file_}; }

  static std::shared_ptr<net::tls_context> context_for(const tls_options& options) {
    return net::tls_context::make(options).value();
  }

  result<net::dialed> dial(const tls_server& server, std::shared_ptr<net::tls_context> tls,
                           const std::string& host = "localhost") {
    net::dial_request request{.target = {.host = host, .port = server.port()}};
    request.tls = std::move(tls);
    request.session_key = "key";
    return dial_now(io_, request);
  }

  /// What dialing a server with this identity fails with.
  error refusal_of(emulator::identity identity, const std::string& host = "localhost") {
    const tls_server server({.identity = std::move(identity)});
    auto outcome = dial(server, context_for(trusting()), host);
    return outcome ? error{.message = "it was accepted"} : outcome.error();
  }

  boost::asio::io_context io_{1};
  const emulator::authority authority_{"test authority"};
  const emulator::temporary_directory files_;
  const std::string ca_file_ = files_.write("ca.pem", authority_.pem());
};

}  // namespace warmwire::test
