#include "connection/h2_frame_scanner.hpp"

#include <algorithm>

namespace warmwire::connection {

h2_frame_scanner::step h2_frame_scanner::scan(std::string_view bytes) noexcept {
  step found;
  if (payload_left_ == 0) {
    const auto part = bytes.substr(0, head_.size() - head_bytes_);
    std::ranges::copy(part, head_.begin() + head_bytes_);
    head_bytes_ += part.size();
    found.bytes = part.size();
    if (head_bytes_ < head_.size()) return found;
    head_bytes_ = 0;
    found.head = read_head();
    payload_left_ = found.head->length;
  }
  const auto payload = std::min(payload_left_, bytes.size() - found.bytes);
  payload_left_ -= payload;
  found.bytes += payload;
  return found;
}

h2_frame_head h2_frame_scanner::read_head() const noexcept {
  const auto number = [this](std::size_t from, std::size_t to) {
    std::uint32_t value = 0;
    for (std::size_t i = from; i < to; ++i)
      value = value << 8U | head_[i];
    return value;
  };
  return {number(0, 3), head_[3], head_[4], static_cast<std::int32_t>(number(5, 9) & 0x7fff'ffffU)};
}

}  // namespace warmwire::connection
