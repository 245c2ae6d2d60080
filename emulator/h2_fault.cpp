// Faults made of frames, which come before the response or in its place.
#include "emulator/h2_fault.hpp"

#include "emulator/h2_frames.hpp"

#include <string>
#include <string_view>

namespace warmwire::emulator {
namespace {

using fault::flood_kind;
using fault::frame_fault;
using type = h2_frame::type;

constexpr std::string_view status_200 = "\x88";  // RFC 7541, Appendix A
constexpr std::string_view ping_payload = "warmwire";
constexpr std::size_t max_frame_bytes = 16384;  // that a client has to take (RFC 9113 §6.5.2)

std::string flood_field() {
  std::string block;
  append_literal(block, "x-flood", "drop by drop");
  return block;
}

void append_endless_head(std::string& to, std::int32_t stream, std::uint32_t continuations) {
  append_frame(to, {.kind = type::headers, .stream = stream, .payload = status_200});
  const std::string field = flood_field();
  for (std::uint32_t i = 0; i < continuations; ++i)
    append_frame(to, {.kind = type::continuation, .stream = stream, .payload = field});
}

h2_consequence send_flood(h2_wire& to, const h2_stream& of, const fault::flood& asked) {
  std::string frames;
  auto outcome = h2_consequence::answer;
  switch (asked.kind) {
    case flood_kind::settings:
      // Each is acknowledged, and nghttp2 counts.
      for (std::uint32_t i = 0; i < asked.count; ++i)
        to.send_settings();
      break;
    case flood_kind::ping:
      for (std::uint32_t i = 0; i < asked.count; ++i)
        append_frame(frames, {.kind = type::ping, .payload = ping_payload});
      break;
    case flood_kind::continuation:
      append_endless_head(frames, of.id, asked.count);
      outcome = h2_consequence::no_further;
      break;
    case flood_kind::rst:
      for (std::uint32_t i = 1; i < asked.count; ++i)
        append_rst_stream(frames, of.id, h2_code::cancel);
      to.reset(of.id, h2_code::cancel);
      outcome = h2_consequence::no_answer;
      break;
    case flood_kind::empty_data:  // before the body
    case flood_kind::headers:     // in the head
      break;
  }
  to.send_raw(frames);
  return outcome;
}

void send_push(h2_wire& to, const h2_stream& of) {
  constexpr std::string_view promised_stream("\0\0\0\x02", 4);
  constexpr std::string_view get_https = "\x82\x87";  // RFC 7541, Appendix A
  std::string payload(promised_stream);
  payload += get_https;
  append_literal(payload, ":authority", "localhost");
  append_literal(payload, ":path", "/pushed");
  std::string frame;
  append_frame(frame,
               {.kind = type::push_promise, .flags = h2_frame::end_headers, .stream = of.id, .payload = payload});
  to.send_raw(frame);
}

void send_overflow(h2_wire& to, std::int32_t stream) {
  std::string frames;
  append_window_update(frames, stream, max_stream_id);
  append_window_update(frames, stream, max_stream_id);
  to.send_raw(frames);
}

h2_consequence send_bad_frame(h2_wire& to, const h2_stream& of, frame_fault kind) {
  std::string bytes;
  h2_frame frame{.stream = of.id};
  auto outcome = h2_consequence::no_answer;
  switch (kind) {
    case frame_fault::oversized:
      bytes.assign(max_frame_bytes + 1, 'x');
      break;
    case frame_fault::stream_zero:
      bytes = "x";
      frame.stream = 0;
      break;
    case frame_fault::hpack:
      bytes = "\x80";  // index 0, which does not exist
      frame.kind = type::headers;
      frame.flags = h2_frame::end_headers;
      break;
    case frame_fault::uppercase_header:
      bytes = status_200;
      append_literal(bytes, "X-Capital", "1");
      frame.kind = type::headers;
      frame.flags = h2_frame::end_headers | h2_frame::end_stream;
      break;
    case frame_fault::unknown_type:
      bytes = "what is this";
      frame.kind = type::unknown;
      outcome = h2_consequence::answer;
      break;
    case frame_fault::no_status:
    case frame_fault::two_statuses:
    case frame_fault::short_length:
    case frame_fault::long_length:
      return h2_consequence::answer;  // in the head of the answer
  }
  frame.payload = bytes;
  std::string sent;
  append_frame(sent, frame);
  to.send_raw(sent);
  return outcome;
}

}  // namespace

h2_consequence send_faults(h2_wire& to, const h2_stream& of) {
  for (const fault::settings& each : of.asked.settings)
    to.change(each);
  if (of.asked.overflow_window) send_overflow(to, of.asked.overflow_window->is_of_stream ? of.id : 0);
  if (of.asked.pushes) send_push(to, of);
  auto outcome = h2_consequence::answer;
  for (const fault::flood& each : of.asked.floods) {
    const auto consequence = send_flood(to, of, each);
    if (consequence == h2_consequence::no_further) return consequence;
    if (consequence != h2_consequence::answer) outcome = consequence;
  }
  if (!of.asked.frame_fault || outcome != h2_consequence::answer) return outcome;
  return send_bad_frame(to, of, *of.asked.frame_fault);
}

}  // namespace warmwire::emulator
