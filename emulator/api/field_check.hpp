// Checks the members of a JSON object against a table: their names, types and ranges. What is wrong is told as a value;
// each API says it in its own words. Pure, any thread.
#pragma once

#include "emulator/api/json_reading.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace warmwire::emulator {

enum class field_kind : std::uint8_t { anything, boolean, integer, number, text, object, array };

struct field {
  std::string_view name;
  field_kind type = field_kind::anything;
  double at_least = -std::numeric_limits<double>::infinity();
  double at_most = std::numeric_limits<double>::infinity();
};

struct field_mistake {
  enum class kind : std::uint8_t { unknown, type, below, above };
  kind what = kind::unknown;
  std::string_view name{};          ///< of the member
  const field* expected = nullptr;  ///< null for an unknown one
  const json::value* got = nullptr;
};

enum class unknown_fields : std::uint8_t { refused, ignored };

/// The first member that is wrong, in the object's order. A null is as good as a missing member.
[[nodiscard]] std::optional<field_mistake> check_fields(const json::object& checked, std::span<const field> known,
                                                        unknown_fields others = unknown_fields::refused);

/// "a string", with the article; "null".
[[nodiscard]] std::string_view kind_name(field_kind type);
[[nodiscard]] std::string_view kind_name(const json::value& value);

/// A limit as it is written in a message: without a fraction when it has none.
[[nodiscard]] std::string limit_text(double value);

}  // namespace warmwire::emulator
