#include "cli/json_fields.hpp"

#include "cli/command.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace warmwire::cli {

namespace json = boost::json;

json_fields::json_fields(std::string place, const json::value& value)
    : place_(std::move(place)), fields_(value.if_object()) {
  if (fields_ == nullptr) fail("is no object");
}

const json::value* json_fields::find(std::string_view field) {
  asked_for_.emplace(field);
  const auto* value = fields_->if_contains(field);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string json_fields::text(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return {};
  if (!value->is_string()) fail_field(field, "a string");
  return std::string(value->get_string());
}

std::string json_fields::required_text(std::string_view field) {
  if (find(field) == nullptr) fail_field(field, "given");
  return text(field);
}

std::string json_fields::json_text(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  if (!value->is_object()) fail_field(field, "an object");
  return json::serialize(*value);
}

std::optional<double> json_fields::number(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) fail_field(field, "a number");
  return value->to_number<double>();
}

std::optional<std::int64_t> json_fields::whole_number(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64()) fail_field(field, "a whole number");
  return value->get_int64();
}

std::optional<bool> json_fields::flag(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) fail_field(field, "true or false");
  return value->get_bool();
}

const json::array* json_fields::array(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) fail_field(field, "an array");
  return &value->get_array();
}

bool json_fields::is_array(std::string_view field) {
  const auto* value = find(field);
  return value != nullptr && value->is_array();
}

json_fields json_fields::item(std::string_view field, const json::array& list, std::size_t index) const {
  const bool is_outermost = place_.find(' ') != std::string::npos;
  std::string place = is_outermost ? "" : place_ + '.';
  return {place.append(field).append("[").append(std::to_string(index)).append("]"), list[index]};
}

void json_fields::expect_no_more() const {
  for (const auto& each : *fields_) {
    if (!asked_for_.contains(std::string_view(each.key()))) {
      fail(std::string("has a field that means nothing here: '").append(each.key()).append("'"));
    }
  }
}

void json_fields::fail(std::string_view what) const {
  throw usage_error(std::string(place_).append(" ").append(what));
}

void json_fields::fail_field(std::string_view field, std::string_view wanted) const {
  fail(std::string("has a wrong '").append(field).append("': it must be ").append(wanted));
}

}  // namespace warmwire::cli
