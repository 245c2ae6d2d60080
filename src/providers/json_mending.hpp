// What servers write that is not quite JSON. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// What is longer is not mended: it would take long, in one turn of the event loop.
inline constexpr std::size_t max_mended_bytes = std::size_t{4} << 20;

/// The text without the faults that other readers of JSON forgive: a byte order mark in front is left out; U+FFFD takes
/// the place of bytes that are no UTF-8 and of halves of surrogate pairs, as of an emoji whose other half is in the
/// next event; control characters within strings are escaped; NaN and infinities become null. Nothing where it has none
/// of them, or is longer than `max_mended_bytes`. For texts that a parser has refused: others cost a copy for nothing.
[[nodiscard]] std::optional<std::string> mended_json(std::string_view text);

}  // namespace warmwire::providers
