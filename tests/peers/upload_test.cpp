// Uploads in small pieces to servers that give back small windows, as Go's does for each read of its handler: neither
// the upload nor what else is on its connection may be taken for a part of an attack.
#include "tests/peers/client.hpp"
#include "tests/peers/servers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

namespace warmwire::test::upload_test {
namespace {

struct go_http2 : peer_test {
  go_http2() : peer_test({"go", "env"}) {}
};

struct node_http2 : peer_test {
  node_http2() : peer_test({"node"}) {}
};

pool_options one_connection() {
  pool_options options;
  options.protocol = http_protocol::http2;
  options.max_h2_connections = 1;
  return options;
}

/// `total` bytes, so many at a time.
body_source in_pieces(std::size_t piece, std::size_t total) {
  const auto left = std::make_shared<std::size_t>(total);
  return {[piece, left](const body_source::chunk_handler& done) {
            const auto size = std::min(piece, *left);
            *left -= size;
            done(std::string(size, 'x'));
          },
          std::nullopt};
}

struct upload {
  std::string path;
  std::size_t piece;
  std::size_t total;
};

/// All at once, over one connection.
void expect_all_arrive(client& test, const std::vector<upload>& uploads) {
  std::size_t left = uploads.size();
  test.run([&]() -> awaitable<void> {
    for (const auto& each : uploads) {
      auto message = test.post(each.path);
      message.body = in_pieces(each.piece, each.total);
      test.pools.async_send(std::move(message), [&, each](const result<response>& got) {
        EXPECT_TRUE(got.has_value()) << each.path << ": " << got.error().to_string();
        if (got) {
          EXPECT_EQ(got->body, std::to_string(each.total)) << each.path << " in pieces of " << each.piece;
        }
        --left;
      });
    }
    co_await test.until([&] { return left == 0; });
  });
  EXPECT_EQ(test.stats().opened, 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().replayed, 0U) << test.stats().to_string();
}

/// Go closes a connection for which 10,000 of its own frames wait, which readers of single bytes can bring about: so no
/// upload here leads to as many.
TEST_F(go_http2, an_upload_in_small_pieces_and_its_siblings_arrive) {
  const auto server = start_go();
  const upload sibling{"/large", 100'000, 1'000'000};
  for (const auto& each : {upload{"/1", 1'000, 4'000}, upload{"/7", 1'000, 28'000}, upload{"/100", 100'000, 400'000},
                           upload{"/512", 1'000'000, 2'000'000}, upload{"/4096", 100'000, 8'000'000},
                           upload{"/large", 1, 4'000}, upload{"/large", 10, 40'000}}) {
    client test(server.origin(), server.files().ca(), one_connection());
    expect_all_arrive(test, {sibling, each});
  }
}

TEST_F(node_http2, uploads_in_small_pieces_and_their_siblings_arrive) {
  const auto server = start_node();
  client test(server.origin(), server.files().ca(), one_connection());
  expect_all_arrive(test, {{"/", 1, 5'000}, {"/", 10, 50'000}, {"/", 100, 500'000}, {"/", 1'000'000, 4'000'000}});
}

TEST_F(node_http2, a_program_that_flushes_after_each_byte_is_read_to_its_end) {
  const auto server = start_node();
  client test(server.origin(), server.files().ca(), one_connection());
  test.run([&]() -> awaitable<void> {
    const auto got = co_await test.send(test.get("/flush/2000"));
    EXPECT_TRUE(got.has_value()) << got.error().to_string();
    if (got) {
      EXPECT_EQ(got->body.size(), 2'000U);
    }
  });
}

}  // namespace
}  // namespace warmwire::test::upload_test
