// The fields of a JSON object that a person wrote: what is wrong with one is said with its place.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace warmwire::cli {

/// Each function throws usage_error when the field is there and of the wrong kind; null counts as missing.
class json_fields {
 public:
  /// `value`, which must be an object and outlive this. `place` names it in messages.
  json_fields(std::string place, const boost::json::value& value);

  [[nodiscard]] std::string text(std::string_view field);  ///< empty when missing
  [[nodiscard]] std::string required_text(std::string_view field);
  /// An object as JSON text, or a string as it is; empty when missing.
  [[nodiscard]] std::string json_text(std::string_view field);
  [[nodiscard]] std::optional<double> number(std::string_view field);
  [[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view field);
  [[nodiscard]] std::optional<bool> flag(std::string_view field);
  [[nodiscard]] bool is_array(std::string_view field);
  /// Nullptr when missing.
  [[nodiscard]] const boost::json::array* array(std::string_view field);
  [[nodiscard]] json_fields item(std::string_view field, const boost::json::array& list, std::size_t index) const;

  /// The value that `to_string` calls what the field says.
  template <class Words>
  [[nodiscard]] auto one_of(std::string_view field, const Words& words) -> std::optional<typename Words::value_type> {
    const auto word = text(field);
    if (word.empty()) return std::nullopt;
    std::string known;
    for (const auto& each : words) {
      if (to_string(each) == word) return each;
      known.append(known.empty() ? "" : ", ").append(to_string(each));
    }
    fail(std::string("has the ").append(field).append(" '").append(word).append("'; there are ").append(known));
  }

  /// Throws for a field that nothing has asked for: a typing error must not change an answer in silence.
  void expect_no_more() const;
  [[noreturn]] void fail(std::string_view what) const;

 private:
  const boost::json::value* find(std::string_view field);
  [[noreturn]] void fail_field(std::string_view field, std::string_view wanted) const;

  const std::string place_;
  const boost::json::object* fields_ = nullptr;
  std::set<std::string, std::less<>> asked_for_;
};

}  // namespace warmwire::cli
