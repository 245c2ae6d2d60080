// A JSON value that fits a JSON schema.
#include "emulator/api/schema_example.hpp"

#include "emulator/api/words.hpp"

#include <boost/json/stream_parser.hpp>

#include <algorithm>
#include <cctype>
#include <string>

namespace warmwire::emulator {
namespace {

constexpr int max_depth = 16;
constexpr std::uint64_t max_items = 16;
constexpr int max_values = 10'000;  // a schema that refers to itself would make any number

class example_maker {
 public:
  example_maker(const json::value& root, std::string_view word) : root_(root), word_(word) {}

  json::value make(const json::value& schema, int depth);

 private:
  json::value make_typed(const json::object& schema, int depth);
  json::value make_object(const json::object& schema, int depth);
  json::value make_array(const json::object& schema, int depth);
  [[nodiscard]] const json::value* alternative(const json::object& schema) const;

  const json::value& root_;
  std::string_view word_;
  int values_left_ = max_values;
};

// "string" for "STRING", for ["null", "string"], and "object" for a schema that only has properties.
std::string type_of(const json::object& schema) {
  std::string type(find_text(schema, "type"));
  if (const auto* several = find_array(schema, "type")) {
    for (const json::value& each : *several) {
      if (each.is_string() && each.get_string() != "null" && type.empty()) type = view(each.get_string());
    }
  }
  if (type.empty() && find_object(schema, "properties") != nullptr) return "object";
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type;
}

const json::value* example_maker::alternative(const json::object& schema) const {
  const std::string_view reference = find_text(schema, "$ref");
  if (reference.starts_with('#')) {
    json::error_code failure;
    return root_.find_pointer(key_of(reference.substr(1)), failure);
  }
  for (const std::string_view name : {"anyOf", "oneOf", "allOf"}) {
    const auto* listed = find_array(schema, name);
    if (listed != nullptr && !listed->empty()) return &listed->front();
  }
  return nullptr;
}

json::value example_maker::make(const json::value& schema, int depth) {
  const auto* described = schema.if_object();
  if (depth > max_depth || --values_left_ < 0) return nullptr;
  if (described == nullptr) return text_value(word_);
  if (const json::value* only = described->if_contains("const")) return *only;
  const auto* listed = find_array(*described, "enum");
  if (listed != nullptr && !listed->empty()) return listed->front();
  if (const json::value* other = alternative(*described)) return make(*other, depth + 1);
  return make_typed(*described, depth);
}

json::value example_maker::make_typed(const json::object& schema, int depth) {
  const std::string type = type_of(schema);
  if (type == "object") return make_object(schema, depth);
  if (type == "array") return make_array(schema, depth);
  if (type == "boolean") return true;
  if (type == "null") return nullptr;
  if (type != "integer" && type != "number") return text_value(word_);
  const json::value* minimum = find(schema, "minimum");
  return minimum != nullptr && minimum->is_number() ? *minimum : json::value(1);
}

json::value example_maker::make_object(const json::object& schema, int depth) {
  json::object made;
  if (const auto* properties = find_object(schema, "properties")) {
    for (const auto& [name, property] : *properties)
      made[name] = make(property, depth + 1);
  }
  return made;
}

json::value example_maker::make_array(const json::object& schema, int depth) {
  json::array made;
  const auto count = std::clamp<std::uint64_t>(find_count(schema, "minItems").value_or(1), 1, max_items);
  const json::value* items = find(schema, "items");
  if (items == nullptr || depth >= max_depth) return made;
  for (std::uint64_t i = 0; i < count; ++i)
    made.push_back(make(*items, depth + 1));
  return made;
}

// The object that begins at the first brace; nothing if that is not JSON.
const json::object* object_in(std::string_view text, json::value& into) {
  const auto brace = text.find('{');
  if (brace == text.npos) return nullptr;
  json::stream_parser parser;
  json::error_code failure;
  parser.write_some(text.data() + brace, text.size() - brace, failure);
  if (failure || !parser.done()) return nullptr;
  into = parser.release();
  return into.if_object();
}

}  // namespace

json::value example_of(const json::value& schema, std::string_view word) {
  return example_maker(schema, word).make(schema, 0);
}

json::object arguments_for(const json::value& schema, std::string_view message, std::string_view name) {
  const auto end = end_of_name(message, name);
  json::value read;
  if (end != message.npos) {
    if (const auto* given = object_in(message.substr(end), read)) return *given;
  }
  if (schema.is_null()) return {};
  const json::value made = example_of(schema, last_word(message));
  return made.is_object() ? made.get_object() : json::object();
}

}  // namespace warmwire::emulator
