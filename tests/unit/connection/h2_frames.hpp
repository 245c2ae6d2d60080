// HTTP/2 frames by hand: what a peer writes, well-formed or not, and what a session wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::connection::h2_test {

enum frame_type : std::uint8_t {
  data = 0,
  headers_frame = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway_frame = 7,
  window_update = 8,
  continuation = 9,
};

inline constexpr std::uint8_t no_flags = 0;
inline constexpr std::uint8_t end_stream = 1;
inline constexpr std::uint8_t ack = 1;
inline constexpr std::uint8_t end_headers = 4;
inline constexpr std::uint8_t padded = 8;

struct frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;

  /// The number of 32 bits at `offset` of the payload.
  [[nodiscard]] std::uint32_t number(std::size_t offset = 0) const;
};

[[nodiscard]] std::string big_endian(std::uint64_t number, std::size_t bytes);
[[nodiscard]] std::string write(const frame& what);

using field_list = std::vector<std::pair<std::string, std::string>>;
/// Fields compressed without a table: each stands for itself.
[[nodiscard]] std::string literal_fields(const field_list& fields);

// Frames as servers send them
[[nodiscard]] std::string settings_of(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries = {});
[[nodiscard]] std::string head_of(std::uint32_t stream, const field_list& fields, std::uint8_t flags = no_flags);
[[nodiscard]] std::string data_of(std::uint32_t stream, std::string_view bytes, std::uint8_t flags = no_flags);
[[nodiscard]] std::string reset_of(std::uint32_t stream, std::uint32_t code);
[[nodiscard]] std::string goaway_of(std::uint32_t last_stream, std::uint32_t code, std::string_view text = {});
[[nodiscard]] std::string credit_of(std::uint32_t stream, std::uint32_t bytes);

/// The frames in `bytes`, which hold whole ones, behind the client's preface if it is there.
[[nodiscard]] std::vector<frame> read_frames(std::string_view bytes);
[[nodiscard]] std::vector<frame> only(const std::vector<frame>& frames, frame_type type);

}  // namespace warmwire::connection::h2_test
