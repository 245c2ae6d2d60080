// The server's side of HTTP/2 as nghttp2 does it, behind typed calls, and frames made by hand beside it. No Asio; owned
// by the session, on the server's executor.
#pragma once

#include "emulator/h2_faults.hpp"
#include "emulator/h2_frames.hpp"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

/// What a stream has to send next.
struct h2_body_step {
  enum class state : std::uint8_t { more, end, wait };
  std::size_t bytes = 0;
  state then = state::more;
};

/// What the client does, told while `h2_wire::receive` runs, and what the wire needs, asked while `next` runs.
class h2_events {
 public:
  virtual void on_field(std::int32_t stream, std::string_view name, std::string_view value) = 0;
  virtual void on_head(std::int32_t stream) = 0;
  virtual void on_body(std::int32_t stream, std::string_view bytes) = 0;
  /// The request is complete.
  virtual void on_end(std::int32_t stream) = 0;
  /// The stream is over, whoever ended it. Told in `next` too.
  virtual void on_closed(std::int32_t stream) = 0;
  virtual void on_reset(std::int32_t stream, std::uint32_t code) = 0;
  virtual void on_ping(const std::uint8_t* payload) = 0;
  virtual void on_goaway(std::uint32_t code) = 0;
  /// REFUSED_STREAM was sent.
  virtual void on_refused(std::int32_t stream) = 0;
  /// Puts the next bytes of the response's body into `into`.
  virtual h2_body_step on_body_wanted(std::int32_t stream, std::span<char> into) = 0;

 protected:
  ~h2_events() = default;
};

/// A head: nghttp2 makes the names lower case and copies all.
using h2_head = std::vector<nghttp2_nv>;
[[nodiscard]] nghttp2_nv h2_field(std::string_view name, std::string_view value);

class h2_wire {
 public:
  static constexpr std::uint32_t stream_window_bytes = 65'535;        ///< what HTTP/2 begins with
  static constexpr std::uint32_t connection_window_bytes = 1U << 20;  ///< of the client's bodies together
  static constexpr std::uint32_t max_head_bytes = 64 * 1024;

  /// Queues the server's SETTINGS. `events` outlives the wire.
  h2_wire(h2_events& events, std::uint32_t max_concurrent_streams);

  /// False when the client broke the protocol so that nothing can be said to it.
  bool receive(std::string_view bytes);
  /// The client broke the protocol and was sent a GOAWAY for it.
  [[nodiscard]] bool is_terminated() const { return is_terminated_; }
  /// What the client did wrong last.
  [[nodiscard]] const std::string& mistake() const { return mistake_; }
  /// More answers wait to be sent than an honest client can have asked for.
  [[nodiscard]] bool is_congested() const;

  /// Appends the next frame; false when there is nothing to send.
  bool next(std::string& out);

  void respond(std::int32_t stream, const h2_head& head, bool has_body);
  void inform(std::int32_t stream, const h2_head& head);
  /// The stream has more of its body again.
  void resume(std::int32_t stream);
  void reset(std::int32_t stream, h2_code code);
  void pong(const std::uint8_t* payload);
  void change(const fault::settings& changed);
  /// Empty SETTINGS.
  void send_settings();
  /// Gives back what a body used up of the stream's window, of the connection's.
  void credit_stream(std::int32_t stream, std::size_t bytes);
  void credit_connection(std::size_t bytes);
  /// Sends bytes as they are, before all that is queued.
  void send_raw(std::string_view bytes) { raw_ += bytes; }
  [[nodiscard]] bool has_raw() const { return !raw_.empty(); }

 private:
  friend struct h2_callbacks;
  struct deleter {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
  };

  h2_events& events_;
  std::unique_ptr<nghttp2_session, deleter> session_;
  std::string raw_;
  bool is_in_header_block_ = false;  ///< the frame sent last is to be continued
  bool is_terminated_ = false;
  std::string mistake_;
};

}  // namespace warmwire::emulator
