// What the script makes of one request: the actions of all rules that matched, merged. Plain values.
#pragma once

#include "emulator/script.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace warmwire::emulator {

struct behaviour {
  std::chrono::microseconds delay{};
  std::optional<fault::status> status;
  std::vector<fault::header> headers;
  std::optional<std::string> body;
  std::optional<std::string> raw;
  std::vector<fault::interim> interims;
  bool is_early = false;
  std::optional<fault::body_framing> framing;
  bool is_http_1_0 = false;
  std::optional<fault::malformation> malformation;
  std::optional<fault::slow> pace;
  std::vector<fault::stray> strays;
  std::optional<fault::end> end;

  // Streamed answers, coded answers.
  std::optional<std::chrono::microseconds> retry_after;
  std::optional<std::uint64_t> cut_events;
  std::optional<fault::no_terminal> no_terminal;
  std::vector<fault::malformed_event> malformed_events;
  std::optional<fault::error_event> error_event;
  std::vector<fault::noise> noise;
  bool has_duplicate_usage = false;
  std::chrono::microseconds event_delay{};
  std::optional<std::size_t> event_bytes;
  fault::line_end line_end = fault::line_end::lf;
  bool has_byte_order_mark = false;
  bool has_multi_line = false;
  std::optional<fault::compress> compress;

  // HTTP/2 only.
  std::optional<fault::rst> rst;
  bool is_refused = false;
  std::optional<fault::goaway> goaway;
  std::vector<fault::settings> settings;
  bool has_no_pong = false;
  std::optional<fault::slow_window> slow_window;
  std::vector<fault::flood> floods;
  std::optional<fault::overflow_window> overflow_window;
  bool pushes = false;
  std::optional<fault::frame_fault> frame_fault;

  void apply(const action& added);

  /// The connection is to be ended or silenced at that moment.
  [[nodiscard]] bool ends_at(fault::moment when) const { return end && end->when == when; }
  [[nodiscard]] bool is_reset_at(fault::rst::moment when) const { return rst && rst->when == when; }
  [[nodiscard]] bool says_goaway_at(fault::goaway::moment when) const { return goaway && goaway->when == when; }
  /// Over HTTP/1.1 whatever follows the response would be taken for the rest of it.
  [[nodiscard]] bool leaves_response_open() const {
    return ends_at(fault::moment::in_body) || malformation == fault::malformation::long_length;
  }
  [[nodiscard]] bool has(fault::frame_fault kind) const { return frame_fault == kind; }
};

}  // namespace warmwire::emulator
