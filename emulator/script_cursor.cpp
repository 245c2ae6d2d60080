// A line of the fault language, read word by word.
#include "emulator/script_cursor.hpp"

#include "emulator/duration.hpp"
#include "text/printable.hpp"

#include <charconv>

namespace warmwire::emulator {

using kind = script_token::kind;

bool script_cursor::take(std::string_view word) {
  const bool is_it = next().type == kind::word && next().content == word;
  if (is_it) ++at_;
  return is_it;
}

bool script_cursor::take_mark(char mark) {
  const bool is_it = next().type == kind::mark && next().content.front() == mark;
  if (is_it) ++at_;
  return is_it;
}

void script_cursor::expect(std::string_view word) {
  if (!take(word)) refuse(std::string(word));
}

std::uint64_t script_cursor::number(std::string_view what, range allowed) {
  const std::string& digits = next().content;
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = next().type == kind::word && failure == std::errc{} && end == digits.data() + digits.size();
  if (!is_number || value < allowed.at_least || value > allowed.at_most) {
    std::string wanted = "a whole number from ";
    wanted.append(std::to_string(allowed.at_least)).append(" ");
    wanted.append(allowed.at_most == UINT64_MAX ? std::string("on") : "to " + std::to_string(allowed.at_most));
    refuse(wanted.append(" after '").append(what).append("'"));
  }
  ++at_;
  return value;
}

std::chrono::microseconds script_cursor::duration(std::string_view what) {
  const auto value = parse_duration(next().content);
  if (next().type != kind::word || !value) {
    refuse("a duration like 200ms, 1.5s or 2m after '" + std::string(what) + "'");
  }
  ++at_;
  return *value;
}

std::string script_cursor::text(std::string_view what) {
  if (next().type != kind::text) refuse("a text in double quotes after '" + std::string(what) + "'");
  return tokens_[at_++].content;
}

std::string script_cursor::word_or_text(std::string_view what) {
  return next().type == kind::word ? tokens_[at_++].content : text(what);
}

void script_cursor::refuse(const std::string& allowed) const {
  const std::string found = is_at_end() ? "the line ends" : "'" + text::printable(next().content, 60) + "'";
  throw script_mistake(found + " where something else is needed; allowed: " + allowed);
}

}  // namespace warmwire::emulator
