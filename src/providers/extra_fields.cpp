#include "providers/extra_fields.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

bool is_named(std::string_view name, field_names among) {
  return std::find(among.begin(), among.end(), name) != among.end();
}

// Others are told whole each time that they are told: ids, types, formats, signatures.
constexpr std::array<std::string_view, 12> growing{
    "text",       "summary", "content",   "reasoning", "reasoning_content", "thinking", "refusal",
    "transcript", "data",    "arguments", "input",     "partial_json"};

std::size_t memory_of_value(const json::value& value) {
  if (const auto* text = value.if_string()) return sizeof(value) + text->size();
  if (const auto* object = value.if_object()) return sizeof(value) + memory_of(*object);
  auto out = sizeof(value);
  if (const auto* list = value.if_array()) {
    for (const auto& each : *list)
      out += memory_of_value(each);
  }
  return out;
}

bool is_nothing(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

void add_value(json::value& to, std::string_view name, const json::value& piece);

// The member that `piece` continues; nullptr when it is a new one.
json::object* continued_by(json::array& list, const json::value& piece) {
  const auto* more = piece.if_object();
  const auto* index = more == nullptr ? nullptr : more->if_contains("index");
  if (index == nullptr) return nullptr;
  const auto same = std::find_if(list.begin(), list.end(), [&](const json::value& each) {
    const auto* member = each.if_object();
    const auto* number = member == nullptr ? nullptr : member->if_contains("index");
    return number != nullptr && *number == *index && view_of(*member, "type") == view_of(*more, "type");
  });
  return same == list.end() ? nullptr : same->if_object();
}

void add_members(json::array& to, const json::array& pieces) {
  for (const auto& each : pieces) {
    if (auto* known = continued_by(to, each)) {
      add_piece(*known, each.get_object());
    } else {
      to.push_back(each);
    }
  }
}

void add_value(json::value& to, std::string_view name, const json::value& piece) {
  if (is_nothing(to)) {
    if (!piece.is_null()) to = piece;
  } else if (to.is_array() && piece.is_array()) {
    add_members(to.get_array(), piece.get_array());
  } else if (to.is_object() && piece.is_object()) {
    add_piece(to.get_object(), piece.get_object());
  } else if (is_nothing(piece)) {
    return;
  } else if (to.is_string() && piece.is_string() && std::find(growing.begin(), growing.end(), name) != growing.end()) {
    to.get_string().append(piece.get_string());
  } else {
    to = piece;
  }
}

}  // namespace

std::string maker_of(const provider_config& config) {
  return config.api == wire_api::responses ? config.provider + "/responses" : config.provider;
}

json::object rest_in(const json::object& from, field_names named) {
  json::object out;
  for (const auto& [name, value] : from) {
    if (!is_named(name, named)) out.emplace(name, value);
  }
  return out;
}

std::string extra_of(const json::object& fields) {
  return fields.empty() ? std::string() : json::serialize(fields);
}

void extra_fields::write_fields(json_writer& to, const json::object* from, field_names written) {
  if (from == nullptr) return;
  for (const auto& [name, value] : *from) {
    if (!is_named(name, written)) to.key(name).raw(json::serialize(value));
  }
}

void add_piece(json::object& to, const json::object& piece) {
  for (const auto& [name, value] : piece) {
    if (const auto known = to.find(name); known != to.end()) {
      add_value(known->value(), name, value);
    } else {
      to.emplace(name, value);
    }
  }
}

std::size_t memory_of(const json::object& tree) {
  std::size_t out = 0;
  for (const auto& [name, value] : tree)
    out += name.size() + memory_of_value(value);
  return out;
}

}  // namespace warmwire::providers
