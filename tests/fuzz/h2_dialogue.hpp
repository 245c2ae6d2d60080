// An HTTP/2 session in talk with a server that says what a fuzz target makes of its input.
#pragma once

#include "connection/h2_session.hpp"
#include "connection/outgoing.hpp"
#include "http/ascii.hpp"
#include "http/url.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace warmwire::fuzz {

class h2_dialogue {
 public:
  /// How the server's bytes are cut into pieces; it is to make no difference.
  enum class cut : std::uint8_t { not_at_all, byte_by_byte, at_random };

  explicit h2_dialogue(cut how) : how_(how) { write_out(); }

  // The client

  void open(std::string_view method, std::size_t body_bytes) {
    if (exchanges_.size() >= max_exchanges) return;
    auto& made = *exchanges_.emplace_back(std::make_unique<exchange>(body_bytes));
    made.bytes.begin(connection::outgoing::form::http_2);
    session_.open(made.stream,
                  {.method = method,
                   .url = url_,
                   .fields = fields_,
                   .framing = body_bytes > 0 ? http::framing::length : http::framing::none,
                   .body_length = body_bytes,
                   .user_agent = "fuzz"},
                  made.bytes);
  }
  void reset(std::size_t which) {
    if (which < exchanges_.size() && exchanges_[which]->stream.is_open()) session_.reset(exchanges_[which]->stream);
  }
  void take_body(std::size_t which, std::size_t most) {
    if (which >= exchanges_.size()) return;
    auto& from = *exchanges_[which];
    from.taken += from.stream.take_body(most);
  }
  void ping() {
    if (!session_.is_dead()) session_.ping(now_);
  }
  void wait(std::chrono::seconds passed) { now_ += passed; }

  void write_out() {
    for (auto bytes = session_.output(); !bytes.empty(); bytes = session_.output()) {
      written_.append(bytes.data(), bytes.size());
      session_.consume(bytes.size());
    }
  }

  // The server

  void say(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, next_piece());
      bytes.remove_prefix(piece.size());
      feed(piece);
    }
    for (auto& each : exchanges_)
      check(*each);
  }
  void say_at_once(std::string_view bytes) {
    feed(bytes);
    for (auto& each : exchanges_)
      check(*each);
  }

  // The end

  /// All that can be seen, but for the pace at which the client gives credit.
  [[nodiscard]] std::string outcome() {
    std::string seen = session_.is_dead() ? "dead" : "alive";
    seen.append(" limit ").append(std::to_string(session_.peer_stream_limit()));
    if (const auto& goaway = session_.goaway()) {
      require(is_one_line(goaway->text), "what a GOAWAY says has no control characters");
      seen.append(" goaway ").append(goaway->text);
    }
    for (auto& each : exchanges_)
      seen.append("\n").append(describe(*each));
    write_out();
    return seen.append("\n").append(frames_written());
  }

 private:
  static constexpr std::size_t max_exchanges = 50;
  static constexpr std::size_t default_window = 65'535;  // RFC 9113 §6.9.2
  static constexpr std::size_t longest_frame = 16'384;   // RFC 9113 §6.5.2

  struct exchange {
    explicit exchange(std::size_t body_bytes) : body(body_bytes, 'b'), bytes("", body) {}
    std::string body;
    connection::outgoing bytes;
    std::string taken;
    connection::h2_stream stream;
  };

  std::size_t next_piece() {
    if (how_ == cut::not_at_all) return std::string_view::npos;
    return how_ == cut::byte_by_byte ? 1 : 1 + random_.below(20);
  }

  void feed(std::string_view piece) {
    const auto fed = session_.feed({piece.data(), piece.size()}, now_);
    if (!fed) check_violation(fed.error());
  }

  void check_violation(const error& reason) {
    require(reason.code == errc::http2_violation, "feed() fails with the documented error");
    require(is_one_line(reason.message), "a message has no control characters");
    require(session_.is_dead() && session_.open_streams() == 0, "a violation ends the session and its streams");
  }

  void check(exchange& seen) {
    auto& stream = seen.stream;
    // The frame that overran the window has come already when that is noticed.
    const auto most = default_window + (stream.failure() ? longest_frame : 0);
    require(stream.body_bytes() <= seen.taken.size() + most, "no more is kept of a body than its window");
    require(!stream.failure() || !stream.is_open(), "a failed stream has ended");
    require(!stream.failure() || !stream.failure()->message.empty(), "a failure says something");
    require(!stream.failure() || is_one_line(stream.failure()->message), "a message has no control characters");
    require(!stream.is_done() || stream.is_head_done(), "a response has a head");
    if (!stream.is_head_done()) return;
    require(stream.status() >= 200 && stream.status() <= 999, "a final status has three digits and is no interim one");
    for (const auto& [name, value] : stream.headers()) {
      require(http::is_token(name) && std::none_of(name.begin(), name.end(), is_upper), "a name is a lower-case token");
      require(http::is_field_value(value), "a field's value has no control characters");
    }
  }

  static bool is_upper(char c) { return http::to_lower(c) != c; }

  std::string describe(exchange& seen) {
    auto& stream = seen.stream;
    check(seen);
    seen.taken += stream.take_body();
    require(stream.body_bytes() == seen.taken.size(), "body_bytes() counts what was taken");
    std::string text = "status " + std::to_string(stream.status());
    for (const auto& [name, value] : stream.headers())
      text.append(" ").append(name).append("=").append(value);
    if (const auto& failure = stream.failure()) text.append(" ").append(failure->to_string());
    for (const bool flag : {stream.has_begun(), stream.is_head_done(), stream.is_done(), stream.is_open(),
                            stream.is_unprocessed(), stream.was_refused(), stream.is_request_finished()})
      text.append(flag ? " 1" : " 0");
    // How much of a body came before it was found wrong depends on the pieces.
    return stream.failure() ? text : text.append(" body ").append(seen.taken);
  }

  /// Reads what the client wrote, strictly; its WINDOW_UPDATEs left out, and the RST_STREAMs of a session that is dead:
  /// a stream may be found broken before its frame is whole, and the connection by the frame's end.
  [[nodiscard]] std::string frames_written() const {
    constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    constexpr std::uint8_t rst_stream = 3;
    constexpr std::uint8_t push_promise = 5;
    constexpr std::uint8_t window_update = 8;
    constexpr std::uint8_t continuation = 9;
    std::string_view rest = written_;
    require(rest.starts_with(preface), "a client begins with its preface");
    rest.remove_prefix(preface.size());
    std::string kept;
    while (!rest.empty()) {
      require(rest.size() >= 9, "a frame is whole");
      const auto byte = [rest](std::size_t at) { return static_cast<std::uint8_t>(rest[at]); };
      const std::size_t length = std::size_t{byte(0)} << 16U | std::size_t{byte(1)} << 8U | byte(2);
      require(length <= longest_frame && rest.size() >= 9 + length, "a frame is whole and not too long");
      require(byte(3) <= continuation && byte(3) != push_promise, "a client sends frames of a client");
      const bool is_on_stream = (byte(5) | byte(6) | byte(7) | byte(8)) != 0;
      require(!is_on_stream || byte(8) % 2 == 1, "a client's streams are odd");
      const bool is_left_out = byte(3) == window_update || (byte(3) == rst_stream && session_.is_dead());
      if (!is_left_out) kept.append(rest.substr(0, 9 + length));
      rest.remove_prefix(9 + length);
    }
    return kept;
  }

  const cut how_;
  const http::url url_ = *http::parse_url("https://a/");
  const headers fields_{};
  dice random_{"pieces"};
  pool::time_point now_{std::chrono::hours(1)};
  std::string written_;
  connection::h2_session session_{{.stream_window_bytes = 1000, .connection_window_bytes = default_window}};
  std::vector<std::unique_ptr<exchange>> exchanges_;  // whose streams leave the session before it goes
};

/// Holds the same dialogue with every cut, and compares what comes of it.
template <class Talk>
void hold_dialogues(const Talk& talk) {
  std::string first;
  for (const auto how : {h2_dialogue::cut::not_at_all, h2_dialogue::cut::byte_by_byte, h2_dialogue::cut::at_random}) {
    h2_dialogue dialogue(how);
    talk(dialogue);
    const auto seen = dialogue.outcome();
    if (first.empty()) first = seen;
    require_equal(first, seen, "the result does not depend on how the bytes were cut");
  }
}

}  // namespace warmwire::fuzz
