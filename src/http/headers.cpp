#include "http/ascii.hpp"

#include <warmwire/headers.hpp>

#include <algorithm>
#include <utility>

namespace warmwire {
namespace {

auto has_name(std::string_view name) {
  return [name](const header& field) { return http::iequals(field.name, name); };
}

}  // namespace

void headers::add(std::string name, std::string value) {
  fields_.push_back({.name = std::move(name), .value = std::move(value)});
}

void headers::set(std::string_view name, std::string value) {
  const auto first = std::find_if(fields_.begin(), fields_.end(), has_name(name));
  if (first == fields_.end()) {
    add(std::string(name), std::move(value));
    return;
  }
  // `name` may be a view of a field that goes away.
  const std::string kept(name);
  first->value = std::move(value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), has_name(kept)), fields_.end());
}

void headers::remove(std::string_view name) {
  const std::string kept(name);
  std::erase_if(fields_, has_name(kept));
}

const std::string* headers::find(std::string_view name) const noexcept {
  const auto found = std::find_if(fields_.begin(), fields_.end(), has_name(name));
  return found == fields_.end() ? nullptr : &found->value;
}

std::string_view headers::get(std::string_view name) const noexcept {
  const std::string* value = find(name);
  return value == nullptr ? std::string_view() : *value;
}

}  // namespace warmwire
