// Reads the fault language, whose grammar and meaning are in docs/emulator.md.
#include "emulator/duration.hpp"
#include "emulator/script.hpp"
#include "emulator/script_tokens.hpp"
#include "emulator/script_words.hpp"
#include "providers/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace warmwire::emulator {
namespace {

using kind = script_token::kind;

class line_parser {
 public:
  explicit line_parser(std::string_view line) : tokens_(tokenize(line)) {}

  [[nodiscard]] bool is_empty() const { return tokens_.front().type == kind::end; }
  rule parse();

 private:
  selector parse_selector();
  void parse_condition(selector& into);
  action parse_action();
  action parse_header();
  action parse_interim();
  action parse_slow();
  action parse_stray();
  action parse_end(fault::ending how);
  action parse_http();

  [[nodiscard]] const script_token& next() const { return tokens_[at_]; }
  bool take(std::string_view word);
  bool take_mark(char mark);
  void expect(std::string_view word);
  std::uint64_t number(std::string_view what, std::uint64_t at_least = 1);
  std::chrono::microseconds duration(std::string_view what);
  std::string text(std::string_view what);
  template <class Value, std::size_t Count>
  Value one_of(const std::array<word<Value>, Count>& words, std::string_view what);
  [[noreturn]] void refuse(const std::string& allowed) const;

  std::vector<script_token> tokens_;
  std::size_t at_ = 0;
};

rule line_parser::parse() {
  rule parsed{.when = parse_selector(), .actions = {}};
  do {
    parsed.actions.push_back(parse_action());
  } while (take_mark(','));
  if (next().type != kind::end) refuse("a comma and another action, or the end of the line");
  if (const auto contradiction = find_contradiction(parsed)) throw script_mistake(*contradiction);
  return parsed;
}

// --- when ---

selector line_parser::parse_selector() {
  selector when;
  const std::size_t start = at_;
  while (!take_mark(':'))
    parse_condition(when);
  if (at_ == start + 1) throw script_mistake("no selector before the colon; allowed: all, request N, every N, …");
  // On a named connection, its own requests are counted.
  if (when.connection && when.request) when.connection_request = std::exchange(when.request, std::nullopt);
  return when;
}

void line_parser::parse_condition(selector& into) {
  if (take("all")) return;
  if (take("request")) {
    into.request = number("request");
  } else if (take("each")) {
    expect("connection");
    expect("request");
    into.connection_request = number("request");
  } else if (take("every")) {
    into.every = number("every");
  } else if (take("connection")) {
    into.connection = number("connection");
  } else if (take("path")) {
    const bool is_word = next().type == kind::word;
    into.path = is_word ? tokens_[at_++].content : text("path");
  } else if (take("times")) {
    into.times = number("times");
  } else {
    refuse(
        "all, request N, every N, connection N [request N], each connection request N, path PREFIX, times N, or the "
        "colon");
  }
}

// --- what ---

action line_parser::parse_action() {
  if (take("delay")) return fault::delay{duration("delay")};
  if (take("status")) return fault::status{static_cast<unsigned>(std::min<std::uint64_t>(number("status"), 9999))};
  if (take("header")) return parse_header();
  if (take("body")) return fault::body{text("body")};
  if (take("raw")) return fault::raw{text("raw")};
  if (take("interim")) return parse_interim();
  if (take("early")) return fault::early{};
  if (take("framing")) return fault::framing{one_of(framing_words, "framing")};
  if (take("http")) return parse_http();
  if (take("malformed")) return fault::malformed{one_of(malformation_words, "malformed")};
  if (take("slow")) return parse_slow();
  if (take("stray")) return parse_stray();
  for (const auto& [name, how] : ending_words) {
    if (take(name)) return parse_end(how);
  }
  refuse(
      "delay, status, header, body, raw, interim, early, framing, http, malformed, slow, stray, close, truncate, "
      "half-close, reset, stall or vanish");
}

action line_parser::parse_header() {
  const std::string line = text("header");
  const auto colon = line.find(':');
  if (colon == line.npos) throw script_mistake("header without a colon; allowed: \"NAME: VALUE\" or \"NAME:\"");
  const auto value = line.find_first_not_of(' ', colon + 1);
  return fault::header{line.substr(0, colon), value == line.npos ? std::string() : line.substr(value)};
}

action line_parser::parse_interim() {
  fault::interim parsed;
  parsed.code = static_cast<unsigned>(std::min<std::uint64_t>(number("interim"), 9999));
  if (take("times")) parsed.times = static_cast<unsigned>(std::min<std::uint64_t>(number("times"), 9999));
  return parsed;
}

action line_parser::parse_http() {
  if (!take("1.0")) refuse("1.0");
  return fault::http_1_0{};
}

action line_parser::parse_slow() {
  fault::slow parsed;
  parsed.bytes = static_cast<std::size_t>(number("slow"));
  if (!take("bytes")) expect("byte");
  expect("every");
  parsed.interval = duration("every");
  return parsed;
}

action line_parser::parse_stray() {
  fault::stray parsed{.bytes = text("stray")};
  if (take("with")) {
    expect("response");
    parsed.where = fault::stray::placement::with_response;
  } else if (take("after")) {
    parsed.after = duration("after");
  }
  return parsed;
}

action line_parser::parse_end(fault::ending how) {
  fault::end parsed{.how = how};
  if (take("after")) {
    if (take("head")) {
      parsed.when = fault::moment::after_head;
      return parsed;
    }
    parsed.when = fault::moment::in_body;
    parsed.body_bytes = number("after", 0);
    if (!take("bytes")) expect("byte");
  } else if (take("when")) {
    expect("idle");
    parsed.when = fault::moment::idle;
    if (take("after")) parsed.after = duration("after");
  } else if (take("at")) {
    expect("accept");
    parsed.when = fault::moment::accept;
  } else if (take("in")) {
    expect("handshake");
    parsed.when = fault::moment::handshake;
  }
  return parsed;
}

// --- tokens ---

bool line_parser::take(std::string_view word) {
  const bool is_it = next().type == kind::word && next().content == word;
  if (is_it) ++at_;
  return is_it;
}

bool line_parser::take_mark(char mark) {
  const bool is_it = next().type == kind::mark && next().content.front() == mark;
  if (is_it) ++at_;
  return is_it;
}

void line_parser::expect(std::string_view word) {
  if (!take(word)) refuse(std::string(word));
}

std::uint64_t line_parser::number(std::string_view what, std::uint64_t at_least) {
  const std::string& digits = next().content;
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = next().type == kind::word && failure == std::errc{} && end == digits.data() + digits.size();
  if (!is_number || value < at_least) {
    refuse("a whole number from " + std::to_string(at_least) + " on after '" + std::string(what) + "'");
  }
  ++at_;
  return value;
}

std::chrono::microseconds line_parser::duration(std::string_view what) {
  const auto value = parse_duration(next().content);
  if (next().type != kind::word || !value) {
    refuse("a duration like 200ms, 1.5s or 2m after '" + std::string(what) + "'");
  }
  ++at_;
  return *value;
}

std::string line_parser::text(std::string_view what) {
  if (next().type != kind::text) refuse("a text in double quotes after '" + std::string(what) + "'");
  return tokens_[at_++].content;
}

template <class Value, std::size_t Count>
Value line_parser::one_of(const std::array<word<Value>, Count>& words, std::string_view what) {
  std::string allowed;
  for (const auto& [name, value] : words) {
    if (take(name)) return value;
    allowed.append(allowed.empty() ? "" : ", ").append(name);
  }
  refuse(allowed + " after '" + std::string(what) + "'");
}

void line_parser::refuse(const std::string& allowed) const {
  const std::string found =
      next().type == kind::end ? "the line ends" : "'" + providers::printable(next().content, 60) + "'";
  throw script_mistake(found + " where something else is needed; allowed: " + allowed);
}

}  // namespace

result<script> parse_script(std::string_view text) {
  script parsed;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    try {
      line_parser parser(line);
      if (!parser.is_empty()) parsed.rules.push_back(parser.parse());
    } catch (const script_mistake& mistake) {
      return error{.code = errc::invalid_option,
                   .message = "fault script, line " + std::to_string(number) + ": " + mistake.what()};
    }
  }
  return parsed;
}

}  // namespace warmwire::emulator
