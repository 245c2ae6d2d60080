// The faults of streamed answers and of their coding (docs/emulator.md): plain values, a part of script.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace warmwire::emulator {

enum class content_coding : std::uint8_t { gzip, br };

/// Unless said otherwise these do nothing to an answer that is not a stream of events. Events are counted from 1, as
/// the API makes them: pings and comments do not count.
namespace fault {

/// Tells how long to wait, in the provider's own way. Of any answer.
struct retry_after {
  std::chrono::microseconds duration{};
};

/// The stream ends in order after so many events.
struct cut {
  std::uint64_t events = 0;
};

/// Leaves out what ends a stream.
struct no_terminal {
  bool is_marker_only = false;  ///< the last word alone: `[DONE]`, without which an answer is whole, or `message_stop`
};

enum class event_malformation : std::uint8_t {
  json,   ///< the data breaks off in the middle
  shape,  ///< the data is JSON of another kind: []
  utf8,   ///< the data has a byte that is not UTF-8
  huge,   ///< the data goes on with 20 MiB of white space
  empty,  ///< there is no data
};

/// Breaks one event.
struct malformed_event {
  event_malformation kind = event_malformation::json;
  std::uint64_t at = 1;
};

/// Sends an error in the provider's own form behind so many events, and then ends the stream in order.
struct error_event {
  unsigned status = 500;
  std::string word{};  ///< see `error_for_status`
  std::uint64_t after = 1;
};

enum class noise_kind : std::uint8_t {
  pings,     ///< a ping in the provider's own form, or a comment
  comments,  ///< a comment and an empty line
  unknown,   ///< an event of a type that does not exist
  raw,       ///< bytes as they are
};

/// Sends something before each event.
struct noise {
  noise_kind kind = noise_kind::pings;
  std::string bytes{};  ///< for `raw`
};

/// Sends the event that tells the usage twice.
struct duplicate_usage {};

/// Waits before each event but the first.
struct event_delay {
  std::chrono::microseconds interval{};
};

/// Sends each event in pieces of so many bytes, each in a chunk or DATA frame and a TLS record of its own.
struct event_bytes {
  std::size_t bytes = 1;
};

enum class line_end : std::uint8_t { lf, crlf, cr };

/// How the lines of events end.
struct line_ends {
  line_end kind = line_end::lf;
};

/// Begins the stream with a byte order mark.
struct byte_order_mark {};

/// Sends the data of each event in several lines, cut behind the commas that are outside of strings.
struct multi_line {};

/// Codes the body, if the client accepts that. Of any answer.
struct compress {
  std::optional<content_coding> coding{};  ///< nothing for the first of br and gzip that is accepted
};

}  // namespace fault
}  // namespace warmwire::emulator
