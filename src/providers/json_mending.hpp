// What servers write that is not quite JSON. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// The text without the faults that other readers of JSON forgive: a byte order mark in front is left out; U+FFFD takes
/// the place of bytes that are no UTF-8 and of halves of surrogate pairs, as of an emoji whose other half is in the
/// next event; control characters within strings are escaped; NaN and infinities become null. Nothing where it has none
/// of them. For texts that a parser has refused: others cost a copy for nothing.
[[nodiscard]] std::optional<std::string> mended_json(std::string_view text);

}  // namespace warmwire::providers
