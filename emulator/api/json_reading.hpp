// Short words for reading JSON that a client sent. Pure functions, any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::emulator {

namespace json = boost::json;

[[nodiscard]] inline std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

[[nodiscard]] inline json::string_view key_of(std::string_view name) {
  return {name.data(), name.size()};
}

/// The member, or null when it is missing or JSON's null.
[[nodiscard]] inline const json::value* find(const json::object& in, std::string_view name) {
  const json::value* found = in.if_contains(key_of(name));
  return found == nullptr || found->is_null() ? nullptr : found;
}

/// The member if it is an object, an array, a string; null otherwise.
[[nodiscard]] inline const json::object* find_object(const json::object& in, std::string_view name) {
  const json::value* found = find(in, name);
  return found == nullptr ? nullptr : found->if_object();
}
[[nodiscard]] inline const json::array* find_array(const json::object& in, std::string_view name) {
  const json::value* found = find(in, name);
  return found == nullptr ? nullptr : found->if_array();
}
[[nodiscard]] inline std::string_view find_text(const json::object& in, std::string_view name) {
  const json::value* found = find(in, name);
  return found != nullptr && found->is_string() ? view(found->get_string()) : std::string_view();
}

[[nodiscard]] inline bool is_true(const json::object& in, std::string_view name) {
  const json::value* found = find(in, name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

[[nodiscard]] inline bool is_integer(const json::value& value) {
  return value.is_int64() || value.is_uint64();
}

/// The member as a count; nothing when it is missing or none.
[[nodiscard]] inline std::optional<std::uint64_t> find_count(const json::object& in, std::string_view name) {
  const json::value* found = find(in, name);
  if (found == nullptr || !is_integer(*found)) return std::nullopt;
  if (found->is_int64() && found->get_int64() < 0) return std::nullopt;
  return found->to_number<std::uint64_t>();
}

[[nodiscard]] inline json::string text_value(std::string_view text) {
  return json::string(text.data(), text.size());
}

}  // namespace warmwire::emulator
