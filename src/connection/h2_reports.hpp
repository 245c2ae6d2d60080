// What nghttp2 reports to a session while it feeds and writes. Private to h2_session.
#pragma once

#include "connection/h2_session.hpp"

#include <nghttp2/nghttp2.h>

namespace warmwire::connection {

/// Of the output, DATA fills no more than this; control frames come on top.
inline constexpr std::size_t max_output_bytes = std::size_t{64} << 10;

struct h2_session::reports {
  static nghttp2_session* make_client(h2_session& self, const nghttp2_option* options);
  static nghttp2_data_provider body_source();

  // What comes
  static void on_frame_head(h2_session& self, const h2_frame_head& frame);
  static int on_begin_headers(h2_session& self, const nghttp2_frame& frame);
  static int on_field(h2_session& self, const nghttp2_frame& frame, std::string_view name, std::string_view value);
  static int on_data(h2_session& self, std::int32_t id, std::string_view bytes);
  static int on_frame(h2_session& self, const nghttp2_frame& frame);
  static int on_stream_end(h2_session& self, std::int32_t id, std::uint32_t code);

  // What goes
  static void on_sent(h2_session& self, const nghttp2_frame& frame);
  static void on_not_sent(h2_session& self, const nghttp2_frame& frame);
  static ssize_t read_body(h2_session& self, std::int32_t id, std::span<std::uint8_t> room, std::uint32_t& flags);

 private:
  template <class Report>
  static int contain(h2_session& self, Report report) noexcept;
  static void on_closed_stream_frame(h2_session& self, const h2_frame_head& frame);
  static void on_goaway(h2_session& self, const nghttp2_goaway& frame);
  static void on_pong(h2_session& self, const std::uint8_t* opaque);
  static void on_reset_by_peer(h2_session& self, h2_stream& stream, std::uint32_t code);
  template <class Step>
  static void judge(h2_session& self, h2_stream& stream, Step step);
};

}  // namespace warmwire::connection
