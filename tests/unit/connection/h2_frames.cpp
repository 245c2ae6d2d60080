#include "tests/unit/connection/h2_frames.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace warmwire::connection::h2_test {

namespace {

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t frame_head = 9;

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes)
    number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

/// A string of RFC 7541 §5.2, not Huffman-coded.
std::string literal(std::string_view text) {
  std::string out;
  if (text.size() < 127) {
    out.push_back(static_cast<char>(text.size()));
  } else {
    out.push_back(127);
    auto rest = text.size() - 127;
    for (; rest >= 128; rest /= 128)
      out.push_back(static_cast<char>(rest % 128 + 128));
    out.push_back(static_cast<char>(rest));
  }
  return out.append(text);
}

}  // namespace

std::uint32_t frame::number(std::size_t offset) const {
  return static_cast<std::uint32_t>(number_in(std::string_view(payload).substr(offset, 4)));
}

std::string big_endian(std::uint64_t number, std::size_t bytes) {
  std::string out(bytes, '\0');
  for (auto at = out.rbegin(); at != out.rend(); ++at, number >>= 8U)
    *at = static_cast<char>(number & 0xffU);
  return out;
}

std::string write(const frame& what) {
  std::string out = big_endian(what.payload.size(), 3);
  out.append(big_endian(what.type, 1)).append(big_endian(what.flags, 1)).append(big_endian(what.stream, 4));
  return out.append(what.payload);
}

std::string literal_fields(const field_list& fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out.append(1, '\0').append(literal(name)).append(literal(value));
  return out;
}

std::string settings_of(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries) {
  std::string payload;
  for (const auto& [id, value] : entries)
    payload.append(big_endian(id, 2)).append(big_endian(value, 4));
  return write({settings, no_flags, 0, payload});
}

std::string head_of(std::uint32_t stream, const field_list& fields, std::uint8_t flags) {
  return write({headers_frame, static_cast<std::uint8_t>(flags | end_headers), stream, literal_fields(fields)});
}

std::string data_of(std::uint32_t stream, std::string_view bytes, std::uint8_t flags) {
  return write({data, flags, stream, std::string(bytes)});
}

std::string reset_of(std::uint32_t stream, std::uint32_t code) {
  return write({rst_stream, no_flags, stream, big_endian(code, 4)});
}

std::string goaway_of(std::uint32_t last_stream, std::uint32_t code, std::string_view text) {
  return write({goaway_frame, no_flags, 0, big_endian(last_stream, 4).append(big_endian(code, 4)).append(text)});
}

std::string credit_of(std::uint32_t stream, std::uint32_t bytes) {
  return write({window_update, no_flags, stream, big_endian(bytes, 4)});
}

std::vector<frame> read_frames(std::string_view bytes) {
  std::vector<frame> found;
  if (bytes.starts_with(preface)) bytes.remove_prefix(preface.size());
  while (bytes.size() >= frame_head) {
    const auto length = number_in(bytes.substr(0, 3));
    frame next{static_cast<std::uint8_t>(bytes[3]), static_cast<std::uint8_t>(bytes[4]),
               static_cast<std::uint32_t>(number_in(bytes.substr(5, 4))),
               std::string(bytes.substr(frame_head, length))};
    bytes.remove_prefix(frame_head + next.payload.size());
    found.push_back(std::move(next));
  }
  EXPECT_TRUE(bytes.empty()) << "the output ends within a frame";
  return found;
}

std::vector<frame> only(const std::vector<frame>& frames, frame_type type) {
  std::vector<frame> found;
  std::ranges::copy_if(frames, std::back_inserter(found), [type](const frame& each) { return each.type == type; });
  return found;
}

}  // namespace warmwire::connection::h2_test
