#include "providers/json_document.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

// So that counts can be added up whatever a peer writes.
constexpr std::int64_t greatest_count = std::int64_t{1} << 53;

json::parse_options limits() {
  json::parse_options out;
  out.max_depth = max_json_depth;
  return out;
}

// RFC 7396 §2. The depth of a patch is bounded by its parser.
void merge(json::value& target, const json::value& patch) {
  const auto* fields = patch.if_object();
  if (fields == nullptr) {
    target = patch;
    return;
  }
  auto& into = target.is_object() ? target.get_object() : target.emplace_object();
  for (const auto& [name, value] : *fields) {
    if (value.is_null()) {
      into.erase(name);
    } else {
      merge(into[name], value);
    }
  }
}

}  // namespace

json_document::json_document(std::string_view text) {
  json::error_code problem;
  root_ = json::parse(text, problem, &memory_, limits());
  if (problem) problem_ = problem.message();
}

bool is_json_object(std::string_view text) {
  return json_document(text).object() != nullptr;
}

std::string text_of(const json::object& from, std::string_view field) {
  const auto* value = from.if_contains(field);
  if (value == nullptr || value->is_null() || value->is_structured()) return {};
  if (const auto* text = value->if_string()) return std::string(*text);
  return json::serialize(*value);
}

std::string_view view_of(const json::object& from, std::string_view field) {
  const auto* value = from.if_contains(field);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

const json::object* object_in(const json::object* from, std::string_view field) {
  const auto* value = from == nullptr ? nullptr : from->if_contains(field);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_in(const json::object* from, std::string_view field) {
  const auto* value = from == nullptr ? nullptr : from->if_contains(field);
  return value == nullptr ? nullptr : value->if_array();
}

std::int64_t count_in(const json::object* from, std::string_view field) {
  const auto* value = from == nullptr ? nullptr : from->if_contains(field);
  if (value == nullptr || !value->is_number()) return 0;
  json::error_code not_whole;
  const auto count = value->to_number<std::int64_t>(not_whole);
  return not_whole || count < 0 ? 0 : std::min(count, greatest_count);
}

std::string merged(std::string_view body, std::string_view patch) {
  json::error_code problem;
  auto out = json::parse(body, problem);
  const json_document over(patch);
  if (!problem) merge(out, over.root());
  return json::serialize(out);
}

}  // namespace warmwire::providers
