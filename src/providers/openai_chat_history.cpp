#include "providers/openai_chat_history.hpp"

#include "providers/extra_fields.hpp"
#include "providers/json_document.hpp"
#include "providers/made_up_id.hpp"
#include "providers/message_check.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 2> thought_names{"reasoning_content", "reasoning"};

bool is_said(const json::value& value) {
  return value.is_string() && !value.get_string().empty();
}

bool has_members(const json::value& value) {
  return value.is_array() && !value.get_array().empty();
}

// The text of a content that is an array.
std::string text_of_content(const json::value& content) {
  std::string out;
  const auto* parts = content.if_array();
  if (parts == nullptr) return out;
  for (const auto& each : *parts) {
    const auto* part = each.if_object();
    if (part != nullptr && !part->contains("thinking")) out += view_of(*part, "text");
  }
  return out;
}

void write_content_of_own(json_writer& to, const message& from, const json::object& fields) {
  const auto text = text_in(from);
  const auto* came = fields.if_contains("content");
  // Not where the caller has changed the text.
  if (came != nullptr && text_of_content(*came) == text) {
    to.key("content").raw(json::serialize(*came));
  } else if (!text.empty() || parts_in<tool_call>(from).empty()) {
    // An answer without any content is refused by many that give it.
    to.field("content", text);
  }
}

// The one call of a message in the form that was before there were several.
bool is_old_call(const message& from) {
  const auto calls = parts_in<tool_call>(from);
  const extra_fields extra(from.extra);
  return calls.size() == 1 && is_made_up(calls.front()->id) && object_in(extra.all(), "function_call") != nullptr;
}

// The text of a part, or of what was thought in it; nullptr where it is no such part, or where it says more.
json::string* text_within(json::object& part) {
  auto* text = part.if_contains("text");
  if (text != nullptr) return text->if_string();
  auto* thinking = part.if_contains("thinking");
  if (thinking == nullptr || !thinking->is_array() || thinking->get_array().size() != 1) {
    return thinking == nullptr ? nullptr : thinking->if_string();
  }
  auto* only = thinking->get_array().front().if_object();
  text = only == nullptr ? nullptr : only->if_contains("text");
  return text == nullptr ? nullptr : text->if_string();
}

// A part of a stream goes on where the one before it is alike.
void add_content_part(json::array& to, const json::value& piece) {
  auto* last = to.empty() ? nullptr : to.back().if_object();
  const auto* part = piece.if_object();
  auto* before = last == nullptr ? nullptr : text_within(*last);
  if (part == nullptr || before == nullptr || view_of(*last, "type") != view_of(*part, "type")) {
    to.push_back(piece);
    return;
  }
  json::object copy(*part, {});
  const auto* more = text_within(copy);
  if (more == nullptr) {
    to.push_back(piece);
  } else {
    before->append(*more);
  }
}

// Text alone is told by the reply; a list is kept, and the text that follows one.
void take_content(const json::value& content, delivery how, json::object& into) {
  const auto known = into.find("content");
  const bool has_list = known != into.end() && has_members(known->value());
  if (has_members(content)) {
    if (how == delivery::whole || !has_list) {
      into["content"] = json::array();
    }
    auto& list = into["content"].get_array();
    for (const auto& each : content.get_array())
      how == delivery::whole ? list.push_back(each) : add_content_part(list, each);
  } else if (is_said(content)) {
    const json::value part{{"type", "text"}, {"text", content}};
    if (has_list) add_content_part(known->value().get_array(), part);
  } else if (known == into.end() || known->value().is_null()) {
    into["content"] = content;
  }
}

}  // namespace

void write_own_openai_message(json_writer& to, const message& from) {
  const extra_fields extra(from.extra);
  auto fields = extra.all() == nullptr ? json::object() : rest_in(*extra.all(), {"role"});
  const auto calls = parts_in<tool_call>(from);
  to.begin_object().field("role", to_string(from.role));
  write_content_of_own(to, from, fields);
  fields.erase("content");
  if (parts_in<reasoning_part>(from).empty()) {
    // The caller has left out what was thought.
    for (const auto name : thought_names) {
      if (const auto known = fields.find(name); known != fields.end() && is_said(known->value())) fields.erase(known);
    }
  }
  if (!calls.empty() && !is_old_call(from)) {
    fields.erase("tool_calls");
    to.key("tool_calls").begin_array();
    for (const auto* call : calls)
      write_openai_call(to, *call, call->extra);
    to.end_array();
  }
  extra_fields::write_fields(to, &fields, {});
  to.end_object();
}

void write_openai_call(json_writer& to, const tool_call& call, std::string_view extra) {
  const extra_fields more(extra);
  to.begin_object().field("id", call.id);
  if (!more.has("type")) to.field("type", "function");
  if (more.has("custom")) {
    to.key("custom").begin_object().field("name", call.name).field("input", call.arguments);
    extra_fields::write_fields(to, object_in(more.all(), "custom"), {"name", "input"});
  } else {
    const bool is_of_another = extra.empty() && !call.extra.empty();
    to.key("function").begin_object().field("name", call.name);
    to.field("arguments", is_of_another ? json_arguments_of(call) : call.arguments);
    extra_fields::write_fields(to, object_in(more.all(), "function"), {"name", "arguments"});
  }
  to.end_object();
  more.write(to, {"id", "function", "custom"});
  to.end_object();
}

void write_openai_result(json_writer& to, const std::vector<message>& messages, const tool_result& result,
                         std::string_view asked) {
  const bool is_old = std::any_of(messages.begin(), messages.end(), [&](const message& each) {
    return each.maker == asked && is_old_call(each) && parts_in<tool_call>(each).front()->id == result.call_id;
  });
  to.begin_object().field("role", is_old ? "function" : "tool");
  if (is_old) {
    to.field("name", tool_name(messages, result));
  } else {
    to.field("tool_call_id", result.call_id);
  }
  to.field("content", result.content).end_object();
}

void take_openai_fields(const json::object& message, delivery how, reply_builder& to) {
  json::object rest;
  for (const auto& [name, value] : message) {
    const bool is_told = name == "role" || name == "content" || (name == "tool_calls" && has_members(value));
    if (!is_told) rest.emplace(name, value);
  }
  if (const auto* content = message.if_contains("content")) {
    const auto* before = to.message_fields().if_contains("content");
    const bool is_kept = !is_said(*content) || (before != nullptr && has_members(*before));
    if (is_kept && to.hold(memory_of({{"content", *content}}))) take_content(*content, how, to.message_fields());
  } else if (how == delivery::streamed && message.contains("tool_calls")) {
    // Deltas of a call say nothing of the content, where a message has null.
    to.message_fields().emplace("content", nullptr);
  }
  to.extend_message(rest);
}

json::object rest_of_openai_call(const json::object& call) {
  auto rest = rest_in(call, {"id", "function", "custom"});
  if (view_of(call, "type") == "function") rest.erase("type");
  if (const auto* function = object_in(&call, "function")) {
    auto inner = rest_in(*function, {"name", "arguments"});
    if (!inner.empty()) rest["function"] = std::move(inner);
  } else if (const auto* custom = object_in(&call, "custom")) {
    rest["custom"] = rest_in(*custom, {"name", "input"});
  } else {
    // Some servers leave the wrapping out.
    rest.erase("name");
    rest.erase("arguments");
  }
  return rest;
}

}  // namespace warmwire::providers
