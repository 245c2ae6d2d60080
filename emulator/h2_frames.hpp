// HTTP/2 frames made by hand, for those that nghttp2 would not make (RFC 9113 §4 and §6). Pure functions, any thread.
#pragma once

#include "emulator/h2_faults.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::emulator {

struct h2_frame {
  enum class type : std::uint8_t {
    data = 0x0,
    headers = 0x1,
    rst_stream = 0x3,
    settings = 0x4,
    push_promise = 0x5,
    ping = 0x6,
    goaway = 0x7,
    window_update = 0x8,
    continuation = 0x9,
    unknown = 0xbb,  ///< in the range that no document has taken
  };
  static constexpr std::size_t head_bytes = 9;
  static constexpr std::uint8_t end_stream = 0x1;
  static constexpr std::uint8_t end_headers = 0x4;

  type kind = type::data;
  std::uint8_t flags = 0;
  std::int32_t stream = 0;
  std::string_view payload{};
};

void append_frame(std::string& to, const h2_frame& frame);

void append_goaway(std::string& to, std::uint32_t last_stream, h2_code code);
void append_rst_stream(std::string& to, std::int32_t stream, h2_code code);
void append_window_update(std::string& to, std::int32_t stream, std::uint32_t increment);

/// Appends a field to a header block, as a literal that leaves no trace in HPACK's tables (RFC 7541 §6.2.2). Name and
/// value are shorter than 127 bytes.
void append_literal(std::string& block, std::string_view name, std::string_view value);

/// Another frame may follow the bytes, which begin with a frame: they do not leave a header block open.
[[nodiscard]] bool ends_header_block(std::string_view frame);

}  // namespace warmwire::emulator
