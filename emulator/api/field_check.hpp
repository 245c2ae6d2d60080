// Checks the members of a JSON object against a table: their names, types and ranges. What is wrong is told as a value;
// each API says it in its own words. What no table has is noted for the report, or refused by a strict server. Pure,
// any thread.
#pragma once

#include "emulator/api/json_reading.hpp"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
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

enum class unknown_fields : std::uint8_t { noted, refused };

/// What a request has that the emulator does not know.
struct field_notes {
  unknown_fields rule = unknown_fields::noted;
  /// "messages[].name" for a field, "messages[].role=critic" for a word that a field may not hold; each once,
  /// printable.
  std::set<std::string> places{};

  [[nodiscard]] bool refuses() const { return rule == unknown_fields::refused; }
  void add_field(std::string_view holder, std::string_view name);
  /// Whether the word at that place may stand: it is known, or else noted.
  [[nodiscard]] bool takes_word(std::string_view place, std::string_view word,
                                std::initializer_list<std::string_view> known);
};

/// The first member that is wrong, in the object's order. A null is as good as a missing member. `place` is where the
/// object stands, empty for the top.
[[nodiscard]] std::optional<field_mistake> check_fields(const json::object& checked, std::span<const field> known,
                                                        field_notes& notes, std::string_view place = {});

/// "a string", with the article; "null".
[[nodiscard]] std::string_view kind_name(field_kind type);
[[nodiscard]] std::string_view kind_name(const json::value& value);

/// A limit as it is written in a message: without a fraction when it has none.
[[nodiscard]] std::string limit_text(double value);

}  // namespace warmwire::emulator
