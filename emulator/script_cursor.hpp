// A line of the fault language, read word by word. Pure; owned by the parser.
#pragma once

#include "emulator/script_tokens.hpp"
#include "emulator/script_words.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

/// What takes a certain thing throws script_mistake, saying what is allowed, when another comes.
class script_cursor {
 public:
  explicit script_cursor(std::string_view line) : tokens_(tokenize(line)) {}

  [[nodiscard]] const script_token& next() const { return tokens_[at_]; }
  [[nodiscard]] bool is_at_end() const { return next().type == script_token::kind::end; }

  /// Moves behind that word; false, and stays, when another comes.
  bool take(std::string_view word);
  bool take_mark(char mark);
  void expect(std::string_view word);

  struct range {
    std::uint64_t at_least = 1;
    std::uint64_t at_most = UINT64_MAX;
  };
  /// `what` is the word before it.
  std::uint64_t number(std::string_view what, range allowed);
  std::uint64_t number(std::string_view what) { return number(what, {}); }
  std::chrono::microseconds duration(std::string_view what);
  std::string text(std::string_view what);
  /// A word or a text.
  std::string word_or_text(std::string_view what);
  template <class Value, std::size_t Count>
  Value one_of(const std::array<word<Value>, Count>& words, std::string_view what);

  [[noreturn]] void refuse(const std::string& allowed) const;

 private:
  std::vector<script_token> tokens_;
  std::size_t at_ = 0;
};

template <class Value, std::size_t Count>
Value script_cursor::one_of(const std::array<word<Value>, Count>& words, std::string_view what) {
  std::string allowed;
  for (const auto& [name, value] : words) {
    if (take(name)) return value;
    allowed.append(allowed.empty() ? "" : ", ").append(name);
  }
  refuse(allowed + " after '" + std::string(what) + "'");
}

}  // namespace warmwire::emulator
