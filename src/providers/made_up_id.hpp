// Ids for tool calls of providers that give none. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace warmwire::providers {

inline constexpr std::string_view made_up_prefix = "warmwire-call-";

/// Names a call to its result within one conversation; `answer` tells the calls of one answer from those of another.
[[nodiscard]] inline std::string made_up_id(std::string_view answer, std::size_t index) {
  std::string out(made_up_prefix);
  return out.append(answer).append(answer.empty() ? "" : "-").append(std::to_string(index));
}

/// An id that the provider never saw, and is not sent; an empty one neither.
[[nodiscard]] inline bool is_made_up(std::string_view id) noexcept {
  return id.empty() || id.starts_with(made_up_prefix);
}

}  // namespace warmwire::providers
