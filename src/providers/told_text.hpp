// What was told of a text that comes in pieces, without keeping it. A plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace warmwire::providers {

class told_text {
 public:
  void add(std::string_view text) noexcept;

  /// Whether `text` begins with all that was told.
  [[nodiscard]] bool is_beginning_of(std::string_view text) const;
  [[nodiscard]] bool is_empty() const noexcept { return bytes_ == 0; }

  /// Of each of `pieces`, which follow each other, what lies beyond what was told: all of them empty when nothing does,
  /// or when they do not begin with what was told.
  [[nodiscard]] std::vector<std::string_view> rest_of(std::vector<std::string_view> pieces) const;

 private:
  static constexpr std::uint64_t basis = 14695981039346656037U;  // FNV-1a

  std::size_t bytes_ = 0;
  std::uint64_t hash_ = basis;
};

}  // namespace warmwire::providers
