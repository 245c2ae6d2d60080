#include "connection/h2_frame_scanner.hpp"

#include <algorithm>

namespace warmwire::connection {

h2_frame_scanner::step h2_frame_scanner::scan(std::string_view bytes) noexcept {
  if (payload_left_ > 0) {
    const auto payload = std::min(payload_left_, bytes.size());
    payload_left_ -= payload;
    return {.bytes = payload, .head = std::nullopt, .is_payload = true};
  }
  const auto part = bytes.substr(0, head_.size() - head_bytes_);
  std::ranges::copy(part, head_.begin() + static_cast<std::ptrdiff_t>(head_bytes_));
  head_bytes_ += part.size();
  if (head_bytes_ < head_.size()) return {.bytes = part.size(), .head = std::nullopt};
  head_bytes_ = 0;
  const auto head = read_head();
  payload_left_ = head.length;
  return {.bytes = part.size(), .head = head};
}

h2_frame_head h2_frame_scanner::read_head() const noexcept {
  const auto number = [this](std::size_t from, std::size_t to) {
    std::uint32_t value = 0;
    for (std::size_t i = from; i < to; ++i)
      value = value << 8U | static_cast<std::uint8_t>(head_[i]);
    return value;
  };
  return {number(0, 3), static_cast<std::uint8_t>(head_[3]), static_cast<std::uint8_t>(head_[4]),
          static_cast<std::int32_t>(number(5, 9) & 0x7fff'ffffU)};
}

}  // namespace warmwire::connection
