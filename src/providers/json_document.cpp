#include "providers/json_document.hpp"

#include "providers/json_mending.hpp"
#include "providers/times.hpp"

#include <boost/json/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

// So that counts can be added up whatever a peer writes.
constexpr std::int64_t greatest_count = std::int64_t{1} << 53;

// What is around a schema or the arguments of a tool in a body, and some to spare.
constexpr std::size_t max_body_depth = max_json_depth + 16;

json::parse_options up_to(std::size_t depth) {
  json::parse_options out;
  out.max_depth = depth;
  return out;
}

// As a double, which holds every count up to `greatest_count`.
std::optional<double> number_of(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  json::error_code problem;
  if (value->is_number()) return value->to_number<double>(problem);
  const auto* text = value->if_string();
  const bool is_plain = text != nullptr && text->find_first_not_of("0123456789.") == json::string::npos;
  return is_plain ? plain_number(*text) : std::nullopt;
}

error no_merge(std::string_view what) {
  std::string message = "extra_json cannot be laid over the request: ";
  return {.code = errc::invalid_option, .message = message.append(what)};
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

json_document::json_document(std::string_view text, json_reading how) {
  json::error_code problem;
  root_ = json::parse(text, problem, &memory_, up_to(max_json_depth));
  if (problem && problem != json::error::too_deep && how == json_reading::forgiving) {
    if (const auto mended = mended_json(text)) root_ = json::parse(*mended, problem, &memory_, up_to(max_json_depth));
  }
  if (problem) problem_ = problem.message();
  is_too_deep_ = problem == json::error::too_deep;
}

bool is_json_object(std::string_view text) {
  return json_document(text, json_reading::strict).object() != nullptr;
}

std::string problem_of_object(std::string_view text, std::string_view no_object) {
  const json_document read(text, json_reading::strict);
  if (read.is_too_deep()) {
    return "nested deeper than the " + std::to_string(max_json_depth) + " levels that are allowed";
  }
  return std::string(read.object() == nullptr ? no_object : "");
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

std::optional<std::int64_t> number_in(const json::object& from, std::string_view field) {
  const auto number = number_of(from.if_contains(field));
  if (!number || std::floor(*number) != *number || std::abs(*number) > static_cast<double>(greatest_count)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

std::int64_t count_in(const json::object* from, std::string_view field) {
  const auto number = from == nullptr ? std::nullopt : number_of(from->if_contains(field));
  if (!number || !(*number > 0)) return 0;
  return static_cast<std::int64_t>(std::min(*number, static_cast<double>(greatest_count)));
}

result<std::string> merged(std::string_view body, std::string_view patch) {
  if (const auto problem = problem_of_object(patch, "no JSON object"); !problem.empty()) {
    return no_merge("it is " + problem);
  }
  json::error_code problem;
  auto out = json::parse(body, problem, {}, up_to(max_body_depth));
  if (problem || !out.is_object()) return no_merge("that is no JSON object or nested too deeply");
  const json_document over(patch, json_reading::strict);
  merge(out, over.root());
  return json::serialize(out);
}

result<std::string> with_extra(std::string body, std::string_view extra_json) {
  if (extra_json.empty()) return body;
  return merged(body, extra_json);
}

}  // namespace warmwire::providers
