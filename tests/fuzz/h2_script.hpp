// The language of scripts for a talk over HTTP/2: a list of steps, in each of which the server sends a frame whose form
// is right, or the client does something.
//
// A step is four bytes and a payload: what, flags, stream, and the payload's length. The steps are those of
// `take_step`.
#pragma once

#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::fuzz {

enum h2_frame_type : std::uint8_t { data_frame = 0, headers_frame = 1 };
constexpr std::uint8_t end_headers = 4;

struct h2_step {
  std::uint8_t what = 0;
  std::uint8_t flags = 0;
  std::uint8_t stream = 0;
  std::uint8_t length = 0;
  std::string_view payload;
};

inline std::string frame(std::uint8_t type, const h2_step& from, std::string_view payload) {
  const auto byte = [](std::size_t value) { return static_cast<char>(value & 255U); };
  std::string out{byte(payload.size() >> 16U), byte(payload.size() >> 8U), byte(payload.size()), byte(type),
                  byte(from.flags)};
  return out.append(3, '\0').append(1, byte(from.stream)).append(payload);
}

inline void append_counted(std::string& out, std::string_view text) {
  constexpr std::size_t most_in_one_byte = 126;  // RFC 7541 §5.1
  if (text.size() <= most_in_one_byte) {
    out += static_cast<char>(text.size());
  } else {
    out += '\x7f';
    out += static_cast<char>(text.size() - most_in_one_byte - 1);
  }
  out += text;
}

/// A header section of literals (RFC 7541 §6.2.2), from a field "name=value" on each line.
inline std::string literals(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto line = next_line(text);
    const auto equals = std::min(line.find('='), line.size());
    out += '\0';
    append_counted(out, line.substr(0, equals));
    append_counted(out, line.substr(std::min(equals + 1, line.size())));
  }
  return out;
}

/// DATA, up to the longest frame: cut to bytes it would take too long.
template <class Dialogue>
void say_much(Dialogue& dialogue, std::string_view data) {
  constexpr std::size_t cut_bytes = 50;
  dialogue.say(data.substr(0, cut_bytes));
  dialogue.say_at_once(data.substr(std::min(cut_bytes, data.size())));
}

template <class Dialogue>
void take_step(Dialogue& dialogue, h2_step now) {
  switch (now.what % 16) {
    case 0:  // a frame of any type, stream 0 included
    case 1:
    case 2:
      return dialogue.say(frame(now.what / 16, now, now.payload));
    case 3:
    case 4:
    case 5:
    case 6:
      now.flags ^= end_headers;
      return dialogue.say(frame(headers_frame, now, literals(now.payload)));
    case 7:
    case 8:
      return dialogue.say(frame(data_frame, now, now.payload));
    case 9:
      return say_much(dialogue, frame(data_frame, now, std::string(std::size_t{64} * now.length, 'd')));
    case 10:
      return dialogue.open(now.flags % 2 == 0 ? "GET" : "HEAD", 0);
    case 11:
      return dialogue.open("POST", std::size_t{1000} * now.length);
    case 12:
      return dialogue.reset(now.stream);
    case 13:
      return dialogue.take_body(now.stream, now.length);
    case 14:
      return dialogue.ping();
    default:
      return dialogue.wait(std::chrono::seconds(now.length));
  }
}

/// Begins with two requests, of which the first two streams are, and the server's SETTINGS.
template <class Dialogue>
void follow(Dialogue& dialogue, std::string_view script) {
  dialogue.open("GET", 0);
  dialogue.open("HEAD", 0);
  dialogue.write_out();
  dialogue.say(frame(4, {}, ""));
  while (script.size() >= 4) {
    h2_step now{.what = static_cast<std::uint8_t>(script[0]),
                .flags = static_cast<std::uint8_t>(script[1]),
                .stream = static_cast<std::uint8_t>(script[2]),
                .length = static_cast<std::uint8_t>(script[3]),
                .payload = {}};
    script.remove_prefix(4);
    const bool has_payload = now.what % 16 <= 8;
    if (has_payload) now.payload = script.substr(0, now.length);
    script.remove_prefix(now.payload.size());
    take_step(dialogue, now);
    dialogue.write_out();
  }
}

}  // namespace warmwire::fuzz
