// The client's side of one HTTP/2 connection (RFC 9113) without its socket: bytes that came go in, bytes to be written
// come out. Owned by its connection; no I/O, no clock, no thread of its own.
#pragma once

#include "connection/h2_flood_guard.hpp"
#include "connection/h2_frame_scanner.hpp"
#include "connection/h2_stream.hpp"
#include "http/request_head.hpp"
#include "pool/types.hpp"

#include <warmwire/error.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

struct nghttp2_session;

namespace warmwire::connection {

struct h2_settings {
  std::size_t stream_window_bytes = std::size_t{1} << 20;       ///< range 0–2,147,483,647
  std::size_t connection_window_bytes = std::size_t{32} << 20;  ///< range 65,535–2,147,483,647
  std::size_t assumed_streams = 100;  ///< how many streams may be open until the peer's SETTINGS say it
  std::int32_t first_stream_id = 1;   ///< odd
};

/// The peer's announcement that it will close the connection.
struct h2_goaway {
  std::uint32_t code = 0;
  std::int32_t last_stream_id = 0;  ///< streams above it were not processed
  std::string text{};               ///< "NO_ERROR", with what the peer added: bounded, printable
  /// How many requests of this connection it includes, if there were others: those it turned away.
  std::optional<std::uint64_t> processed{};
};

/// What changed since it was asked for last.
struct h2_news {
  bool settings = false;  ///< the peer's SETTINGS came: see `peer_stream_limit`
  bool goaway = false;
  bool pong = false;  ///< see `last_pong`, `last_round_trip`
};

class h2_session {
 public:
  explicit h2_session(const h2_settings& settings);
  h2_session(const h2_session&) = delete;
  h2_session& operator=(const h2_session&) = delete;
  ~h2_session();  ///< streams that are still open stay as they are, and end

  // Bytes
  /// Takes all of `bytes`. Error: `http2_violation`, naming the rule that the peer broke; every open stream has failed
  /// with it, `output` holds the GOAWAY that tells the peer, and the connection is to be closed once that is written.
  /// What this, `output` and `reset` throw for lack of memory makes the session useless: it is to be closed, too.
  result<void> feed(std::span<const char> bytes, pool::time_point now);
  /// What is to be written now, after any other call of this class or of its streams; the connection's preface first.
  /// Valid until the next call of this class. Empty: nothing.
  std::span<const char> output();
  /// The first `bytes` of `output` were written out.
  void consume(std::size_t bytes);

  // Streams
  /// Starts an exchange. `request` is encoded before this returns; `body` (bare, without a head) must live until the
  /// stream is not open any more. A failure, such as that the session is draining, is the stream's at once.
  void open(h2_stream& stream, const http::request_head& request, outgoing& body);
  /// The stream's `body` has something to send again.
  void resume(h2_stream& stream);
  /// Streams have more to send than fits into what the peer's windows have left, and that is so little that a frame of
  /// it would be waste (the silly windows of RFC 1122 §4.2.3.4): they wait for more. The peer might be waiting for the
  /// rest to be used up, so this must not last.
  [[nodiscard]] bool is_waiting_for_windows() const noexcept { return !waiting_for_windows_.empty(); }
  /// Lets them send what fits.
  void use_small_windows();
  /// Ends an open stream, by RST_STREAM where the peer knows of it, and forgets it. What came of its body stays.
  void reset(h2_stream& stream);
  std::string take_body(h2_stream& stream) { return stream.take_body(); }
  [[nodiscard]] std::size_t open_streams() const noexcept { return streams_.size(); }

  // Signs of life
  /// Sends a PING; returns its number, which grows by one each time.
  std::uint64_t ping(pool::time_point now);
  [[nodiscard]] std::uint64_t last_pong() const noexcept { return last_pong_; }  ///< the last PING answered; 0: none
  [[nodiscard]] std::size_t pings_in_flight() const noexcept { return pings_.size(); }
  [[nodiscard]] std::optional<pool::duration> last_round_trip() const noexcept { return last_round_trip_; }
  /// When bytes were fed last.
  [[nodiscard]] std::optional<pool::time_point> last_heard() const noexcept { return last_heard_; }

  // The connection
  /// How many streams the peer lets be open at once; more than that wait in here for their turn.
  [[nodiscard]] std::size_t peer_stream_limit() const noexcept;
  [[nodiscard]] bool settings_received() const noexcept { return settings_received_; }
  [[nodiscard]] const std::optional<h2_goaway>& goaway() const noexcept { return goaway_; }
  /// No stream can be opened any more; those that are open may go on.
  [[nodiscard]] bool is_draining() const noexcept { return goaway_ || is_dead() || ids_used_up_; }
  [[nodiscard]] bool is_dead() const noexcept { return violation_ || said_goodbye_; }
  [[nodiscard]] h2_news take_news() noexcept { return std::exchange(news_, {}); }
  /// Puts a GOAWAY into the output: for before the connection is closed. Streams that are still open get no answer.
  void say_goodbye();

 private:
  friend class h2_stream;
  struct reports;  // what nghttp2 calls back
  struct session_deleter {
    void operator()(nghttp2_session* session) const noexcept;
  };
  struct ping_in_flight {
    std::uint64_t number;
    pool::time_point sent_at;
  };
  /// Where in the output something of interest ends.
  struct milestone {
    std::uint64_t at;
    std::int32_t headers_of;  // 0: an acknowledgement
  };

  /// A rule that the peer broke, before it is told.
  struct accusation {
    std::uint32_t code;
    std::string what;  // to follow "the server"
  };

  void make_session(const h2_settings& settings);
  void send_preface(const h2_settings& settings);
  void read(std::string_view bytes);
  void give(std::string_view bytes);
  void pump();
  void rethrow();
  void keep(std::string_view frame);
  [[nodiscard]] std::size_t unwritten() const noexcept { return out_.size() - out_offset_; }

  void count(h2_nuisance what);
  void accuse(std::uint32_t code, std::string what);
  void settle();  // what was found while it fed or wrote
  void check_first_bytes(std::string_view bytes);

  [[nodiscard]] h2_stream* find(std::int32_t id) const noexcept;
  void submit(h2_stream& stream, const http::request_head& request);
  void fail(h2_stream& stream, error reason);
  void fail_unprocessed(h2_stream& stream);
  void break_off(h2_stream& stream, error reason);
  void send_reset(std::int32_t id);
  void forget(h2_stream& stream) noexcept;
  void let_go(h2_stream& stream) noexcept;
  [[nodiscard]] std::int32_t window_of(const h2_stream& stream) const noexcept;
  [[nodiscard]] bool is_worth_a_frame(h2_stream& stream, std::size_t window);
  void offer_windows();
  void stop_waiting_for_window(h2_stream& stream);
  void give_back(const h2_stream& stream, std::size_t bytes) noexcept;
  void tell(h2_stream& stream);
  void deliver_news();

  std::unique_ptr<nghttp2_session, session_deleter> session_;
  std::unordered_map<std::int32_t, h2_stream*> streams_;  // those that are open
  std::deque<h2_stream*> to_tell_;
  std::vector<h2_stream*> waiting_for_windows_;

  std::string out_;
  std::size_t out_offset_ = 0;
  std::uint64_t produced_ = 0;  // bytes that ever were in `out_`
  std::deque<milestone> milestones_;
  std::size_t acknowledgements_ = 0;  // among the milestones
  std::optional<std::int32_t> just_sent_;

  h2_frame_scanner scanner_;
  h2_flood_guard guard_;
  std::string first_bytes_;  // of what the peer sent, until they show what it speaks
  const std::int32_t first_stream_id_;
  pool::time_point now_{};  // while it feeds
  std::uint64_t frames_heard_ = 0;
  std::size_t section_bytes_ = 0;         // of the header section that comes
  int continuations_ = 0;                 // of the same
  std::size_t frame_data_bytes_ = 0;      // of the DATA frame that comes, without its padding
  std::uint64_t late_bytes_allowed_ = 0;  // that may still come on streams that were reset

  std::deque<ping_in_flight> pings_;
  std::uint64_t last_ping_ = 0;
  std::uint64_t last_pong_ = 0;
  std::optional<pool::duration> last_round_trip_;
  std::optional<pool::time_point> last_heard_;

  h2_news news_;
  std::optional<h2_goaway> goaway_;
  std::optional<accusation> accused_;
  std::optional<error> violation_;
  std::exception_ptr thrown_;  // within nghttp2, which it may not pass through
  bool settings_received_ = false;
  bool ids_used_up_ = false;
  bool said_goodbye_ = false;
};

}  // namespace warmwire::connection
