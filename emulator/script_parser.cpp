// Reads the fault language, whose grammar and meaning are in docs/emulator.md.
#include "emulator/event_action_parser.hpp"
#include "emulator/h2_action_parser.hpp"
#include "emulator/script.hpp"
#include "emulator/script_cursor.hpp"
#include "emulator/script_words.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::emulator {
namespace {

class line_parser {
 public:
  explicit line_parser(std::string_view line) : line_(line) {}

  [[nodiscard]] bool is_empty() const { return line_.is_at_end(); }
  rule parse();

 private:
  selector parse_selector();
  void parse_condition(selector& into);
  action parse_action();
  action parse_status();
  action parse_header();
  action parse_interim();
  action parse_slow();
  action parse_stray();
  action parse_end(fault::ending how);
  action parse_http();

  script_cursor line_;
};

rule line_parser::parse() {
  rule parsed{.when = parse_selector(), .actions = {}};
  do {
    parsed.actions.push_back(parse_action());
  } while (line_.take_mark(','));
  if (!line_.is_at_end()) line_.refuse("a comma and another action, or the end of the line");
  if (const auto contradiction = find_contradiction(parsed)) throw script_mistake(*contradiction);
  return parsed;
}

// --- when ---

selector line_parser::parse_selector() {
  selector when;
  if (line_.take_mark(':')) throw script_mistake("no selector before the colon; allowed: all, request N, every N, …");
  while (!line_.take_mark(':'))
    parse_condition(when);
  // On a named connection, its own requests are counted.
  if (when.connection && when.request) when.connection_request = std::exchange(when.request, std::nullopt);
  return when;
}

void line_parser::parse_condition(selector& into) {
  if (line_.take("all")) return;
  if (line_.take("request")) {
    into.request = line_.number("request");
  } else if (line_.take("each")) {
    line_.expect("connection");
    line_.expect("request");
    into.connection_request = line_.number("request");
  } else if (line_.take("every")) {
    into.every = line_.number("every");
  } else if (line_.take("connection")) {
    into.connection = line_.number("connection");
  } else if (line_.take("path")) {
    into.path = line_.word_or_text("path");
  } else if (line_.take("times")) {
    into.times = line_.number("times");
  } else {
    line_.refuse(
        "all, request N, every N, connection N [request N], each connection request N, path PREFIX, times N, or the "
        "colon");
  }
}

// --- what ---

action line_parser::parse_action() {
  if (line_.take("delay")) return fault::delay{line_.duration("delay")};
  if (line_.take("status")) return parse_status();
  if (line_.take("header")) return parse_header();
  if (line_.take("body")) return fault::body{line_.text("body")};
  if (line_.take("raw")) return fault::raw{line_.text("raw")};
  if (line_.take("interim")) return parse_interim();
  if (line_.take("early")) return fault::early{};
  if (line_.take("framing")) return fault::framing{line_.one_of(framing_words, "framing")};
  if (line_.take("http")) return parse_http();
  if (line_.take("malformed")) return fault::malformed{line_.one_of(malformation_words, "malformed")};
  if (line_.take("slow")) return parse_slow();
  if (line_.take("stray")) return parse_stray();
  for (const auto& [name, how] : ending_words) {
    if (line_.take(name)) return parse_end(how);
  }
  if (const auto parsed = parse_h2_action(line_)) return *parsed;
  if (const auto parsed = parse_event_action(line_)) return *parsed;
  line_.refuse(std::string("delay, status, header, body, raw, interim, early, framing, http, malformed, slow, stray, "
                           "close, truncate, half-close, reset, stall, vanish or mute; of streams ")
                   .append(event_action_names)
                   .append("; on HTTP/2 also ")
                   .append(h2_action_names));
}

action line_parser::parse_status() {
  fault::status parsed;
  parsed.code = static_cast<unsigned>(std::min<std::uint64_t>(line_.number("status"), 9999));
  if (line_.next().type == script_token::kind::text) parsed.word = line_.text("status");
  return parsed;
}

action line_parser::parse_header() {
  const std::string line = line_.text("header");
  const auto colon = line.find(':');
  if (colon == line.npos) throw script_mistake("header without a colon; allowed: \"NAME: VALUE\" or \"NAME:\"");
  const auto value = line.find_first_not_of(' ', colon + 1);
  return fault::header{line.substr(0, colon), value == line.npos ? std::string() : line.substr(value)};
}

action line_parser::parse_interim() {
  fault::interim parsed;
  parsed.code = static_cast<unsigned>(std::min<std::uint64_t>(line_.number("interim"), 9999));
  if (line_.take("times")) parsed.times = static_cast<unsigned>(std::min<std::uint64_t>(line_.number("times"), 9999));
  return parsed;
}

action line_parser::parse_http() {
  if (!line_.take("1.0")) line_.refuse("1.0");
  return fault::http_1_0{};
}

action line_parser::parse_slow() {
  fault::slow parsed;
  parsed.bytes = static_cast<std::size_t>(line_.number("slow"));
  if (!line_.take("bytes")) line_.expect("byte");
  line_.expect("every");
  parsed.interval = line_.duration("every");
  return parsed;
}

action line_parser::parse_stray() {
  fault::stray parsed{.bytes = line_.text("stray")};
  if (line_.take("with")) {
    line_.expect("response");
    parsed.where = fault::stray::placement::with_response;
  } else if (line_.take("after")) {
    parsed.after = line_.duration("after");
  }
  return parsed;
}

action line_parser::parse_end(fault::ending how) {
  fault::end parsed{.how = how};
  if (line_.take("after")) {
    if (line_.take("head")) {
      parsed.when = fault::moment::after_head;
      return parsed;
    }
    parsed.when = fault::moment::in_body;
    parsed.body_bytes = line_.number("after", {.at_least = 0});
    if (line_.take("events") || line_.take("event")) {
      parsed.events = std::exchange(parsed.body_bytes, 0);
    } else if (!line_.take("bytes")) {
      line_.expect("byte");
    }
  } else if (line_.take("when")) {
    line_.expect("idle");
    parsed.when = fault::moment::idle;
    if (line_.take("after")) parsed.after = line_.duration("after");
  } else if (line_.take("at")) {
    line_.expect("accept");
    parsed.when = fault::moment::accept;
  } else if (line_.take("in")) {
    line_.expect("handshake");
    parsed.when = fault::moment::handshake;
  }
  return parsed;
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
