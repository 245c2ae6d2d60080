// A reader that stops is felt by the server.
#include "streaming.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <poll.h>
#include <thread>

namespace warmwire::test::backpressure_test {
namespace {

using asio::ip::tcp;

/// More than all buffers between two programs hold.
constexpr std::size_t all = std::size_t{64} << 20;

/// Answers one request with an event, `all` bytes of comments, and the end; tells where the reader made it wait.
class talkative_server {
 public:
  talkative_server() : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}), thread_([this] { serve(); }) {}
  talkative_server(const talkative_server&) = delete;
  talkative_server& operator=(const talkative_server&) = delete;
  ~talkative_server() { thread_.join(); }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/v1";
  }
  /// How much was written when nothing more could be; all of it if that never was.
  std::size_t wait_until_stuck() {
    stuck_.wait(false);
    return stuck_at_;
  }

 private:
  void serve() {
    auto socket = acceptor_.accept();
    std::string request;
    while (request.find("}]}") == std::string::npos && request.find("true}") == std::string::npos) {
      std::array<char, 4096> piece{};
      request.append(piece.data(), socket.read_some(asio::buffer(piece)));
    }
    send(socket,
         "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + text_chunk("first"));
    const auto comment = ':' + std::string(100'000, 'x') + '\n';
    for (std::size_t sent = 0; sent < all; sent += comment.size())
      send(socket, comment);
    send(socket, stop_chunk + done_event);
    tell_stuck();
  }

  void send(tcp::socket& socket, const std::string& bytes) {
    pollfd wanted{.fd = socket.native_handle(), .events = POLLOUT, .revents = 0};
    // A reader that takes what comes makes nobody wait for so long, unless the machine does; then nothing is proven.
    if (::poll(&wanted, 1, 1000) == 0) tell_stuck();
    asio::write(socket, asio::buffer(bytes));
    sent_ += bytes.size();
  }

  void tell_stuck() {
    if (stuck_) return;
    stuck_at_ = sent_;
    stuck_ = true;
    stuck_.notify_all();
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::size_t sent_ = 0;
  std::size_t stuck_at_ = 0;
  std::atomic<bool> stuck_ = false;
  std::thread thread_;
};

TEST(backpressure, of_a_reader_that_stops_reaches_the_server) {
  talkative_server server;
  client chats({.provider = "here", .base_url = server.url()});
  auto stream = chats.stream("hi");
  EXPECT_EQ(described(stream.next().value()), "first");
  EXPECT_LT(server.wait_until_stuck(), all / 2) << "the answer was read although nobody asked for it";
  const auto reply = stream.reply();
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->content, "first");
}

}  // namespace
}  // namespace warmwire::test::backpressure_test
