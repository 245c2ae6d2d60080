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
  std::optional<unsigned> status;
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

  void apply(const action& added);

  /// The connection is to be ended or silenced at that moment.
  [[nodiscard]] bool ends_at(fault::moment when) const { return end && end->when == when; }
};

}  // namespace warmwire::emulator
