// What the server says to a request, before faults and framing. Plain values.
#pragma once

#include "emulator/events/stream_event.hpp"
#include "emulator/script.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

/// A part of a body that is sent by itself.
struct body_piece {
  std::uint64_t end = 0;              ///< where it ends in the body
  std::chrono::microseconds pause{};  ///< before it
  bool ends_event = false;            ///< of those that faults count
};

struct answer {
  unsigned status = 200;
  /// Complete header lines, each with its CRLF; the fields of framing, connection and date come on top.
  std::string fields{};
  std::string body{};
  std::uint64_t filler_bytes = 0;  ///< when not 0, so many bytes of `filler` are the body
  fault::body_framing framing = fault::body_framing::length;
  std::size_t chunk_bytes = 4096;        ///< of chunked framing
  std::chrono::microseconds delay{};     ///< server time of its own, on top of the configured one
  std::optional<fault::slow> pace{};     ///< of the body, unless the script sets another
  std::optional<event_stream> stream{};  ///< makes the body, see `write_events`
  std::vector<body_piece> pieces{};      ///< of the body, all of it; none when it does not matter how it is cut
  bool has_own_records = false;          ///< no two pieces share a TLS record
  std::set<std::string> unknown{};       ///< fields of the request, see `field_notes`
};

/// How many bytes of the body so many events are; all of it when there are fewer, and when it is not made of events.
[[nodiscard]] std::uint64_t bytes_of_events(const answer& of, std::uint64_t events);

/// The endless text that large bodies are made of: the byte at offset i is "abc…z"[i % 26].
void append_filler(std::string& to, std::uint64_t offset, std::size_t bytes);
void copy_filler(std::span<char> to, std::uint64_t offset);

/// Appends the line "name: value".
void append_field(std::string& fields, std::string_view name, std::string_view value);
/// Removes every line of that name, in any case.
void remove_field(std::string& fields, std::string_view name);

/// "Too Many Requests" for 429; "Unknown" for codes without a name.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace warmwire::emulator
