// One exchange on an HTTP/2 session: what was sent, what has come, how it ended. Owned by its user; the session only
// knows it from `open` until it ends or is reset. No I/O.
#pragma once

#include "connection/h2_response.hpp"

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>

namespace warmwire::connection {

class h2_session;
class outgoing;

class h2_stream {
 public:
  h2_stream() = default;
  h2_stream(const h2_stream&) = delete;
  h2_stream& operator=(const h2_stream&) = delete;
  ~h2_stream();  ///< resets it if it is still open

  /// Called when anything below has changed, at the end of the session's `feed` and `output`. May open, use and destroy
  /// any stream, but must not call `feed` or `output`, nor destroy the session.
  void on_news(std::function<void()> listener) { listener_ = std::move(listener); }

  // What has come: interim responses are passed over, trailers dropped
  [[nodiscard]] bool has_begun() const noexcept { return response_.has_begun(); }  ///< even if interim
  [[nodiscard]] bool is_head_done() const noexcept { return response_.is_head_done(); }
  [[nodiscard]] bool is_done() const noexcept { return response_.is_done(); }  ///< all has come; see `has_body`
  [[nodiscard]] int status() const noexcept { return response_.status(); }
  [[nodiscard]] warmwire::headers& headers() noexcept { return response_.headers(); }
  [[nodiscard]] std::optional<std::uint64_t> remaining() const noexcept { return response_.remaining(); }
  [[nodiscard]] std::uint64_t body_bytes() const noexcept { return response_.body_bytes(); }  ///< taken or not
  [[nodiscard]] bool has_body() const noexcept { return !response_.body().empty(); }          ///< bytes to be taken
  /// Takes the first `most` bytes of what has come of the body. That lets the peer send as much more, which it learns
  /// from the session's `output`.
  std::string take_body(std::size_t most = std::numeric_limits<std::size_t>::max());

  // How it ended, if it did not end well. Errors: `stream_refused`, `stream_reset`, `stream_interrupted`,
  // `malformed_response`, `conflicting_length`, `header_section_too_large`, `http2_violation`, `invalid_header`, those
  // of the request's body source.
  [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }
  /// The peer has not processed the request (RFC 9113 §8.7): it said so by REFUSED_STREAM or GOAWAY, or the session was
  /// draining before the request left.
  [[nodiscard]] bool is_unprocessed() const noexcept { return is_unprocessed_; }
  [[nodiscard]] bool was_refused() const noexcept { return was_refused_; }  ///< by REFUSED_STREAM

  // How far the request is
  /// The session has it, and it has not ended in both directions.
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }
  /// The request's HEADERS were handed to the session's output.
  [[nodiscard]] bool has_sent_anything() const noexcept { return has_sent_; }
  /// All of the request was handed to the output.
  [[nodiscard]] bool is_request_finished() const noexcept { return is_request_finished_; }
  /// The body's source has nothing at hand: see `h2_session::resume`.
  [[nodiscard]] bool waits_for_source() const noexcept { return waits_for_source_; }
  /// A frame of whatever kind was read after the HEADERS were written out, as `h2_session::consume` told.
  [[nodiscard]] bool has_heard_since_sent() const noexcept;

 private:
  friend class h2_session;

  h2_session* session_ = nullptr;  // while it is open or has news
  bool is_open_ = false;
  std::int32_t id_ = 0;
  outgoing* request_ = nullptr;
  h2_response response_;
  std::function<void()> listener_;
  std::optional<error> failure_;
  std::optional<std::uint64_t> frames_when_written_;  // that the session had heard
  bool has_heard_ = false;                            // `has_heard_since_sent` when it ended
  bool is_unprocessed_ = false;
  bool was_refused_ = false;
  bool has_sent_ = false;
  bool is_request_finished_ = false;
  bool waits_for_source_ = false;
  bool has_news_ = false;
  bool waits_for_window_ = false;   // see `h2_session::is_waiting_for_windows`
  bool takes_any_window_ = false;   // it has waited for long enough
  std::int32_t widest_window_ = 0;  // that the peer ever left to it
};

}  // namespace warmwire::connection
