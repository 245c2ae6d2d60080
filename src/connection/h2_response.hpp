// One response as it comes on an HTTP/2 stream, and whether it is one (RFC 9113 §8.1). Pure: it sees fields and bytes,
// no frames. Owned by its stream.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::connection {

class h2_response {
 public:
  void begin(bool answers_head) noexcept { answers_head_ = answers_head; }

  // What comes. Errors, each of which makes the response malformed: `malformed_response`, `conflicting_length`,
  // `header_section_too_large`. After one nothing more is to be given.
  result<void> begin_section();
  result<void> add_field(std::string_view name, std::string_view value);
  enum class section_end : std::uint8_t { more_follows, ends_stream };
  result<void> end_section(section_end how);
  result<void> add_data(std::string_view bytes);
  result<void> end();  ///< END_STREAM with or behind DATA

  [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }
  [[nodiscard]] bool is_head_done() const noexcept { return where_ >= place::body; }
  [[nodiscard]] bool is_done() const noexcept { return where_ == place::done; }
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] warmwire::headers& headers() noexcept { return headers_; }
  [[nodiscard]] std::string& body() noexcept { return body_; }  ///< what has come and was not taken
  [[nodiscard]] const std::string& body() const noexcept { return body_; }
  [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }
  /// How many body bytes are still to come, where the response says so.
  [[nodiscard]] std::optional<std::uint64_t> remaining() const noexcept;

 private:
  enum class place : std::uint8_t { head, in_head, body, in_trailers, done };

  result<void> add_pseudo_field(std::string_view name, std::string_view value);
  result<void> note_length(std::string_view value);
  result<void> end_head(section_end how);
  [[nodiscard]] bool is_bodiless() const noexcept;

  place where_ = place::head;
  bool answers_head_ = false;
  bool has_begun_ = false;
  bool has_fields_ = false;  // of the section that comes, pseudo-header fields aside
  int interim_ = 0;
  int status_ = 0;
  std::size_t section_bytes_ = 0;
  std::optional<std::uint64_t> length_;
  std::uint64_t body_bytes_ = 0;
  warmwire::headers headers_;
  std::string body_;
};

}  // namespace warmwire::connection
