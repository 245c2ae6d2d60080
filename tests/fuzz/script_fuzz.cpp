// The emulator's fault scripts.
#include "emulator/duration.hpp"
#include "emulator/script.hpp"
#include "emulator/script_words.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace {

using namespace warmwire::emulator;
using warmwire::fuzz::require;

std::string in_quotes(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      out += c;
    } else {
      out.append("\\x").append({digits[byte >> 4U], digits[byte & 15U]});
    }
  }
  return out.append("\"");
}

template <class Value, std::size_t Count>
std::string word_of(const std::array<word<Value>, Count>& words, Value value) {
  const auto found =
      std::find_if(words.begin(), words.end(), [value](const auto& each) { return each.value == value; });
  return found == words.end() ? std::string() : std::string(found->text);
}

std::string moment_of(const fault::end& end) {
  switch (end.when) {
    case fault::moment::before_response:
      return "";
    case fault::moment::after_head:
      return " after head";
    case fault::moment::in_body:
      return " after " + std::to_string(end.body_bytes) + " bytes";
    case fault::moment::idle:
      return " when idle after " + duration_text(end.after);
    case fault::moment::accept:
      return " at accept";
    case fault::moment::handshake:
      return " in handshake";
  }
  return "";
}

/// Writes an action as the language has it; nothing for those that this file does not know.
struct printer {
  std::string operator()(const fault::delay& what) const { return "delay " + duration_text(what.duration); }
  std::string operator()(const fault::status& what) const { return "status " + std::to_string(what.code); }
  std::string operator()(const fault::header& what) const {
    return "header " + in_quotes(std::string(what.name).append(": ").append(what.value));
  }
  std::string operator()(const fault::body& what) const { return "body " + in_quotes(what.text); }
  std::string operator()(const fault::raw& what) const { return "raw " + in_quotes(what.bytes); }
  std::string operator()(const fault::interim& what) const {
    return "interim " + std::to_string(what.code) + " times " + std::to_string(what.times);
  }
  std::string operator()(const fault::early&) const { return "early"; }
  std::string operator()(const fault::framing& what) const { return "framing " + word_of(framing_words, what.kind); }
  std::string operator()(const fault::http_1_0&) const { return "http 1.0"; }
  std::string operator()(const fault::malformed& what) const {
    return "malformed " + word_of(malformation_words, what.kind);
  }
  std::string operator()(const fault::slow& what) const {
    return "slow " + std::to_string(what.bytes) + " bytes every " + duration_text(what.interval);
  }
  std::string operator()(const fault::stray& what) const {
    const bool is_idle = what.where == fault::stray::placement::idle;
    return "stray " + in_quotes(what.bytes) + (is_idle ? " after " + duration_text(what.after) : " with response");
  }
  std::string operator()(const fault::end& what) const { return word_of(ending_words, what.how) + moment_of(what); }
  template <class Unknown>
  std::string operator()(const Unknown&) const {
    return "";
  }
};

void append_number(std::string& out, std::string_view name, const std::optional<std::uint64_t>& number) {
  if (number) out.append(name).append(std::to_string(*number));
}

std::string print(const selector& when) {
  std::string out = "all";
  append_number(out, " request ", when.request);
  append_number(out, " every ", when.every);
  append_number(out, " connection ", when.connection);
  append_number(out, when.connection ? " request " : " each connection request ", when.connection_request);
  if (!when.path.empty()) out.append(" path ").append(in_quotes(when.path));
  append_number(out, " times ", when.times);
  return out;
}

/// The script as text; nothing when it holds an action that cannot be printed here.
std::optional<std::string> print(const script& parsed) {
  std::string out;
  for (const auto& [when, actions] : parsed.rules) {
    out += print(when);
    char separator = ':';
    for (const auto& each : actions) {
      const auto text = std::visit(printer{}, each);
      if (text.empty()) return std::nullopt;
      out.append(1, std::exchange(separator, ',')).append(" ").append(text);
    }
    out += '\n';
  }
  return out;
}

/// What a script means does not depend on the lines around: each alone gives its own rule.
void check_lines(std::string_view text, const script& parsed) {
  std::size_t rules = 0;
  while (!text.empty()) {
    const auto alone = parse_script(warmwire::fuzz::next_line(text));
    require(alone.has_value() && alone->rules.size() <= 1, "a line of a good script is good");
    rules += alone->rules.size();
  }
  require(rules == parsed.rules.size(), "a line has at most one rule");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = warmwire::fuzz::as_text(data, size);
  const auto parsed = parse_script(text);
  if (!parsed) {
    require(parsed.error().code == warmwire::errc::invalid_option, "the documented error");
    require(warmwire::fuzz::is_one_line(parsed.error().message), "a message has no control characters");
    return 0;
  }
  for (const auto& each : parsed->rules)
    require(!find_contradiction(each), "a rule that is read is sound");
  check_lines(text, *parsed);
  const auto printed = print(*parsed);
  if (!printed) return 0;
  const auto again = parse_script(*printed);
  require(again.has_value(), "what is printed can be read");
  require(print(*again) == printed, "what is printed and read is the same");
  return 0;
}
