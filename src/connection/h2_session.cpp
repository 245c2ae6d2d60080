#include "connection/h2_session.hpp"

#include "connection/failure.hpp"
#include "connection/h2_code.hpp"
#include "connection/h2_reports.hpp"
#include "connection/outgoing.hpp"
#include "connection/response_parser.hpp"
#include "http/h2_fields.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <exception>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace warmwire::connection {

namespace {

/// Acknowledgements that the peer has not read yet.
constexpr std::size_t max_unread_acknowledgements = 1000;

/// What of the output is kept for good.
constexpr std::size_t small_buffer = std::size_t{4} << 10;

/// nghttp2's own failures; that memory ran out is the only one that a correct call can meet.
void check(int status) {
  assert(status >= 0 || status == NGHTTP2_ERR_NOMEM);
  if (status < 0) throw std::bad_alloc();
}

std::uint8_t* bytes_of(std::string_view text) {
  // nghttp2 takes its input without const and does not change it.
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
}

std::vector<nghttp2_nv> to_nghttp2(const http::h2_fields& fields) {
  std::vector<nghttp2_nv> made;
  made.reserve(fields.list.size());
  for (const auto& [name, value, never_indexed] : fields.list) {
    const auto flags = never_indexed ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
    made.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), static_cast<std::uint8_t>(flags)});
  }
  return made;
}

bool has_body(const http::request_head& request) {
  return request.framing == http::framing::chunked ||
         (request.framing == http::framing::length && request.body_length > 0);
}

/// The frame of each PING holds its number.
std::array<std::uint8_t, 8> opaque(std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(number >> 56U);
    number <<= 8U;
  }
  return bytes;
}

}  // namespace

void h2_session::session_deleter::operator()(nghttp2_session* session) const noexcept {
  nghttp2_session_del(session);
}

h2_session::h2_session(const h2_settings& settings) : first_stream_id_(settings.first_stream_id) {
  make_session(settings);
  send_preface(settings);
}

h2_session::~h2_session() {
  while (!streams_.empty())
    forget(*streams_.begin()->second);
  for (auto* stream : to_tell_)
    stream->session_ = nullptr;
}

void h2_session::make_session(const h2_settings& settings) {
  nghttp2_option* options = nullptr;
  check(nghttp2_option_new(&options));
  const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> owner(options, nghttp2_option_del);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_http_messaging(options, 1);  // h2_response says better what is wrong
  nghttp2_option_set_peer_max_concurrent_streams(options, static_cast<std::uint32_t>(settings.assumed_streams));
  nghttp2_option_set_max_send_header_block_length(options, 4 * max_header_section_bytes);
  session_.reset(reports::make_client(*this, options));
}

void h2_session::send_preface(const h2_settings& settings) {
  const std::array<nghttp2_settings_entry, 3> entries = {{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(settings.stream_window_bytes)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(max_header_section_bytes)},
  }};
  auto* const session = session_.get();
  check(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries.data(), entries.size()));
  const auto window = static_cast<std::int32_t>(settings.connection_window_bytes);
  check(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, window));
  check(nghttp2_session_set_next_stream_id(session, settings.first_stream_id));
}

// Bytes

result<void> h2_session::feed(std::span<const char> bytes, pool::time_point now) {
  if (bytes.empty()) return {};
  last_heard_ = now_ = now;
  check_first_bytes({bytes.data(), bytes.size()});
  read({bytes.data(), bytes.size()});
  pump();
  settle();
  deliver_news();
  if (violation_) return *violation_;
  return {};
}

/// Frame by frame, each with its answers: what a frame may be depends on all that came before it, and must not depend
/// on how much was read at once.
void h2_session::read(std::string_view bytes) {
  while (!bytes.empty() && !accused_) {
    const auto [size, head, is_payload] = scanner_.scan(bytes);
    if (head) {
      reports::on_frame_head(*this, *head);
      give(scanner_.head_bytes());
    } else if (is_payload) {
      give(bytes.substr(0, size));
    }
    if (scanner_.is_between_frames()) pump();
    bytes.remove_prefix(size);
  }
}

/// Heads are given whole: nghttp2 counts each piece of the head of a CONTINUATION frame as a frame.
void h2_session::give(std::string_view bytes) {
  if (accused_) return;
  const auto taken = nghttp2_session_mem_recv(session_.get(), bytes_of(bytes), bytes.size());
  rethrow();
  if (taken == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  if (taken < 0) {
    accuse(NGHTTP2_ENHANCE_YOUR_CALM,
           std::string(h2_offence(NGHTTP2_ENHANCE_YOUR_CALM)) + " (" + nghttp2_strerror(static_cast<int>(taken)) + ")");
  }
}

void h2_session::check_first_bytes(std::string_view bytes) {
  constexpr std::string_view http_1 = "HTTP/1.";
  if (first_bytes_.size() >= http_1.size()) return;
  first_bytes_.append(bytes.substr(0, http_1.size() - first_bytes_.size()));
  if (first_bytes_ == http_1) accuse(NGHTTP2_HTTP_1_1_REQUIRED, "answered in HTTP/1 on a connection that is HTTP/2");
}

std::span<const char> h2_session::output() {
  pump();
  settle();
  deliver_news();
  return std::span<const char>(out_).subspan(out_offset_);
}

/// Control frames leave nghttp2 at once, in front of DATA, which waits until there is room: so a GOAWAY of its own is
/// seen at once too.
void h2_session::pump() {
  for (;;) {
    const std::uint8_t* frame = nullptr;
    just_sent_.reset();
    const auto length = nghttp2_session_mem_send(session_.get(), &frame);
    rethrow();
    if (length < 0) check(static_cast<int>(length));
    if (length <= 0) return;
    keep({reinterpret_cast<const char*>(frame), static_cast<std::size_t>(length)});
  }
}

void h2_session::rethrow() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void h2_session::keep(std::string_view frame) {
  if (out_offset_ >= max_output_bytes) {
    out_.erase(0, out_offset_);
    out_offset_ = 0;
  }
  out_.append(frame);
  produced_ += frame.size();
  if (!just_sent_) return;
  milestones_.push_back({produced_, *just_sent_});
  if (*just_sent_ == 0 && ++acknowledgements_ > max_unread_acknowledgements) {
    accuse(NGHTTP2_ENHANCE_YOUR_CALM, "leaves more than " + std::to_string(max_unread_acknowledgements) +
                                          " answers to its PING and SETTINGS frames unread");
  }
}

void h2_session::consume(std::size_t bytes) {
  assert(bytes <= unwritten());
  out_offset_ += bytes;
  const auto written = produced_ - unwritten();
  while (!milestones_.empty() && milestones_.front().at <= written) {
    const auto id = milestones_.front().headers_of;
    milestones_.pop_front();
    if (id == 0) --acknowledgements_;
    if (auto* stream = find(id)) stream->frames_when_written_ = frames_heard_;
  }
  if (unwritten() > 0) return;
  out_.clear();
  out_offset_ = 0;
  if (streams_.empty() && out_.capacity() > small_buffer) out_ = {};
}

// A peer that breaks the rules

void h2_session::count(h2_nuisance what) {
  if (guard_.allow(what, now_)) return;
  accuse(NGHTTP2_ENHANCE_YOUR_CALM, std::string("sent ").append(h2_flood_guard::describe(what)));
}

void h2_session::accuse(std::uint32_t code, std::string what) {
  if (!accused_) accused_.emplace(accusation{code, std::move(what)});
}

void h2_session::settle() {
  if (!accused_ || violation_) return;
  violation_ = failure(errc::http2_violation, "the server " + accused_->what);
  check(nghttp2_session_terminate_session(session_.get(), accused_->code));
  pump();
  while (!streams_.empty())
    fail(*streams_.begin()->second, *violation_);
}

void h2_session::say_goodbye() {
  if (is_dead()) return;
  said_goodbye_ = true;
  check(nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR));
}

// Streams

h2_stream* h2_session::find(std::int32_t id) const noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second;
}

void h2_session::open(h2_stream& stream, const http::request_head& request, outgoing& body) {
  assert(!stream.session_ && !stream.has_begun() && !stream.failure_);
  stream.session_ = this;
  stream.response_.begin(request.method == "HEAD");
  stream.request_ = &body;
  if (is_draining()) return fail_unprocessed(stream);
  submit(stream, request);
}

void h2_session::submit(h2_stream& stream, const http::request_head& request) {
  const auto fields = http::encode_h2_fields(request);
  if (!fields) return fail(stream, fields.error());
  if (const auto bytes = http::list_bytes(*fields); bytes > max_header_section_bytes) {
    return fail(stream, failure(errc::invalid_header, "the request's header section has " + std::to_string(bytes) +
                                                          " bytes; over HTTP/2 it may have " +
                                                          std::to_string(max_header_section_bytes)));
  }
  const auto list = to_nghttp2(*fields);
  const auto source = reports::body_source();
  const auto id = nghttp2_submit_request(session_.get(), nullptr, list.data(), list.size(),
                                         has_body(request) ? &source : nullptr, nullptr);
  check(id);
  ids_used_up_ = id > std::numeric_limits<std::int32_t>::max() - 2;
  stream.id_ = id;
  stream.is_open_ = true;
  streams_.emplace(id, &stream);
}

void h2_session::resume(h2_stream& stream) {
  if (!stream.is_open_) return;
  stop_waiting_for_window(stream);
  stream.waits_for_source_ = false;
  // Fails when the body did not wait, which is well.
  (void)nghttp2_session_resume_data(session_.get(), stream.id_);
}

/// The stream is forgotten first: what follows may lack memory, and the stream is not coming back.
void h2_session::reset(h2_stream& stream) {
  if (!stream.session_) return;
  assert(stream.session_ == this);
  const bool was_open = stream.is_open_;
  if (was_open) forget(stream);
  std::erase(to_tell_, &stream);
  stream.has_news_ = false;
  let_go(stream);
  if (was_open) send_reset(stream.id_);
}

void h2_session::send_reset(std::int32_t id) {
  check(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL));
  guard_.reset_stream();
}

void h2_session::give_back(const h2_stream& stream, std::size_t bytes) noexcept {
  // Fails when the peer has ended its side and sends no more.
  (void)nghttp2_session_consume_stream(session_.get(), stream.id_, bytes);
}

/// The peer is told that the exchange is over.
void h2_session::break_off(h2_stream& stream, error reason) {
  send_reset(stream.id_);
  fail(stream, std::move(reason));
}

void h2_session::fail(h2_stream& stream, error reason) {
  const auto before_body = stream.is_request_finished_ ? phase::first_byte : phase::write;
  reason.phase = stream.has_begun() ? phase::body : before_body;
  reason.body_bytes = stream.body_bytes();
  stream.failure_ = std::move(reason);
  forget(stream);
  tell(stream);
}

void h2_session::fail_unprocessed(h2_stream& stream) {
  stream.is_unprocessed_ = true;
  std::string message = "the server has not processed the request, and the connection takes no more";
  if (goaway_) message = "the server is closing the connection (GOAWAY, " + goaway_->text + ") without the request";
  fail(stream, failure(errc::stream_refused, std::move(message)));
}

void h2_session::forget(h2_stream& stream) noexcept {
  stream.has_heard_ = stream.has_heard_since_sent();
  if (stream.is_open_) streams_.erase(stream.id_);
  stream.is_open_ = false;
  stop_waiting_for_window(stream);
  stream.request_ = nullptr;
  stream.waits_for_source_ = false;
  let_go(stream);
}

/// A stream that is destroyed needs the session only while the session may come back to it.
void h2_session::let_go(h2_stream& stream) noexcept {
  if (!stream.is_open_ && !stream.has_news_) stream.session_ = nullptr;
}

void h2_session::tell(h2_stream& stream) {
  if (std::exchange(stream.has_news_, true)) return;
  stream.session_ = this;
  to_tell_.push_back(&stream);
}

void h2_session::deliver_news() {
  while (!to_tell_.empty()) {
    auto& stream = *to_tell_.front();
    to_tell_.pop_front();
    stream.has_news_ = false;
    let_go(stream);
    // A copy: the listener may destroy the stream.
    if (const auto listener = stream.listener_) listener();
  }
}

// Signs of life

std::uint64_t h2_session::ping(pool::time_point now) {
  const auto number = ++last_ping_;
  check(nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, opaque(number).data()));
  pings_.push_back({number, now});
  return number;
}

std::size_t h2_session::peer_stream_limit() const noexcept {
  return nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

}  // namespace warmwire::connection
