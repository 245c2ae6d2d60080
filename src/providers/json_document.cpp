#include "providers/json_document.hpp"

#include "providers/json_mending.hpp"
#include "providers/times.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_stack.hpp>

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

/// Builds the tree where it is to stay: Boost's own parser would make it elsewhere, and a copy of it. Counts, so that a
/// text that is nothing but commas does not become fifty times its size.
struct tree_building {
  static constexpr std::size_t max_object_size = std::size_t{1} << 16;
  static constexpr std::size_t max_array_size = 1'000'000;
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  tree_building(std::size_t limit, json::storage_ptr where) : left(limit) { values.reset(std::move(where)); }

  bool count(json::error_code& problem) {
    if (left-- > 0) return true;
    left = 0;
    problem = json::error::array_too_large;
    return false;
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }

  bool on_object_end(std::size_t size, json::error_code& problem) {
    values.push_object(size);
    return count(problem);
  }
  bool on_array_end(std::size_t size, json::error_code& problem) {
    values.push_array(size);
    return count(problem);
  }
  bool on_key_part(json::string_view text, std::size_t, json::error_code&) {
    values.push_chars(text);
    return true;
  }
  bool on_key(json::string_view text, std::size_t, json::error_code&) {
    values.push_key(text);
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, json::error_code&) {
    values.push_chars(text);
    return true;
  }
  bool on_string(json::string_view text, std::size_t, json::error_code& problem) {
    values.push_string(text);
    return count(problem);
  }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& problem) {
    values.push_int64(number);
    return count(problem);
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& problem) {
    values.push_uint64(number);
    return count(problem);
  }
  bool on_double(double number, json::string_view, json::error_code& problem) {
    values.push_double(number);
    return count(problem);
  }
  bool on_bool(bool value, json::error_code& problem) {
    values.push_bool(value);
    return count(problem);
  }
  bool on_null(json::error_code& problem) {
    values.push_null();
    return count(problem);
  }

  json::value_stack values;
  std::size_t left;
};

}  // namespace

class json_document::growth {
 public:
  growth(const json_limits& limits, json::storage_ptr where)
      : max_bytes_(limits.max_bytes), parser_(up_to(max_json_depth), limits.max_values, std::move(where)) {}

  bool feed(std::string_view piece) {
    if (problem_) return false;
    if (piece.size() > max_bytes_ - bytes_) {
      is_too_long_ = true;
      return false;
    }
    bytes_ += piece.size();
    const auto taken = parser_.write_some(true, piece.data(), piece.size(), problem_);
    if (!problem_ && taken < piece.size()) problem_ = json::error::extra_data;
    return !problem_;
  }

  /// The parsed text, where there is no problem.
  json::value end() {
    if (!problem_) parser_.write_some(false, nullptr, 0, problem_);
    return problem_ || is_too_long_ ? json::value() : parser_.handler().values.release();
  }

  [[nodiscard]] const json::error_code& problem() const noexcept { return problem_; }
  [[nodiscard]] bool is_too_large() const noexcept {
    return is_too_long_ || problem_ == json::error::array_too_large || problem_ == json::error::object_too_large;
  }

 private:
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  bool is_too_long_ = false;
  json::error_code problem_;
  json::basic_parser<tree_building> parser_;
};

json_document::json_document(std::string_view text, json_limits limits) {
  read(text, limits);
  if (!may_be_mended()) return;
  if (const auto mended = mended_json(text)) read(*mended, limits);
}

json_document::json_document(std::string_view text, json_reading how) {
  read(text, how == json_reading::strict ? json_limits{} : one_go);
  if (how == json_reading::strict || !may_be_mended()) return;
  if (const auto mended = mended_json(text)) read(*mended, one_go);
}

json_document::json_document(json_limits limits) : growth_(std::make_unique<growth>(limits, &memory_)) {}
json_document::~json_document() = default;

void json_document::read(std::string_view text, const json_limits& limits) {
  growth made(limits, &memory_);
  made.feed(text);
  finish(made);
}

bool json_document::feed(std::string_view piece) {
  return growth_->feed(piece);
}

void json_document::end() {
  finish(*growth_);
  growth_.reset();
}

void json_document::finish(growth& from) {
  root_ = from.end();  // which moves: both are of `memory_`
  is_too_large_ = from.is_too_large();
  is_too_deep_ = from.problem() == json::error::too_deep;
  problem_.clear();
  if (is_too_large_) {
    problem_ = "it is longer, or has more values, than is read";
  } else if (from.problem()) {
    problem_ = from.problem().message();
  }
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
