// What surrounds a connection that a fuzz target keeps alive: its peer, its owner, and whoever reads a response.
#pragma once

#include "connection/http_connection.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace warmwire::fuzz {

/// How a peer ends, when it has said all that it says.
enum class finale : std::uint8_t { in_order, reset, silence };

class live_peer {
 public:
  live_peer() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) != 0) std::abort();
  }
  live_peer(const live_peer&) = delete;
  live_peer& operator=(const live_peer&) = delete;
  ~live_peer() { close(); }

  /// The socket for the connection. Once.
  [[nodiscard]] boost::asio::ip::tcp::socket connect(boost::asio::io_context& io) const {
    return {io, boost::asio::ip::tcp::v4(), ends_[0]};
  }
  /// False when the connection is gone.
  bool send(std::string_view bytes) const {
    return ::send(ends_[1], bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// What it was sent, and leaves it unread.
  [[nodiscard]] std::string unread() const { return receive(MSG_PEEK); }
  [[nodiscard]] std::string read() const { return receive(0); }
  void end() const { ::shutdown(ends_[1], SHUT_WR); }
  /// If it has unread bytes, the other end gets ECONNRESET behind what was sent.
  void close() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  void finish(finale how) {
    if (how == finale::in_order) end();
    if (how == finale::reset) close();
  }

 private:
  [[nodiscard]] std::string receive(int flags) const {
    std::string bytes(std::size_t{16} << 10U, '\0');
    const auto count = ::recv(ends_[1], bytes.data(), bytes.size(), MSG_DONTWAIT | flags);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }

  std::array<int, 2> ends_{};
};

/// What the pool of a connection would hear.
class listening_owner final : public connection::connection_owner {
 public:
  void on_ended(pool::connection_id, close_reason reason) override {
    require(!ended, "an end is told once");
    ended = reason;
  }
  void on_stream_limit(pool::connection_id, std::size_t streams) override {
    require(!ended, "nothing is told after the end");
    require(limit != streams, "only news are told");
    limit = streams;
  }
  void on_draining(pool::connection_id, close_reason) override {
    require(!ended && !is_draining, "that a connection drains is told once, before its end");
    is_draining = true;
  }
  void on_turned_away(pool::connection_id which, std::uint64_t) override { on_draining(which, close_reason::goaway); }
  void on_stream_free(pool::connection_id) override {
    require(!ended && held > 0, "a place that was held becomes free once, before the end");
    --held;
  }

  std::optional<close_reason> ended;
  std::optional<std::size_t> limit;
  bool is_draining = false;
  std::size_t held = 0;  ///< places of streams, counted by whoever ends them
};

/// The longest body that is taken at once.
constexpr std::size_t most_at_once = 2000;

enum class reading : std::uint8_t { at_once, by_and_by };

/// Reads a whole response into `body`: at once, as for a caller who wants all of it, or as it comes.
inline boost::asio::awaitable<result<void>> read_response(std::shared_ptr<connection::http_stream> from, reading how,
                                                          std::string& body) {
  using connection::goal;
  auto got = co_await from->advance(how == reading::at_once ? goal::whole_body : goal::head, most_at_once);
  while (got && !from->is_done()) {
    got = co_await from->advance(goal::some_body, std::string().max_size());
    body += std::exchange(from->body(), {});
  }
  body += std::exchange(from->body(), {});
  co_return got;
}

}  // namespace warmwire::fuzz
