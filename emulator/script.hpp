// The faults that the emulator commits on command: plain values, written as text (docs/emulator.md) or built in C++.
#pragma once

#include "emulator/event_faults.hpp"
#include "emulator/h2_faults.hpp"

#include <warmwire/error.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace warmwire::emulator {

/// What a rule is for; all that is set must match. Numbers count from 1.
struct selector {
  std::optional<std::uint64_t> request{};     ///< the N-th request to arrive
  std::optional<std::uint64_t> every{};       ///< every N-th request (every N-th connection, see `fault::moment`)
  std::optional<std::uint64_t> connection{};  ///< the connection's number
  std::optional<std::uint64_t> connection_request{};  ///< the K-th request of its connection
  std::string path{};                                 ///< how the request's target begins
  std::optional<std::uint64_t> times{};               ///< the rule is used up after so many matches
};

/// The actions of a rule. Unless said otherwise an action leaves everything else of the answer as it would have been.
namespace fault {

/// Adds to the server time.
struct delay {
  std::chrono::microseconds duration{};
};

/// Answers with this status; without a `body` action the body is an error as the provider of the path writes it.
struct status {
  unsigned code = 500;
  std::string word{};  ///< the provider's own for the error: OpenAI's code, Anthropic's type, Google's status
};

/// Sets a header field of the answer; without a value, removes it.
struct header {
  std::string name;
  std::string value{};
};

/// Replaces the body of the answer.
struct body {
  std::string text;
};

/// Sends exactly these bytes as the answer.
struct raw {
  std::string bytes;
};

/// Sends interim responses (1xx) first.
struct interim {
  unsigned code = 100;
  unsigned times = 1;
};

/// Answers when the request's head has come and reads its body afterwards. Needs `status` or `raw`.
struct early {};

enum class body_framing : std::uint8_t { length, chunked, until_close };

/// How the end of the body is told.
struct framing {
  body_framing kind = body_framing::length;
};

/// Answers as an HTTP/1.0 server: that version, no chunks, `Connection: keep-alive` only when the client asked for it.
struct http_1_0 {};

enum class malformation : std::uint8_t {
  conflicting_lengths,  ///< two different Content-Length fields
  length_and_chunked,   ///< Content-Length beside Transfer-Encoding
  chunk_size,           ///< a chunk size that is not a number
  chunk_overflow,       ///< a chunk size of more than 64 bits
  huge_head,            ///< a header section of more than 64 KiB
  status_line,          ///< a status line that is not HTTP
  nul_in_header,        ///< a header value that holds NUL
  short_length,         ///< Content-Length is one less than the body has
  long_length,          ///< Content-Length is one more than the body has
};

/// Breaks HTTP in one way.
struct malformed {
  malformation kind = malformation::conflicting_lengths;
};

/// Sends head and body in pieces of so many bytes, one per interval.
struct slow {
  std::size_t bytes = 1;
  std::chrono::microseconds interval{};
};

/// Sends bytes that nobody asked for.
struct stray {
  enum class placement : std::uint8_t {
    with_response,  ///< in the same write as the end of the response
    idle,           ///< in a write of its own, when the connection has been idle for `after`
  };
  std::string bytes;
  placement where = placement::idle;
  std::chrono::microseconds after{};
};

enum class ending : std::uint8_t {
  close,       ///< close_notify (with TLS) and FIN; whatever the client sends afterwards is answered by RST
  truncate,    ///< as close, without the close_notify
  half_close,  ///< close_notify and FIN, but goes on reading and never answers again
  reset,       ///< RST
  stall,       ///< never another byte, the connection stays open
  vanish,      ///< every packet of the client is dropped from now on: no ACK, no FIN, no RST, until the server stops
  mute,        ///< as stall; on HTTP/2 the whole connection, where stall is the stream's alone
};

enum class moment : std::uint8_t {
  before_response,  ///< the whole request was read
  after_head,       ///< the head of the request was read, its body was not
  in_body,          ///< after so many bytes, or events, of the response's body
  idle,             ///< after the response, when the connection has been idle for a time
  accept,           ///< the connection was just accepted
  handshake,        ///< the client's first handshake message was read; TLS only
};

/// Ends or silences the connection. At the moments `accept` and `handshake` it is the only action of its rule, and
/// the selector's `every` counts connections.
struct end {
  ending how = ending::close;
  moment when = moment::before_response;
  std::uint64_t body_bytes = 0;           ///< for `in_body`
  std::chrono::microseconds after{};      ///< for `idle`
  std::optional<std::uint64_t> events{};  ///< for `in_body`, instead of bytes
};

}  // namespace fault

using action =
    std::variant<fault::delay, fault::status, fault::header, fault::body, fault::raw, fault::interim, fault::early,
                 fault::framing, fault::http_1_0, fault::malformed, fault::slow, fault::stray, fault::end, fault::rst,
                 fault::refuse, fault::goaway, fault::settings, fault::no_pong, fault::slow_window, fault::flood,
                 fault::overflow_window, fault::push, fault::bad_frame, fault::retry_after, fault::cut,
                 fault::no_terminal, fault::malformed_event, fault::error_event, fault::noise, fault::duplicate_usage,
                 fault::event_delay, fault::event_bytes, fault::line_ends, fault::byte_order_mark, fault::multi_line,
                 fault::compress>;

struct rule {
  selector when;
  std::vector<action> actions;
};

/// Every rule that matches is applied, in order; where two contradict each other the later one decides.
struct script {
  std::vector<rule> rules;
};

/// Reads the language of docs/emulator.md. Error: `invalid_option`, naming the line, what is wrong and what is allowed.
[[nodiscard]] result<script> parse_script(std::string_view text);

/// The version of HTTP that an action is for; nothing when it has a meaning in both.
enum class http_version : std::uint8_t { http1, http2 };
[[nodiscard]] std::optional<http_version> only_version(const action& judged);

/// Says what is wrong with a rule whose parts do not go together, such as `early` without an answer; nothing when it
/// is sound. `parse_script` and the server check each rule.
[[nodiscard]] std::optional<std::string> find_contradiction(const rule& checked);

}  // namespace warmwire::emulator
