// Parses one HTTP/1.x response after the other from the bytes of a connection (RFC 9112). Pure: no socket, no clock.
// What it takes and what it refuses, and why, is in docs/accepting.md.
#pragma once

#include "connection/body_framing.hpp"
#include "http/keep_alive.hpp"

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::connection {

inline constexpr std::size_t max_header_section_bytes = std::size_t{64} << 10;
inline constexpr int max_interim_responses = 16;
/// Some servers send an empty line behind a body; it comes in front of the response after it.
inline constexpr int max_empty_lines = 8;

/// What the lines of chunks may hold beyond `free_chunk_line_bytes` each: extensions, which say nothing to us, and
/// zeros. A server's signatures are well below it; more is made to be read for ever.
inline constexpr std::size_t max_chunk_line_bytes = std::size_t{16} << 10;
inline constexpr std::uint64_t free_chunk_line_bytes = 16;
inline constexpr std::uint64_t free_chunk_overhead = std::uint64_t{16} << 10;  ///< and twice the body

/// What a response's method and the reader allow.
struct response_rules {
  bool answers_head = false;  ///< the response to HEAD has no body whatever its length says (RFC 9110 §9.3.2)
};

class response_parser {
 public:
  /// Forgets the response before and waits for the next one. Everything below is for between `begin` and `release`.
  void begin(const response_rules& rules);
  /// Frees what the response took: an idle connection holds nothing of it.
  void release();

  /// Takes all of `bytes`; what comes of the body is appended to `body()`. Bytes behind the end of the response stay
  /// uncounted for: see `has_leftover()`. Errors: `header_section_too_large`, `conflicting_length`, `invalid_chunk`,
  /// `malformed_response`.
  result<void> feed(std::string_view bytes);
  /// The connection ended in order. Errors: `connection_lost` when no byte of the response had come,
  /// `stream_interrupted` when it was not complete. `truncatable` says that TLS did not vouch for the end
  /// (RFC 9112 §9.8).
  enum class ending { in_order, truncatable };
  result<void> feed_end(ending how);

  [[nodiscard]] bool has_begun() const noexcept { return begun_; }  ///< a byte (of interim ones, too) has come
  /// A byte has come of what is to be the final response: between interim responses there is nothing to wait for.
  [[nodiscard]] bool is_under_way() const noexcept;
  [[nodiscard]] bool is_head_done() const noexcept { return place_ >= place::body; }  ///< of the final response
  [[nodiscard]] bool is_done() const noexcept { return place_ == place::done; }
  /// Bytes followed the end of the response: the connection is not to be trusted.
  [[nodiscard]] bool has_leftover() const noexcept { return leftover_; }
  /// By its version, its fields and its framing, the connection may carry another request after this response.
  [[nodiscard]] bool is_persistent() const noexcept { return is_done() && says_persistent_ && !in_doubt_; }
  /// How many body bytes are still to come, where the response says so.
  [[nodiscard]] std::optional<std::uint64_t> remaining() const noexcept;

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] bool is_http_1_0() const noexcept { return version_ == http::version::http_1_0; }
  [[nodiscard]] warmwire::headers& headers() noexcept { return headers_; }
  /// What has come of the body and was not taken yet.
  [[nodiscard]] std::string& body() noexcept { return body_; }
  [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }  ///< all that has come, taken or not

 private:
  enum class place : std::uint8_t {
    status_line,
    fields,
    body,
    body_until_end,
    chunk_line,
    chunk,
    chunk_end,
    trailers,
    done
  };

  void restart();
  [[nodiscard]] bool is_in_data() const noexcept;
  std::size_t take_data(std::string_view bytes);
  result<std::size_t> take_of_line(std::string_view bytes);
  [[nodiscard]] std::optional<error> fault_of_beginning(std::string_view line) const;
  result<void> count_line(std::size_t bytes);
  result<void> take_line(std::string_view line);
  result<void> take_status(std::string_view line);
  result<void> take_field(std::string_view line);
  result<void> end_field();
  result<void> end_head();
  result<void> pass_interim();
  result<void> take_chunk_line(std::string_view line);
  result<void> note_trailer();

  response_rules rules_{};
  place place_ = place::status_line;
  std::string line_;  // what has come of one that is not complete
  std::string name_;  // of the field that the next line may continue
  std::string value_;
  warmwire::headers headers_;
  std::string body_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::uint64_t chunk_overhead_ = 0;
  std::size_t section_bytes_ = 0;
  http::version version_ = http::version::http_1_1;
  int status_ = 0;
  int interim_ = 0;
  int empty_lines_ = 0;
  bool begun_ = false;
  bool leftover_ = false;
  bool says_persistent_ = false;
  bool in_doubt_ = false;
};

}  // namespace warmwire::connection
