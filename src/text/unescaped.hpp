// A text as it reads when its escapes are undone, with the way back to where each character stands. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::text {

struct unescaped {
  std::string text;
  std::vector<std::size_t> from;  ///< where in the source each character begins, and the end

  /// The source itself.
  explicit unescaped(std::string_view source);
  unescaped() = default;
};

/// With %XX, JSON's \" \\ \/ and \uXXXX, and HTML's &amp; and &#NN; undone, once: those of ASCII, in either case;
/// nothing when there are none. What is no escape stays as it is.
[[nodiscard]] std::optional<unescaped> undo_escapes(const unescaped& in);

}  // namespace warmwire::text
