// A connection whose peer sends without end leaves the event loop to others all the same.
#include "connection/h1_connection.hpp"
#include "http/url.hpp"
#include "tests/turn_watch.hpp"
#include "wire.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace warmwire::test::turns_test {
namespace {

namespace asio = boost::asio;

/// A connection whose peer has sent all of it before anything is read, and which reads little at once.
class full_socket {
 public:
  explicit full_socket(std::size_t buffer_bytes) {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) != 0) throw std::runtime_error("socketpair");
    connection_ = std::make_shared<connection::h1_connection>(
        net::stream(asio::ip::tcp::socket(loop, asio::ip::tcp::v4(), ends_[0])), connection::birth{},
        std::make_shared<connection::read_buffer>(buffer_bytes), nullptr);
  }
  full_socket(const full_socket&) = delete;
  full_socket& operator=(const full_socket&) = delete;
  ~full_socket() { ::close(ends_[1]); }

  void receive(std::string_view bytes) const {
    ASSERT_EQ(::send(ends_[1], bytes.data(), bytes.size(), MSG_DONTWAIT), static_cast<ssize_t>(bytes.size()));
  }

  /// Reads the response to its end; how often others had a turn meanwhile.
  std::size_t turns_until_done() {
    const auto url = http::parse_url("http://a.test/").value();
    const headers none;
    const http::request_head head{"GET", url, none, http::framing::none, 0, "", std::chrono::milliseconds(1000)};
    connection::outgoing bytes("GET / HTTP/1.1\r\n\r\n", "");
    auto stream = connection_->open_stream();
    stream->begin(head, bytes);
    std::optional<result<void>> ended;
    std::size_t turns = 0;
    std::function<void()> other = [&] {
      if (ended) return;
      ++turns;
      asio::post(loop, other);
    };
    asio::co_spawn(loop, stream->advance(connection::goal::whole_body, std::size_t{1} << 20),
                   [&](const std::exception_ptr&, result<void> how) { ended = std::move(how); });
    asio::post(loop, other);
    loop.run_for(hang);
    EXPECT_TRUE(ended && ended->has_value());
    body_bytes = stream->body_bytes();
    (void)stream->end(close_reason::server_close);
    connection_->close(net::farewell::silent);
    return turns;
  }

  asio::io_context loop{1};
  std::uint64_t body_bytes = 0;

 private:
  std::array<int, 2> ends_{};
  std::shared_ptr<connection::h1_connection> connection_;
};

TEST(turns, a_response_that_has_no_end_yet_is_not_read_in_one_turn) {
  constexpr std::size_t at_once = 16;
  full_socket test(at_once);
  const std::string body(40'000, 'x');
  test.receive("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n");
  test.receive(body);
  EXPECT_GE(test.turns_until_done(), body.size() / at_once / 16) << "after sixteen reads it is the turn of others";
  EXPECT_EQ(test.body_bytes, body.size());
}

/// The longest turn in which a request to `path` is answered.
std::chrono::milliseconds longest_turn(http_protocol protocol, const std::string& path, pool_options options = {}) {
  options.protocol = protocol;
  wire test({}, options);
  asio::co_spawn(
      test.loop,
      [&]() -> awaitable<void> {
        EXPECT_TRUE((co_await test.send(test.get(path))).has_value());
        auto opened = co_await test.pools.async_open(test.get(path), use_awaitable);
        while (!(co_await opened->async_read(use_awaitable)).value().empty()) {
        }
        (void)co_await test.pools.async_close_all(0ms, use_awaitable);
      },
      [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  turn_watch watch(test.loop);
  watch.run_for(hang);
  EXPECT_TRUE(test.loop.stopped());
  return watch.longest();
}

TEST(turns, no_turn_is_long_however_much_comes) {
  for (const auto protocol : {http_protocol::http1, http_protocol::http2}) {
    EXPECT_LE(longest_turn(protocol, "/bytes/60000000"), longest_worst_turn);
    EXPECT_LE(longest_turn(protocol, "/chunked/300000/1"), longest_worst_turn);
  }
}

}  // namespace
}  // namespace warmwire::test::turns_test
