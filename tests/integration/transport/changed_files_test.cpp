// Files that the TLS options name and that are written anew: a handshake reads them again, and `configure` closes what
// was connected under the old ones.
#include "emulator/certificates.hpp"
#include "emulator/temporary_directory.hpp"
#include "wire.hpp"

#include <fstream>
#include <iterator>

namespace warmwire::test::changed_files_test {
namespace {

std::string content_at(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct changed_files : testing::Test {
  const emulator::authority stranger{"a stranger"};
  emulator::temporary_directory files;
  pool_options options = [this] {
    pool_options made;
    made.tls.emplace().ca_file = files.write("ca.pem", stranger.pem());
    made.protocol = http_protocol::http1;
    return made;
  }();
};

TEST_F(changed_files, what_was_connected_under_other_authorities_is_closed) {
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    files.write("ca.pem", content_at(test.server.ca_file()));
    EXPECT_TRUE(test.pools.configure("default", options));
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    EXPECT_TRUE(test.pools.configure("default", options));
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused) << "nothing has changed";
    files.write("ca.pem", stranger.pem());
    EXPECT_TRUE(test.pools.configure("default", {})) << "whatever is configured";
    EXPECT_EQ(test.stats().idle, 0U);
    EXPECT_EQ(test.stats().closed_for(close_reason::closed_by_user), 1U);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::certificate_unknown_authority);
  });
}

TEST_F(changed_files, one_that_cannot_be_read_any_more_is_an_error_and_what_was_read_of_it_stays) {
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    files.write("ca.pem", content_at(test.server.ca_file()));
    EXPECT_TRUE(test.pools.configure("default", options));
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    files.write("ca.pem", "no certificate");
    const auto changed = test.pools.configure("default", options);
    EXPECT_FALSE(changed);
    if (!changed) {
      EXPECT_EQ(changed.error().code, errc::invalid_option);
    }
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
}

}  // namespace
}  // namespace warmwire::test::changed_files_test
