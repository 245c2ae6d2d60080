// How the body of a success is to be read where a stream was asked for. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace warmwire::providers {

enum class body_kind : std::uint8_t {
  unknown,  ///< the beginning of the body decides
  events,
  whole,  ///< JSON, or what is none and is told as such
};

/// By what the server says that it sends.
[[nodiscard]] body_kind kind_of(std::string_view content_type);

/// By how the body begins, blanks left out, where that is unknown; it stays unknown while more bytes are needed. A body
/// of no type is one of events unless it looks like JSON or a page; one of another type must look like events.
[[nodiscard]] body_kind kind_of(std::string_view content_type, std::string_view beginning);

/// The same at the end of the body.
[[nodiscard]] body_kind kind_of_whole(std::string_view content_type);

}  // namespace warmwire::providers
