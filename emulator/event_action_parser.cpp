// Reads the actions of the fault language that are for streamed or coded answers.
#include "emulator/event_action_parser.hpp"

#include "emulator/script_words.hpp"

namespace warmwire::emulator {
namespace {

std::uint64_t parse_events(script_cursor& from) {
  const std::uint64_t events = from.number("after", {.at_least = 0});
  if (!from.take("events")) from.expect("event");
  return events;
}

action parse_cut(script_cursor& from) {
  from.expect("after");
  return fault::cut{parse_events(from)};
}

action parse_malformed_event(script_cursor& from) {
  fault::malformed_event parsed{.kind = from.one_of(event_malformation_words, "malformed-event")};
  if (from.take("at")) parsed.at = from.number("at");
  return parsed;
}

action parse_error_event(script_cursor& from) {
  fault::error_event parsed;
  if (from.next().type == script_token::kind::word && from.next().content != "after") {
    parsed.status = static_cast<unsigned>(from.number("error-event", {.at_least = 400, .at_most = 599}));
  }
  if (from.next().type == script_token::kind::text) parsed.word = from.text("error-event");
  if (from.take("after")) parsed.after = parse_events(from);
  return parsed;
}

action parse_compress(script_cursor& from) {
  fault::compress parsed;
  for (const auto& [name, coding] : content_coding_words) {
    if (from.take(name)) parsed.coding = coding;
  }
  return parsed;
}

}  // namespace

std::optional<action> parse_event_action(script_cursor& from) {
  using kind = fault::noise_kind;
  if (from.take("retry-after")) return fault::retry_after{from.duration("retry-after")};
  if (from.take("cut")) return parse_cut(from);
  if (from.take("no-terminal")) return fault::no_terminal{};
  if (from.take("no-marker")) return fault::no_terminal{.is_marker_only = true};
  if (from.take("malformed-event")) return parse_malformed_event(from);
  if (from.take("error-event")) return parse_error_event(from);
  if (from.take("pings")) return fault::noise{.kind = kind::pings};
  if (from.take("comments")) return fault::noise{.kind = kind::comments};
  if (from.take("unknown-events")) return fault::noise{.kind = kind::unknown};
  if (from.take("between-events")) return fault::noise{.kind = kind::raw, .bytes = from.text("between-events")};
  if (from.take("duplicate-usage")) return fault::duplicate_usage{};
  if (from.take("event-delay")) return fault::event_delay{from.duration("event-delay")};
  if (from.take("event-bytes")) return fault::event_bytes{static_cast<std::size_t>(from.number("event-bytes"))};
  if (from.take("line-ends")) return fault::line_ends{from.one_of(line_end_words, "line-ends")};
  if (from.take("byte-order-mark")) return fault::byte_order_mark{};
  if (from.take("multi-line")) return fault::multi_line{};
  if (from.take("compress")) return parse_compress(from);
  return std::nullopt;
}

}  // namespace warmwire::emulator
