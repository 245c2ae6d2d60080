// Which hosts are reached without crossing networks of others.
#include "http/private_host.hpp"

#include <gtest/gtest.h>

namespace warmwire::http::private_host_test {
namespace {

TEST(private_host, is_this_machine_or_on_a_private_network) {
  for (const auto* host : {"localhost",
                           "localhost.",
                           "a.localhost",
                           "127.0.0.1",
                           "127.255.0.9",
                           "::1",
                           "::",
                           "0.0.0.0",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "100.127.0.1",
                           "fd00::1",
                           "fc00::1",
                           "fe80::1",
                           "febf::1",
                           "::ffff:10.0.0.1",
                           "ollama",
                           "nas.local",
                           "vm.internal",
                           "box.home.arpa"}) {
    EXPECT_TRUE(is_private_host(host)) << host;
  }
}

TEST(private_host, is_nothing_else) {
  for (const auto* host : {"api.openai.com",
                           "example.com.",
                           "8.8.8.8",
                           "11.0.0.1",
                           "9.255.255.255",
                           "172.15.0.1",
                           "172.32.0.1",
                           "192.167.0.1",
                           "192.169.0.1",
                           "100.63.0.1",
                           "100.128.0.1",
                           "126.0.0.1",
                           "128.0.0.1",
                           "2001:db8::1",
                           "fec0::1",
                           "fbff::1",
                           "::ffff:8.8.8.8",
                           "::2",
                           "localhost.example.com",
                           "127.0.0.1.example.com",
                           "mylocal.com",
                           "10.0.0.1.nip.io"}) {
    EXPECT_FALSE(is_private_host(host)) << host;
  }
}

}  // namespace
}  // namespace warmwire::http::private_host_test
