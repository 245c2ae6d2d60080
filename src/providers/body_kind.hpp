// How the body of a success is to be read where a stream was asked for. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace warmwire::providers {

enum class body_kind : std::uint8_t {
  unknown,  ///< the beginning of the body decides
  events,
  whole,  ///< JSON, or what is none and is told as such
};

/// By how the body begins, a mark and blanks left out, whatever the server says that it sends: some label all they send
/// as one or as the other. It stays unknown while more bytes are needed. What looks like neither is what the type says;
/// a body of no type is one of events.
[[nodiscard]] body_kind kind_of(std::string_view content_type, std::string_view beginning);

/// How many bytes in front of a body say nothing: a byte order mark, where it is whole, and blanks.
[[nodiscard]] std::size_t blank_length(std::string_view beginning);

/// What a body is that ended before it could be told.
[[nodiscard]] body_kind kind_of_short(std::string_view content_type);

}  // namespace warmwire::providers
