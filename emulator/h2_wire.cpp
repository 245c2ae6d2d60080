// The server's side of HTTP/2 as nghttp2 does it.
#include "emulator/h2_wire.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace warmwire::emulator {
namespace {

// Above this the client is not read, so that there are never many more: a read brings a thousand PINGs at most.
constexpr std::size_t max_queued_frames = 1000;
constexpr std::size_t max_queued_acknowledgements = 10'000;
// For the floods of header fields, which nghttp2 would not send otherwise.
constexpr std::size_t max_sent_head_bytes = 16U << 20U;
constexpr std::uint64_t any_number = 1ULL << 62U;

template <class Number>
bool is_kind(Number kind, nghttp2_frame_type wanted) {
  return static_cast<unsigned>(kind) == static_cast<unsigned>(wanted);
}

template <class Made, class Make, class Free>
std::unique_ptr<Made, Free> made_by(Make make, Free free) {
  Made* made = nullptr;
  if (make(&made) != 0) throw std::bad_alloc();
  return {made, free};
}

}  // namespace

// nghttp2's names for what `h2_events` tells.
struct h2_callbacks {
  static h2_events& events(void* wire) { return static_cast<h2_wire*>(wire)->events_; }

  static bool is_request(const nghttp2_frame* frame) {
    return is_kind(frame->hd.type, NGHTTP2_HEADERS) && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_bytes,
                       const std::uint8_t* value, std::size_t value_bytes, std::uint8_t, void* wire) {
    // Trailers are of no use to anybody here.
    if (!is_request(frame)) return 0;
    events(wire).on_field(frame->hd.stream_id, {reinterpret_cast<const char*>(name), name_bytes},
                          {reinterpret_cast<const char*>(value), value_bytes});
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* wire) {
    const std::int32_t stream = frame->hd.stream_id;
    const bool is_message = is_kind(frame->hd.type, NGHTTP2_HEADERS) || is_kind(frame->hd.type, NGHTTP2_DATA);
    if (is_request(frame)) events(wire).on_head(stream);
    if (is_message && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) events(wire).on_end(stream);
    if (is_kind(frame->hd.type, NGHTTP2_RST_STREAM)) events(wire).on_reset(stream, frame->rst_stream.error_code);
    if (is_kind(frame->hd.type, NGHTTP2_GOAWAY)) events(wire).on_goaway(frame->goaway.error_code);
    if (is_kind(frame->hd.type, NGHTTP2_PING) && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) {
      events(wire).on_ping(frame->ping.opaque_data);
    }
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size,
                     void* wire) {
    events(wire).on_body(stream, {reinterpret_cast<const char*>(bytes), size});
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* wire) {
    events(wire).on_closed(stream);
    return 0;
  }

  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* wire) {
    const bool is_refusal =
        is_kind(frame->hd.type, NGHTTP2_RST_STREAM) && frame->rst_stream.error_code == NGHTTP2_REFUSED_STREAM;
    if (is_refusal) events(wire).on_refused(frame->hd.stream_id);
    // Those that we mean to send are made by hand.
    if (is_kind(frame->hd.type, NGHTTP2_GOAWAY)) static_cast<h2_wire*>(wire)->is_terminated_ = true;
    return 0;
  }

  static int on_error(nghttp2_session*, int, const char* text, std::size_t size, void* wire) {
    static_cast<h2_wire*>(wire)->mistake_.assign(text, size);
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* wire) {
    using state = h2_body_step::state;
    const h2_body_step step = events(wire).on_body_wanted(stream, {reinterpret_cast<char*>(into), size});
    if (step.then == state::wait && step.bytes == 0) return NGHTTP2_ERR_DEFERRED;
    if (step.then == state::end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(step.bytes);
  }

  static auto all() {
    auto made = made_by<nghttp2_session_callbacks>(&nghttp2_session_callbacks_new, &nghttp2_session_callbacks_del);
    nghttp2_session_callbacks_set_on_header_callback(made.get(), &on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made.get(), &on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made.get(), &on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made.get(), &on_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(made.get(), &on_sent);
    nghttp2_session_callbacks_set_error_callback2(made.get(), &on_error);
    return made;
  }

  static auto options() {
    auto made = made_by<nghttp2_option>(&nghttp2_option_new, &nghttp2_option_del);
    nghttp2_option_set_no_auto_window_update(made.get(), 1);
    nghttp2_option_set_no_auto_ping_ack(made.get(), 1);
    nghttp2_option_set_no_closed_streams(made.get(), 1);
    nghttp2_option_set_max_outbound_ack(made.get(), max_queued_acknowledgements);
    nghttp2_option_set_max_send_header_block_length(made.get(), max_sent_head_bytes);
#ifdef WARMWIRE_NGHTTP2_LIMITS_RESETS
    // Clients that cancel a great deal are what this server is for.
    nghttp2_option_set_stream_reset_rate_limit(made.get(), any_number, any_number);
#endif
    return made;
  }
};

nghttp2_nv h2_field(std::string_view name, std::string_view value) {
  // nghttp2 only reads what it is given.
  auto* bytes_of = +[](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

h2_wire::h2_wire(h2_events& events, std::uint32_t max_concurrent_streams) : events_(events) {
  nghttp2_session* made = nullptr;
  if (nghttp2_session_server_new2(&made, h2_callbacks::all().get(), this, h2_callbacks::options().get()) != 0) {
    throw std::bad_alloc();
  }
  session_.reset(made);
  const std::array<nghttp2_settings_entry, 2> limits{{{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, max_concurrent_streams},
                                                      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, max_head_bytes}}};
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, limits.data(), limits.size());
  nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, connection_window_bytes);
}

bool h2_wire::receive(std::string_view bytes) {
  const auto taken =
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0 && mistake_.empty()) mistake_ = nghttp2_strerror(static_cast<int>(taken));
  return taken >= 0;
}

bool h2_wire::is_congested() const {
  return nghttp2_session_get_outbound_queue_size(session_.get()) > max_queued_frames;
}

bool h2_wire::next(std::string& out) {
  if (!raw_.empty() && !is_in_header_block_) {
    out += raw_;
    raw_.clear();
    return true;
  }
  const std::uint8_t* frame = nullptr;
  const auto size = nghttp2_session_mem_send(session_.get(), &frame);
  if (size <= 0) return false;
  const std::string_view bytes(reinterpret_cast<const char*>(frame), static_cast<std::size_t>(size));
  is_in_header_block_ = !ends_header_block(bytes);
  out += bytes;
  return true;
}

void h2_wire::respond(std::int32_t stream, const h2_head& head, bool has_body) {
  nghttp2_data_provider body{};
  body.read_callback = &h2_callbacks::read_body;
  nghttp2_submit_response(session_.get(), stream, head.data(), head.size(), has_body ? &body : nullptr);
}

void h2_wire::inform(std::int32_t stream, const h2_head& head) {
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream, nullptr, head.data(), head.size(), nullptr);
}

void h2_wire::resume(std::int32_t stream) {
  nghttp2_session_resume_data(session_.get(), stream);
}

void h2_wire::reset(std::int32_t stream, h2_code code) {
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream, static_cast<std::uint32_t>(code));
}

void h2_wire::pong(const std::uint8_t* payload) {
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_ACK, payload);
}

void h2_wire::change(const fault::settings& changed) {
  const bool is_window = changed.changed == fault::settings::name::window;
  const nghttp2_settings_entry limit{
      is_window ? NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE : NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, changed.value};
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, &limit, 1);
}

void h2_wire::send_settings() {
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, nullptr, 0);
}

void h2_wire::credit_stream(std::int32_t stream, std::size_t bytes) {
  nghttp2_session_consume_stream(session_.get(), stream, bytes);
}

void h2_wire::credit_connection(std::size_t bytes) {
  nghttp2_session_consume_connection(session_.get(), bytes);
}

}  // namespace warmwire::emulator
