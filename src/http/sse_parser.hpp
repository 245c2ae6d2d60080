// Server-sent events out of bytes that are cut anywhere, to WHATWG's HTML, "Parsing an event stream". Pure.
#pragma once

#include <warmwire/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::http {

/// One event. The views are valid until the parser is used again.
struct sse_event {
  std::string_view name;  ///< empty: the default, "message"
  std::string_view data;  ///< its lines joined by LF
  std::string_view id;    ///< the last that was given, by this event or one before; see `sse_limits::max_id_bytes`
};

struct sse_limits {
  std::size_t max_line_bytes = std::size_t{16} << 20;   ///< of a field; comments are skipped whatever their length
  std::size_t max_event_bytes = std::size_t{16} << 20;  ///< of all data of one event
  /// An id goes with every event that follows it. A longer one is ignored as the standard has it for one with a NUL:
  /// one that is cut short would name another event.
  std::size_t max_id_bytes = 1024;
  std::size_t max_other_bytes = std::size_t{64} << 10;  ///< of lines that are no fields; of more the rest is dropped
};

/// Used by turns: `feed`, then `next` until it has none. It keeps what has not made an event yet, and the rest of what
/// it was fed.
class sse_parser {
 public:
  explicit sse_parser(sse_limits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes);
  /// Nothing more comes: what follows the last blank line is the last event. The standard drops it, since it may have
  /// been cut; but many servers leave out the blank line at the end, so whoever reads it has to tell by what it holds.
  void end() noexcept { has_ended_ = true; }

  /// The next whole event, or nothing when more bytes are needed. Errors: `response_too_large`, naming the limit;
  /// nothing comes after one.
  [[nodiscard]] result<std::optional<sse_event>> next();

  /// The lines before the last blank one that are no fields, and so are ignored by the standard, since this was last
  /// asked for: servers that fail within a stream may say why in such. They come before the event that `next` gave.
  [[nodiscard]] std::string take_other_lines();

  /// What the server last asked a reconnecting reader to wait.
  [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }

 private:
  [[nodiscard]] bool skip_byte_order_mark();
  [[nodiscard]] bool take_line();
  void read_line();
  [[nodiscard]] std::optional<sse_event> event();
  [[nodiscard]] bool take_field(std::string_view name, std::string_view value);
  void take_other(std::string_view line);
  void clear_event();
  void fail(std::string_view what, std::size_t limit);

  const sse_limits limits_;
  std::string fed_;  // from `at_` on it is still to be read
  std::size_t at_ = 0;
  std::string line_;         // the one that is being read, without its end
  bool in_comment_ = false;  // which is not kept
  bool after_cr_ = false;    // an LF that follows belongs to the end of the line before
  bool at_start_ = true;     // a byte order mark may follow
  bool has_ended_ = false;
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool is_taken_ = false;  // the event was handed out, and goes at the next call
  std::string id_;
  std::string other_;            // lines
  std::size_t whole_other_ = 0;  // how much of them a blank line has ended
  std::size_t block_other_ = 0;  // bytes of the block that has not ended yet
  std::optional<std::chrono::milliseconds> retry_;
  std::optional<error> failure_;
};

}  // namespace warmwire::http
