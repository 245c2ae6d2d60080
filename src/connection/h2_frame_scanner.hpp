// Finds the heads of HTTP/2 frames in the bytes of a connection (RFC 9113 §4.1). nghttp2 does not report the frames
// that it ignores, and those are what a flood is made of. Pure. Owned by its session.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace warmwire::connection {

struct h2_frame_head {
  std::uint32_t length = 0;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::int32_t stream = 0;
};

class h2_frame_scanner {
 public:
  struct step {
    std::size_t bytes = 0;              ///< looked at: of a head, or of a payload
    std::optional<h2_frame_head> head;  ///< that is complete with them: see `head_bytes`
    bool is_payload = false;
  };
  /// Looks at the first of `bytes`, of which there must be one.
  step scan(std::string_view bytes) noexcept;
  /// What was looked at ends with a frame.
  [[nodiscard]] bool is_between_frames() const noexcept { return head_bytes_ == 0 && payload_left_ == 0; }
  /// The head that was completed last, whole.
  [[nodiscard]] std::string_view head_bytes() const noexcept { return {head_.data(), head_.size()}; }

 private:
  [[nodiscard]] h2_frame_head read_head() const noexcept;

  std::array<char, 9> head_{};
  std::size_t head_bytes_ = 0;
  std::size_t payload_left_ = 0;
};

}  // namespace warmwire::connection
