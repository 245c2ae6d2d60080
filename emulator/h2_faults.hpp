// The faults that only HTTP/2 has (docs/emulator.md): plain values, a part of script.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace warmwire::emulator {

/// RFC 9113 §7.
enum class h2_code : std::uint32_t {
  no_error = 0x0,
  protocol_error = 0x1,
  internal_error = 0x2,
  flow_control_error = 0x3,
  settings_timeout = 0x4,
  stream_closed = 0x5,
  frame_size_error = 0x6,
  refused_stream = 0x7,
  cancel = 0x8,
  compression_error = 0x9,
  connect_error = 0xa,
  enhance_your_calm = 0xb,
  inadequate_security = 0xc,
  http_1_1_required = 0xd,
};

inline constexpr std::uint32_t max_stream_id = 0x7fff'ffff;

/// These do nothing on a connection that speaks HTTP/1.1.
namespace fault {

/// Ends the stream with RST_STREAM.
struct rst {
  enum class moment : std::uint8_t {
    before_response,
    in_body,         ///< after so many bytes, or events, of the body, without its end
    after_response,  ///< after the end of the response
  };
  h2_code code = h2_code::cancel;
  moment when = moment::before_response;
  std::uint64_t body_bytes = 0;           ///< for `in_body`
  std::optional<std::uint64_t> events{};  ///< for `in_body`, instead of bytes
};

/// Refuses the stream as soon as its head was read: REFUSED_STREAM, which promises that nothing was done.
struct refuse {};

/// Sends GOAWAY. Streams above the last id are dropped without an answer; when the others are complete, the connection
/// is closed in order.
struct goaway {
  enum class last_id : std::uint8_t { own, before_own, number };
  enum class moment : std::uint8_t { before_response, after_head, idle };
  last_id last = last_id::own;
  std::uint32_t number = 0;  ///< for `last_id::number`
  h2_code code = h2_code::no_error;
  moment when = moment::before_response;
  std::chrono::microseconds after{};  ///< for `idle`
};

/// Changes the limits that the server announces, before the response.
struct settings {
  enum class name : std::uint8_t { max_streams, window };
  name changed = name::max_streams;
  std::uint32_t value = 0;
};

/// Acknowledges no PING from the head of the request on.
struct no_pong {};

/// Gives back what the request's body used up of the flow-control windows only so long after it was read, or never.
struct slow_window {
  std::optional<std::chrono::microseconds> after{};  ///< nothing for never
  bool has_connection = false;                       ///< the connection's window too, not the stream's alone
};

enum class flood_kind : std::uint8_t {
  settings,      ///< SETTINGS frames
  ping,          ///< PING frames
  continuation,  ///< CONTINUATION frames, of a head that never ends; after them the connection is silent
  empty_data,    ///< DATA frames without a byte, before the body
  rst,           ///< RST_STREAM frames for the stream
  headers,       ///< header fields of 1,000 bytes in the head of the answer
};

/// So many hostile frames, before the response.
struct flood {
  flood_kind kind = flood_kind::ping;
  std::uint32_t count = 1;
};

/// Raises a flow-control window of the client's above 2^31 - 1, before the response.
struct overflow_window {
  bool is_of_stream = false;
};

/// Pushes, though clients forbid it, before the response.
struct push {};

enum class frame_fault : std::uint8_t {
  oversized,         ///< a DATA frame longer than a client has to take; instead of the response
  stream_zero,       ///< DATA on stream 0; instead of the response
  hpack,             ///< a header block that cannot be decoded; instead of the response
  uppercase_header,  ///< a response whose head has a name in capitals, and no body
  no_status,         ///< a response without :status
  two_statuses,      ///< a response with two :status fields
  short_length,      ///< content-length is one less than the body has
  long_length,       ///< content-length is one more than the body has
  unknown_type,      ///< a frame of an unknown type, which a client has to ignore; before the response
};

/// Breaks HTTP/2 in one way.
struct bad_frame {
  frame_fault kind = frame_fault::oversized;
};

}  // namespace fault
}  // namespace warmwire::emulator
