// Header fields in their order, names compared without case (RFC 9110 §5.1).
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

struct header {
  std::string name;
  std::string value;
};

/// An ordered list of fields; a name may stand in it more than once. A plain value.
class headers {
 public:
  headers() = default;
  headers(std::initializer_list<header> fields) : fields_(fields) {}

  /// Appends a field, whether or not the name is there already.
  void add(std::string name, std::string value);
  /// Replaces all fields of that name by one.
  void set(std::string_view name, std::string value);
  /// Removes all fields of that name.
  void remove(std::string_view name);

  /// The first value of that name, or nullptr. Valid until the list changes.
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
  /// The first value of that name, or an empty view.
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
  [[nodiscard]] bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }

  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
  [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
  [[nodiscard]] auto end() const noexcept { return fields_.end(); }
  void clear() noexcept { fields_.clear(); }
  void reserve(std::size_t count) { fields_.reserve(count); }

 private:
  std::vector<header> fields_;
};

}  // namespace warmwire
