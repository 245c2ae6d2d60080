// Reads the actions of the fault language that only HTTP/2 has.
#include "emulator/h2_action_parser.hpp"

#include "emulator/script_words.hpp"

#include <utility>

namespace warmwire::emulator {
namespace {

action parse_rst(script_cursor& from) {
  fault::rst parsed{.code = from.one_of(h2_code_words, "rst")};
  if (!from.take("after")) return parsed;
  if (from.take("response")) {
    parsed.when = fault::rst::moment::after_response;
    return parsed;
  }
  parsed.when = fault::rst::moment::in_body;
  parsed.body_bytes = from.number("after", {.at_least = 0});
  if (from.take("events") || from.take("event")) {
    parsed.events = std::exchange(parsed.body_bytes, 0);
  } else if (!from.take("bytes")) {
    from.expect("byte");
  }
  return parsed;
}

void parse_last_id(script_cursor& from, fault::goaway& into) {
  if (from.take("this")) return;
  if (from.take("before")) {
    into.last = fault::goaway::last_id::before_own;
    return;
  }
  into.last = fault::goaway::last_id::number;
  into.number = static_cast<std::uint32_t>(from.number("last", {.at_least = 0, .at_most = max_stream_id}));
}

action parse_goaway(script_cursor& from) {
  fault::goaway parsed;
  if (from.take("last")) parse_last_id(from, parsed);
  for (const auto& [name, code] : h2_code_words) {
    if (!from.take(name)) continue;
    parsed.code = code;
    break;
  }
  if (from.take("after")) {
    from.expect("head");
    parsed.when = fault::goaway::moment::after_head;
  } else if (from.take("when")) {
    from.expect("idle");
    parsed.when = fault::goaway::moment::idle;
    if (from.take("after")) parsed.after = from.duration("after");
  }
  return parsed;
}

action parse_settings(script_cursor& from) {
  fault::settings parsed;
  if (from.take("window")) {
    parsed.changed = fault::settings::name::window;
  } else if (!from.take("max-streams")) {
    from.refuse("max-streams N or window N after 'settings'");
  }
  parsed.value = static_cast<std::uint32_t>(from.number("settings", {.at_least = 0, .at_most = max_stream_id}));
  return parsed;
}

action parse_slow_window(script_cursor& from) {
  fault::slow_window parsed;
  if (!from.take("never")) parsed.after = from.duration("slow-window");
  parsed.has_connection = from.take("connection");
  return parsed;
}

action parse_flood(script_cursor& from) {
  fault::flood parsed{.kind = from.one_of(flood_words, "flood")};
  parsed.count = static_cast<std::uint32_t>(from.number("flood", {.at_least = 1, .at_most = UINT32_MAX}));
  return parsed;
}

}  // namespace

std::optional<action> parse_h2_action(script_cursor& from) {
  if (from.take("rst")) return parse_rst(from);
  if (from.take("refuse")) return fault::refuse{};
  if (from.take("goaway")) return parse_goaway(from);
  if (from.take("settings")) return parse_settings(from);
  if (from.take("no-pong")) return fault::no_pong{};
  if (from.take("slow-window")) return parse_slow_window(from);
  if (from.take("flood")) return parse_flood(from);
  if (from.take("overflow-window")) return fault::overflow_window{from.take("stream")};
  if (from.take("push")) return fault::push{};
  if (from.take("bad-frame")) return fault::bad_frame{from.one_of(frame_fault_words, "bad-frame")};
  return std::nullopt;
}

}  // namespace warmwire::emulator
