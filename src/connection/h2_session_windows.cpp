// When a session's DATA waits for wider windows: no frames of a few bytes while there is more to send.
#include "connection/h2_session.hpp"
#include "connection/outgoing.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

namespace warmwire::connection {

namespace {

/// Of DATA, with more to follow: half a frame.
constexpr std::size_t least_data = std::size_t{8} << 10;

}  // namespace

std::int32_t h2_session::window_of(const h2_stream& stream) const noexcept {
  return std::min(nghttp2_session_get_remote_window_size(session_.get()),
                  nghttp2_session_get_stream_remote_window_size(session_.get(), stream.id_));
}

/// All that there is to send, half a frame, or half of the widest window of a peer that never gives a stream as much.
bool h2_session::is_worth_a_frame(h2_stream& stream, std::size_t window) {
  stream.widest_window_ =
      std::max(stream.widest_window_, nghttp2_session_get_stream_remote_window_size(session_.get(), stream.id_));
  const auto half_of_widest = static_cast<std::size_t>(stream.widest_window_) / 2;
  return window >= std::min({stream.request_->front().size(), least_data, half_of_widest});
}

void h2_session::stop_waiting_for_window(h2_stream& stream) {
  if (!std::exchange(stream.waits_for_window_, false)) return;
  std::erase(waiting_for_windows_, &stream);
}

/// After the peer has changed its windows.
void h2_session::offer_windows() {
  const auto waiting = waiting_for_windows_;
  for (auto* stream : waiting) {
    const auto window = window_of(*stream);
    if (window > 0 && is_worth_a_frame(*stream, static_cast<std::size_t>(window))) resume(*stream);
  }
}

void h2_session::use_small_windows() {
  for (auto* stream : std::exchange(waiting_for_windows_, {})) {
    stream->waits_for_window_ = false;
    stream->takes_any_window_ = true;
    resume(*stream);
  }
}

}  // namespace warmwire::connection
