// Cuts a line of the fault language into words, quoted texts and the marks ':' and ','. Pure, any thread.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

struct script_token {
  enum class kind : std::uint8_t { word, text, mark, end };
  kind type = kind::end;
  std::string content{};  ///< of a text: unescaped, without its quotes
};

/// What is wrong with a line. Never leaves `parse_script`.
class script_mistake : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The tokens of a line up to a comment, with an `end` behind them. Throws script_mistake.
[[nodiscard]] std::vector<script_token> tokenize(std::string_view line);

}  // namespace warmwire::emulator
