// A live HTTP/1.1 connection whose peer follows the input: bytes in pieces, then an end, a reset or silence. What comes
// out is what the parser alone makes of the same bytes, and nothing of the connection is left behind.
#include "connection/h1_connection.hpp"
#include "http/url.hpp"
#include "tests/fuzz/fuzzing.hpp"
#include "tests/fuzz/live_peer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace warmwire;
using connection::h1_connection;
using connection::response_parser;
using fuzz::finale;
using fuzz::require;

struct outcome {
  std::optional<errc> failure{};
  int status = 0;
  std::string body{};
  std::size_t fields = 0;

  friend bool operator==(const outcome&, const outcome&) = default;
};

template <class Response>  // a parser's or a connection's
outcome look(Response& response, std::optional<errc> failure, std::string body) {
  if (failure) return {.failure = failure};
  return {.failure = {}, .status = response.status(), .body = std::move(body), .fields = response.headers().size()};
}

/// What is to come of it by the parser alone.
outcome expected(response_parser& parser, std::string_view bytes, finale how) {
  if (auto fed = parser.feed(bytes); !fed) return {.failure = fed.error().code};
  if (!parser.is_done()) {
    if (how == finale::silence) return {.failure = errc::cancelled};
    if (how == finale::reset) return {.failure = bytes.empty() ? errc::connection_lost : errc::stream_interrupted};
    const auto ended = parser.feed_end(response_parser::ending::in_order);
    if (!ended) return {.failure = ended.error().code};
  }
  return look(parser, std::nullopt, parser.body());
}

class scripted_exchange {
 public:
  scripted_exchange(boost::asio::io_context& io, std::size_t buffer_bytes) : io_(io) {
    connection_ = std::make_shared<h1_connection>(net::stream(peer_.connect(io)), connection::birth{},
                                                  std::make_shared<connection::read_buffer>(buffer_bytes), nullptr);
    connection_->belong_to(owner_, pool::connection_id{1});
  }

  ~scripted_exchange() {
    connection_->close(net::farewell::announce);
    const std::weak_ptr<h1_connection> watched = connection_;
    stream_.reset();
    connection_.reset();
    poll();
    require(watched.expired(), "a closed connection is gone");
  }

  void start(const http::request_head& head, fuzz::reading how) {
    request_.emplace(std::string(head.method).append(" / HTTP/1.1\r\n\r\n"), "");
    ended_.reset();
    body_.clear();
    stream_ = connection_->open_stream();
    stream_->begin(head, *request_);
    boost::asio::co_spawn(io_, fuzz::read_response(stream_, how, body_),
                          [this](const std::exception_ptr& thrown, result<void> outcome) {
                            require(!thrown, "nothing is thrown");
                            ended_ = std::move(outcome);
                          });
    poll();
    require(peer_.unread().ends_with(std::string(head.method).append(" / HTTP/1.1\r\n\r\n")), "the request is sent");
  }

  void poll() {
    io_.restart();
    io_.poll();
  }

  /// What comes behind the end of the exchange comes at once: nobody reads it, and small pieces would fill the socket.
  void send_in_pieces(std::string_view bytes, fuzz::dice& random) {
    for (const auto piece : fuzz::random_pieces(bytes, random)) {
      if (ended_) break;
      require(peer_.send(piece), "the connection is open until the exchange ends");
      bytes.remove_prefix(piece.size());
      poll();
    }
    require(peer_.send(bytes), "the connection is open until it is closed");
    poll();
  }

  outcome finish(finale how) {
    peer_.finish(how);
    poll();
    if (!ended_) {
      require(how == finale::silence, "an exchange ends with its connection");
      stream_->interrupt();
      poll();
    }
    require(ended_.has_value(), "an exchange ends when it is interrupted");
    if (!*ended_) require(fuzz::is_one_line(ended_->error().message), "a message has no control characters");
    return look(*stream_, *ended_ ? std::nullopt : std::optional(ended_->error().code), body_);
  }

  /// Ends the exchange as its user does. Whether the connection can carry another one.
  bool release() {
    const auto why = *ended_ ? std::nullopt : std::optional(stream_->fate());
    const bool is_fit = !stream_->end(why).unfit;
    stream_.reset();
    return is_fit && !connection_->probe();
  }

  /// The idle connection takes nothing for an answer that nobody asked for.
  void check_idle() {
    connection_->watch();
    poll();
    require(!owner_->ended, "nothing has happened");
    require(peer_.send("HTTP/1.1 200 OK\r\n\r\n"), "it is open");
    poll();
    require(owner_->ended == close_reason::unsolicited_bytes, "bytes that nobody asked for are noticed");
  }

 private:
  boost::asio::io_context& io_;
  fuzz::live_peer peer_;
  std::shared_ptr<fuzz::listening_owner> owner_ = std::make_shared<fuzz::listening_owner>();
  std::shared_ptr<h1_connection> connection_;
  std::optional<connection::outgoing> request_;
  std::shared_ptr<connection::http_stream> stream_;
  std::string body_;
  std::optional<result<void>> ended_;
};

void run(boost::asio::io_context& io, std::string_view bytes, fuzz::dice& random) {
  static const auto url = *http::parse_url("http://a/");
  static const headers none;
  const auto how = static_cast<finale>(random.below(3));
  const http::request_head head{
      .method = random.below(4) == 0 ? "HEAD" : "GET", .url = url, .fields = none, .user_agent = {}};
  response_parser parser;
  parser.begin({.answers_head = head.method == "HEAD"});
  const auto wanted = expected(parser, bytes, how);
  scripted_exchange exchange(io, 1 + random.below(300));
  // Once more on the same connection, if it is good for that.
  for (int round = 0; round < 2; ++round) {
    const auto reading = random.below(2) == 0 ? fuzz::reading::at_once : fuzz::reading::by_and_by;
    exchange.start(head, reading);
    exchange.send_in_pieces(bytes, random);
    const auto seen = exchange.finish(how);
    // How much of a body comes before its limit is noticed depends on the pieces.
    const bool is_too_large = seen.failure == errc::response_too_large && reading == fuzz::reading::at_once &&
                              parser.body_bytes() > fuzz::most_at_once;
    // A broken head may be noticed late, or not before the end.
    const bool has_broken_head = wanted.failure && !parser.is_head_done() && seen.failure;
    require(is_too_large || has_broken_head || seen == wanted, "a connection gives what its bytes mean");
    if (!exchange.release()) return;
    require(!seen.failure && parser.is_persistent(), "a connection in doubt is not used again");
    require(!parser.has_leftover(), "bytes behind the response are noticed before the next request");
    require(how == finale::silence, "an end is noticed before the next request");
  }
  exchange.check_idle();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static boost::asio::io_context io(1);
  const auto bytes = fuzz::as_text(data, size);
  fuzz::dice random(bytes);
  run(io, bytes, random);
  return 0;
}
