#include "connection/h2_code.hpp"

#include <array>
#include <charconv>

namespace warmwire::connection {

namespace {

struct code {
  std::string_view name;
  std::string_view offence;
};

constexpr std::string_view any_offence = "broke the protocol";
constexpr std::string_view wrong_place = "sent a frame that is not allowed, or not allowed there";

constexpr std::array<code, 14> codes = {{
    {"NO_ERROR", any_offence},
    {"PROTOCOL_ERROR", wrong_place},
    {"INTERNAL_ERROR", any_offence},
    {"FLOW_CONTROL_ERROR", "overran a flow-control window"},
    {"SETTINGS_TIMEOUT", any_offence},
    {"STREAM_CLOSED", "sent a frame on a stream that it had ended"},
    {"FRAME_SIZE_ERROR", "sent a frame that is too long or too short"},
    {"REFUSED_STREAM", any_offence},
    {"CANCEL", any_offence},
    {"COMPRESSION_ERROR", "sent a header section that cannot be decompressed"},
    {"CONNECT_ERROR", any_offence},
    {"ENHANCE_YOUR_CALM", "flooded the connection"},
    {"INADEQUATE_SECURITY", any_offence},
    {"HTTP_1_1_REQUIRED", any_offence},
}};

}  // namespace

std::string h2_code_name(std::uint32_t code) {
  if (code < codes.size()) return std::string(codes[code].name);
  std::array<char, 8> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), code, 16);
  return std::string("error 0x").append(digits.data(), written.ptr);
}

std::string_view h2_offence(std::uint32_t code) noexcept {
  return code < codes.size() ? codes[code].offence : any_offence;
}

}  // namespace warmwire::connection
