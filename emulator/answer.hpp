// What the server says to a request, before faults and framing. Plain values.
#pragma once

#include "emulator/script.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace warmwire::emulator {

struct answer {
  unsigned status = 200;
  /// Complete header lines, each with its CRLF; the fields of framing, connection and date come on top.
  std::string fields{};
  std::string body{};
  std::uint64_t filler_bytes = 0;  ///< when not 0, so many bytes of `filler` are the body
  fault::body_framing framing = fault::body_framing::length;
  std::size_t chunk_bytes = 4096;     ///< of chunked framing
  std::chrono::microseconds delay{};  ///< server time of its own, on top of the configured one
  std::optional<fault::slow> pace{};  ///< of the body, unless the script sets another
};

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
