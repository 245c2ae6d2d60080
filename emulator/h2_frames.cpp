// HTTP/2 frames made by hand.
#include "emulator/h2_frames.hpp"

#include <cassert>

namespace warmwire::emulator {
namespace {

void append_big_endian(std::string& to, std::uint32_t value, unsigned bytes) {
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8)
    to += static_cast<char>(static_cast<std::uint8_t>(value >> (shift - 8)));
}

}  // namespace

void append_frame(std::string& to, const h2_frame& frame) {
  append_big_endian(to, static_cast<std::uint32_t>(frame.payload.size()), 3);
  append_big_endian(to, static_cast<std::uint32_t>(frame.kind), 1);
  append_big_endian(to, frame.flags, 1);
  append_big_endian(to, static_cast<std::uint32_t>(frame.stream), 4);
  to += frame.payload;
}

void append_goaway(std::string& to, std::uint32_t last_stream, h2_code code) {
  std::string payload;
  append_big_endian(payload, last_stream, 4);
  append_big_endian(payload, static_cast<std::uint32_t>(code), 4);
  append_frame(to, {.kind = h2_frame::type::goaway, .payload = payload});
}

void append_rst_stream(std::string& to, std::int32_t stream, h2_code code) {
  std::string payload;
  append_big_endian(payload, static_cast<std::uint32_t>(code), 4);
  append_frame(to, {.kind = h2_frame::type::rst_stream, .stream = stream, .payload = payload});
}

void append_window_update(std::string& to, std::int32_t stream, std::uint32_t increment) {
  std::string payload;
  append_big_endian(payload, increment, 4);
  append_frame(to, {.kind = h2_frame::type::window_update, .stream = stream, .payload = payload});
}

void append_literal(std::string& block, std::string_view name, std::string_view value) {
  constexpr std::size_t short_bytes = 127;  // longer lengths take more than one byte
  assert(name.size() < short_bytes && value.size() < short_bytes);
  static_cast<void>(short_bytes);
  block += '\0';
  block += static_cast<char>(name.size());
  block += name;
  block += static_cast<char>(value.size());
  block += value;
}

bool ends_header_block(std::string_view frame) {
  const auto kind = static_cast<h2_frame::type>(static_cast<std::uint8_t>(frame[3]));
  const bool has_block =
      kind == h2_frame::type::headers || kind == h2_frame::type::push_promise || kind == h2_frame::type::continuation;
  return !has_block || (static_cast<std::uint8_t>(frame[4]) & h2_frame::end_headers) != 0;
}

}  // namespace warmwire::emulator
