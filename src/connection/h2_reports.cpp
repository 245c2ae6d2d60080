#include "connection/h2_reports.hpp"

#include "connection/failure.hpp"
#include "connection/h2_code.hpp"
#include "connection/outgoing.hpp"
#include "connection/response_parser.hpp"
#include "http/thrown.hpp"
#include "text/printable.hpp"

#include <algorithm>
#include <exception>
#include <vector>

namespace warmwire::connection {

namespace {

/// A header section of 64 KiB fits into four frames.
constexpr int max_continuations = 8;

/// Beyond the limit of a section it is skipped; beyond this it is an attack on the decompression.
constexpr std::size_t max_skipped_section_bytes = 4 * max_header_section_bytes;

constexpr std::size_t max_peer_text = 200;

std::string_view text_of(const std::uint8_t* bytes, std::size_t length) {
  return {reinterpret_cast<const char*>(bytes), length};
}

std::string with_peer_text(std::uint32_t code, std::string_view text) {
  auto made = h2_code_name(code);
  if (const auto shown = text::printable(text, max_peer_text); !shown.empty()) made.append(": ").append(shown);
  return made;
}

bool ends_stream(const nghttp2_frame_hd& frame) {
  return (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

bool is_ack(const nghttp2_frame_hd& frame) {
  return (frame.flags & NGHTTP2_FLAG_ACK) != 0;
}

h2_session& self_of(void* user) {
  return *static_cast<h2_session*>(user);
}

}  // namespace

// nghttp2 calls plain functions

/// An exception does not pass through C: it is kept for whoever called nghttp2, which reads and writes no further.
template <class Report>
int h2_session::reports::contain(h2_session& self, Report report) noexcept {
  try {
    return report();
  } catch (...) {
    self.thrown_ = std::current_exception();
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
}

nghttp2_session* h2_session::reports::make_client(h2_session& self, const nghttp2_option* options) {
  nghttp2_session_callbacks* calls = nullptr;
  if (nghttp2_session_callbacks_new(&calls) != 0) throw std::bad_alloc();
  const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> owner(
      calls, nghttp2_session_callbacks_del);
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
        return contain(self_of(user), [&] { return on_begin_headers(self_of(user), *frame); });
      });
  nghttp2_session_callbacks_set_on_header_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_length,
                const std::uint8_t* value, std::size_t value_length, std::uint8_t, void* user) noexcept {
        return contain(self_of(user), [&] {
          return on_field(self_of(user), *frame, text_of(name, name_length), text_of(value, value_length));
        });
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      calls, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t length,
                void* user) noexcept {
        return contain(self_of(user), [&] { return on_data(self_of(user), id, text_of(bytes, length)); });
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
        return contain(self_of(user), [&] { return on_frame(self_of(user), *frame); });
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      calls, [](nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) noexcept {
        return contain(self_of(user), [&] { return on_stream_end(self_of(user), id, code); });
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
        return contain(self_of(user), [&] {
          on_sent(self_of(user), *frame);
          return 0;
        });
      });
  nghttp2_session_callbacks_set_on_frame_not_send_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, int, void* user) noexcept {
        return contain(self_of(user), [&] {
          on_not_sent(self_of(user), *frame);
          return 0;
        });
      });
  nghttp2_session* made = nullptr;
  if (nghttp2_session_client_new2(&made, calls, &self, options) != 0) throw std::bad_alloc();
  return made;
}

nghttp2_data_provider h2_session::reports::body_source() {
  nghttp2_data_provider provider{};
  provider.read_callback = [](nghttp2_session*, std::int32_t id, std::uint8_t* room, std::size_t length,
                              std::uint32_t* flags, nghttp2_data_source*, void* user) noexcept -> ssize_t {
    ssize_t bytes = 0;
    const auto failed = contain(self_of(user), [&] {
      bytes = read_body(self_of(user), id, {room, length}, *flags);
      return 0;
    });
    return failed != 0 ? failed : bytes;
  };
  return provider;
}

// What comes. nghttp2 reads no further once the peer is accused.

/// A response that is wrong, or that memory does not suffice for, costs its stream and nobody else.
template <class Step>
void h2_session::reports::judge(h2_session& self, h2_stream& stream, Step step) {
  result<void> judged;
  try {
    judged = step(stream.response_);
  } catch (...) {
    judged = http::error_of(std::current_exception());
  }
  if (!judged) self.break_off(stream, std::move(judged).error());
}

/// Before nghttp2 sees it.
void h2_session::reports::on_frame_head(h2_session& self, const h2_frame_head& frame) {
  ++self.frames_heard_;
  self.frame_data_bytes_ = 0;
  switch (frame.type) {
    case NGHTTP2_HEADERS:
      self.continuations_ = 0;
      [[fallthrough]];
    case NGHTTP2_DATA:
    case NGHTTP2_RST_STREAM:
      if (!nghttp2_session_find_stream(self.session_.get(), frame.stream)) on_closed_stream_frame(self, frame);
      break;
    case NGHTTP2_CONTINUATION:
      if (++self.continuations_ > max_continuations) {
        self.accuse(NGHTTP2_ENHANCE_YOUR_CALM,
                    "sent a header section in more than " + std::to_string(max_continuations) + " CONTINUATION frames");
      }
      break;
    case NGHTTP2_SETTINGS:
      self.count(h2_nuisance::settings);
      break;
    case NGHTTP2_PING:
      if ((frame.flags & NGHTTP2_FLAG_ACK) == 0) self.count(h2_nuisance::ping);
      break;
    case NGHTTP2_WINDOW_UPDATE:
      self.count(h2_nuisance::window_update);
      break;
    case NGHTTP2_PUSH_PROMISE:
      self.accuse(NGHTTP2_PROTOCOL_ERROR, "sent a PUSH_PROMISE frame though push is disabled");
      break;
    default:
      self.count(h2_nuisance::of_no_use);
  }
}

/// A stream that was reset may still be sent what was under way, which its window bounds.
void h2_session::reports::on_closed_stream_frame(h2_session& self, const h2_frame_head& frame) {
  if (frame.type != NGHTTP2_DATA || frame.length == 0) return self.count(h2_nuisance::of_no_use);
  if (frame.length > self.late_bytes_allowed_) {
    return self.accuse(NGHTTP2_STREAM_CLOSED, "sent DATA on a stream that is closed");
  }
  self.late_bytes_allowed_ -= frame.length;
}

int h2_session::reports::on_begin_headers(h2_session& self, const nghttp2_frame& frame) {
  self.section_bytes_ = 0;
  if (auto* stream = self.find(frame.hd.stream_id)) {
    judge(self, *stream, [](auto& response) { return response.begin_section(); });
  }
  return 0;
}

int h2_session::reports::on_field(h2_session& self, const nghttp2_frame& frame, std::string_view name,
                                  std::string_view value) {
  self.section_bytes_ += name.size() + value.size() + 1;
  if (self.section_bytes_ > max_skipped_section_bytes) {
    self.accuse(NGHTTP2_ENHANCE_YOUR_CALM,
                "sent a header section of more than " + std::to_string(max_skipped_section_bytes) + " bytes");
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
  if (auto* stream = self.find(frame.hd.stream_id)) {
    judge(self, *stream, [&](auto& response) { return response.add_field(name, value); });
  }
  return 0;
}

int h2_session::reports::on_data(h2_session& self, std::int32_t id, std::string_view bytes) {
  self.frame_data_bytes_ += bytes.size();
  // The connection's window is nobody's to hold back: whoever does not read fills the window of its own stream.
  if (nghttp2_session_consume_connection(self.session_.get(), bytes.size()) != 0) return NGHTTP2_ERR_CALLBACK_FAILURE;
  if (auto* stream = self.find(id)) {
    judge(self, *stream, [&](auto& response) { return response.add_data(bytes); });
    self.tell(*stream);
  }
  return 0;
}

int h2_session::reports::on_frame(h2_session& self, const nghttp2_frame& frame) {
  auto* const stream = self.find(frame.hd.stream_id);
  switch (frame.hd.type) {
    case NGHTTP2_DATA:
      if (self.frame_data_bytes_ > 0) {
        self.guard_.got_data();
      } else if (!ends_stream(frame.hd)) {
        self.count(h2_nuisance::empty_data);
      }
      if (ends_stream(frame.hd) && stream) {
        judge(self, *stream, [](auto& response) { return response.end(); });
        self.tell(*stream);
      }
      break;
    case NGHTTP2_HEADERS:
      if (stream) {
        const auto how =
            ends_stream(frame.hd) ? h2_response::section_end::ends_stream : h2_response::section_end::more_follows;
        judge(self, *stream, [&](auto& response) { return response.end_section(how); });
        self.tell(*stream);
      }
      break;
    case NGHTTP2_RST_STREAM:
      if (stream && !stream->is_done()) on_reset_by_peer(self, *stream, frame.rst_stream.error_code);
      break;
    case NGHTTP2_SETTINGS:
      if (is_ack(frame.hd)) break;
      self.settings_received_ = self.news_.settings = true;
      self.offer_windows();
      break;
    case NGHTTP2_WINDOW_UPDATE:
      self.offer_windows();
      break;
    case NGHTTP2_PING:
      if (is_ack(frame.hd)) on_pong(self, frame.ping.opaque_data);
      break;
    case NGHTTP2_GOAWAY:
      on_goaway(self, frame.goaway);
      break;
    default:
      break;
  }
  return self.accused_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

void h2_session::reports::on_pong(h2_session& self, const std::uint8_t* opaque) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i)
    number = number << 8U | opaque[i];
  auto& pings = self.pings_;
  const auto found = std::ranges::find(pings, number, &ping_in_flight::number);
  if (found == pings.end()) return self.count(h2_nuisance::ping);
  self.last_round_trip_ = self.now_ - found->sent_at;
  self.last_pong_ = number;
  self.news_.pong = true;
  pings.erase(pings.begin(), found + 1);
}

void h2_session::reports::on_goaway(h2_session& self, const nghttp2_goaway& frame) {
  self.goaway_ = h2_goaway{frame.error_code, frame.last_stream_id,
                           with_peer_text(frame.error_code, text_of(frame.opaque_data, frame.opaque_data_len))};
  self.news_.goaway = true;
  std::vector<h2_stream*> left_out;
  for (const auto& [id, stream] : self.streams_)
    if (id > frame.last_stream_id && !stream->has_begun()) left_out.push_back(stream);
  if (!left_out.empty()) {
    const auto behind_first = frame.last_stream_id - self.first_stream_id_;
    self.goaway_->processed = behind_first < 0 ? 0 : static_cast<std::uint64_t>(behind_first / 2) + 1;
  }
  for (auto* stream : left_out)
    self.fail_unprocessed(*stream);
}

int h2_session::reports::on_stream_end(h2_session& self, std::int32_t id, std::uint32_t code) {
  auto* const session = self.session_.get();
  if (nghttp2_session_get_stream_remote_close(session, id) == 0) {
    const auto window = nghttp2_session_get_stream_local_window_size(session, id);
    self.late_bytes_allowed_ += static_cast<std::uint64_t>(std::max(window, 0));
  }
  auto* const stream = self.find(id);
  if (!stream) return 0;
  if (stream->is_done()) {
    self.forget(*stream);
    self.tell(*stream);
  } else if (code == NGHTTP2_FLOW_CONTROL_ERROR) {
    self.accuse(code, "overran the flow-control window of a stream");
  } else {
    // Neither the peer nor we have ended it: nghttp2 has.
    self.fail(*stream, failure(errc::malformed_response,
                               "the server " + std::string(h2_offence(code)) + " (" + h2_code_name(code) + ")"));
  }
  return 0;
}

void h2_session::reports::on_reset_by_peer(h2_session& self, h2_stream& stream, std::uint32_t code) {
  const auto name = h2_code_name(code);
  if (stream.has_begun()) {
    return self.fail(stream, failure(errc::stream_interrupted,
                                     "the server reset the stream in the middle of the response (" + name + ")"));
  }
  if (code == NGHTTP2_REFUSED_STREAM) {
    stream.is_unprocessed_ = stream.was_refused_ = true;
    return self.fail(stream, failure(errc::stream_refused, "the server refused the stream unprocessed (" + name + ")"));
  }
  self.fail(stream, failure(errc::stream_reset, "the server reset the stream before a response (" + name + ")"));
}

// What goes

void h2_session::reports::on_sent(h2_session& self, const nghttp2_frame& frame) {
  auto* const stream = self.find(frame.hd.stream_id);
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      self.just_sent_ = frame.hd.stream_id;
      if (stream) stream->has_sent_ = true;
      break;
    case NGHTTP2_DATA:
      self.guard_.sent_data(frame.hd.length);
      if (stream) self.tell(*stream);  // a slow upload is not a silent one
      break;
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PING:
      if (is_ack(frame.hd)) self.just_sent_ = 0;
      break;
    case NGHTTP2_GOAWAY:
      if (const auto code = frame.goaway.error_code; code != NGHTTP2_NO_ERROR && !self.accused_) {
        const auto why = text_of(frame.goaway.opaque_data, frame.goaway.opaque_data_len);
        self.accuse(code, std::string(h2_offence(code)) + " (" + with_peer_text(code, why) + ")");
      }
      break;
    default:
      break;
  }
  if (stream && stream->is_open_ && (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) &&
      ends_stream(frame.hd)) {
    stream->is_request_finished_ = true;
    self.guard_.sent_request();
    self.tell(*stream);
  }
}

void h2_session::reports::on_not_sent(h2_session& self, const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS) return;
  if (auto* stream = self.find(frame.hd.stream_id)) self.fail_unprocessed(*stream);
}

ssize_t h2_session::reports::read_body(h2_session& self, std::int32_t id, std::span<std::uint8_t> room,
                                       std::uint32_t& flags) {
  auto* const stream = self.find(id);
  if (!stream) return NGHTTP2_ERR_DEFERRED;  // its RST_STREAM is on the way
  if (self.unwritten() >= max_output_bytes) return NGHTTP2_ERR_PAUSE;
  const bool takes_any = std::exchange(stream->takes_any_window_, false);
  if (!takes_any && !self.is_worth_a_frame(*stream, room.size())) {
    self.waiting_for_windows_.push_back(stream);
    stream->waits_for_window_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  auto& body = *stream->request_;
  std::size_t copied = 0;
  while (copied < room.size()) {
    const auto front = body.front();
    if (front.empty()) break;
    const auto part = front.first(std::min(front.size(), room.size() - copied));
    std::ranges::copy(part, room.begin() + static_cast<std::ptrdiff_t>(copied));
    body.consume(part.size());
    copied += part.size();
  }
  if (body.failure()) {
    self.break_off(*stream, *body.failure());
    return NGHTTP2_ERR_DEFERRED;
  }
  if (body.is_finished()) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
  } else if (copied == 0) {
    stream->waits_for_source_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(copied);
}

}  // namespace warmwire::connection
