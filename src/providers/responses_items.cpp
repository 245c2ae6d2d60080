#include "providers/responses_items.hpp"

#include "providers/extra_fields.hpp"
#include "providers/json_document.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

using channel = responses_items::channel;

constexpr std::array all_channels{channel::summary, channel::thought, channel::text, channel::refusal};

bool is_call(std::string_view type) {
  return type == "function_call" || type == "custom_tool_call";
}

// What has no type is a message.
bool is_read(std::string_view type) {
  return type.empty() || type == "message" || type == "reasoning" || is_call(type);
}

// JSON, or of a custom tool a text of any form. Some servers send the object itself.
std::string item_arguments(const json::object& item) {
  const auto* value = item.if_contains(view_of(item, "type") == "custom_tool_call" ? "input" : "arguments");
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

// The texts of an item that belong to a channel, each in its place; others are empty there.
std::vector<std::string_view> texts_in(const json::object& item, channel on) {
  const bool is_thinking = on == channel::summary || on == channel::thought;
  const auto type = view_of(item, "type");
  if (is_thinking != (type == "reasoning") || is_call(type) || !is_read(type)) return {};
  if (const auto text = view_of(item, "content"); !text.empty() && (on == channel::text || on == channel::thought)) {
    return {text};
  }
  const auto* parts = array_in(&item, on == channel::summary ? "summary" : "content");
  std::vector<std::string_view> out;
  if (parts == nullptr) return out;
  out.reserve(parts->size());
  for (const auto& each : *parts) {
    const auto* part = each.if_object();
    out.push_back(part == nullptr ? std::string_view() : view_of(*part, on == channel::refusal ? "refusal" : "text"));
  }
  return out;
}

void tell(channel on, std::string_view text, reply_builder& to) {
  if (on == channel::text) {
    to.add_text(text);
  } else if (on == channel::refusal) {
    to.add_refusal(text);
  } else {
    to.add_reasoning(text);
  }
}

// A message but for its one text, which is told; or all of one that has several, or none.
json::object shell_of(const json::object& message) {
  json::object out(message, {});
  auto* content = out.contains("content") ? out["content"].if_array() : nullptr;
  if (content == nullptr || content->size() != 1) return out;
  auto* only = content->front().if_object();
  if (only != nullptr && !view_of(*only, "text").empty()) only->erase("text");
  return out;
}

// Whether nothing of an item is a part of the reply.
bool is_silent(const json::object& item) {
  return std::all_of(all_channels.begin(), all_channels.end(), [&](channel on) {
    const auto texts = texts_in(item, on);
    return on == channel::refusal || std::all_of(texts.begin(), texts.end(), [](auto each) { return each.empty(); });
  });
}

json::object rest_of_item_call(const json::object& call) {
  auto out = rest_in(call, {"call_id", "name", "arguments", "input"});
  if (view_of(call, "type") == "function_call") out.erase("type");
  return out;
}

std::size_t number_of(channel on) {
  return static_cast<std::size_t>(on);
}

}  // namespace

std::int64_t responses_items::place_of(const json::object& event, std::string_view id) const {
  const auto number = number_in(event, "output_index");
  if (number && items_.contains(*number)) return *number;
  const auto known = places_.find(id);
  if (!id.empty() && known != places_.end()) return known->second;
  return number.value_or(last_);
}

std::int64_t responses_items::place_of_new(const json::object& event, const json::object& item) {
  const auto after = items_.empty() ? 0 : items_.rbegin()->first + 1;
  last_ = number_in(event, "output_index").value_or(after);
  const auto id = view_of(item, "id");
  if (!id.empty() && places_.size() < max_items) places_.insert_or_assign(std::string(id), last_);
  return last_;
}

void responses_items::start_item(std::int64_t index, const json::object& item, reply_builder& to) {
  to.end_part();
  const auto type = view_of(item, "type");
  auto* in = item_at(index);
  if (in == nullptr) return;
  if (is_call(type)) in->call = start_call(item, to);
  if (!is_read(type)) in->part = to.start_provider_part();
}

void responses_items::finish_item(std::int64_t index, const json::object& item, reply_builder& to) {
  const auto type = view_of(item, "type");
  if (!items_.contains(index)) to.end_part();
  if (auto* in = item_at(index); in != nullptr) {
    for (const auto on : all_channels)
      finish_channel(*in, on, texts_in(item, on), to);
    if (const auto hidden = view_of(item, "encrypted_content"); type == "reasoning" && !hidden.empty()) {
      to.add_hidden_reasoning(view_of(item, "id"), hidden);
      in->part = to.part_count() - 1;
      in->is_hidden = true;
    }
    if (is_call(type)) finish_call(*in, item, to);
    keep(*in, item, to);
  }
  to.end_part();
}

// So that the item goes back as it came.
void responses_items::keep(item_state& of, const json::object& item, reply_builder& to) {
  const auto type = view_of(item, "type");
  if (of.call || item.empty() || to.is_over_limit() || std::exchange(of.is_kept, true)) return;
  if (of.part && (type == "message" || type.empty())) return to.extend_part(*of.part, shell_of(item));
  if (of.part && type == "reasoning") {
    return to.extend_part(*of.part, of.is_hidden ? rest_in(item, {"id", "encrypted_content"}) : item);
  }
  if (!of.part) of.part = to.start_provider_part();
  to.fill_provider_part(*of.part, json::serialize(item));
}

void responses_items::finish(const json::array& items, reply_builder& to) {
  if (!has_told_) return take_whole(items, to);
  for (const auto on : all_channels)
    finish_channel(on, items, to);
  // Servers count the items of a stream and of its end differently: a call is known by its id, or else by its order.
  std::size_t order = 0;
  for (const auto& each : items) {
    if (to.is_over_limit()) return;
    const auto* item = each.if_object();
    if (item == nullptr || !is_call(view_of(*item, "type"))) continue;
    item_state in;
    if (order < calls_.size() && calls_[order].id.empty()) in.call = order;
    finish_call(in, *item, to);
    ++order;
  }
  keep_rest(items, to);
}

// Of items whose own end did not come.
void responses_items::keep_rest(const json::array& items, reply_builder& to) {
  std::int64_t index = 0;
  for (const auto& each : items) {
    const auto* item = each.if_object();
    const auto known = items_.find(index++);
    if (item == nullptr || known == items_.end()) continue;
    // One that says nothing that is a part of the reply is one of its own.
    if (known->second.part || is_silent(*item)) keep(known->second, *item, to);
  }
}

void responses_items::take_whole(const json::array& items, reply_builder& to) {
  std::int64_t index = 0;
  for (const auto& each : items) {
    if (to.is_over_limit() || is_over_limit_) return;
    if (const auto* item = each.if_object()) {
      start_item(index, *item, to);
      finish_item(index, *item, to);
    }
    ++index;
  }
}

void responses_items::add(channel on, place at, std::string_view delta, reply_builder& to) {
  if (auto* item = item_at(at.item)) deliver(*item, on, at.part, delta, to);
}

void responses_items::finish_part(channel on, place at, std::string_view whole, reply_builder& to) {
  auto* item = item_at(at.item);
  if (item == nullptr) return;
  const auto& told = item->told[number_of(on)];
  // Parts come one after the other.
  if (at.part < told.part) return;
  const auto before = at.part == told.part ? told.of_part : told_text();
  deliver(*item, on, at.part, before.rest_of({whole}).front(), to);
}

void responses_items::add_arguments(std::int64_t index, std::string_view delta, reply_builder& to) {
  const auto item = items_.find(index);
  if (item == items_.end() || !item->second.call) return;
  calls_[*item->second.call].arguments.add(delta);
  to.add_arguments(*item->second.call, delta);
}

void responses_items::finish_arguments(std::int64_t index, std::string_view whole, reply_builder& to) {
  const auto item = items_.find(index);
  if (item != items_.end() && item->second.call) finish_arguments_of(*item->second.call, whole, to);
}

responses_items::item_state* responses_items::item_at(std::int64_t index) {
  if (const auto known = items_.find(index); known != items_.end()) return &known->second;
  if (items_.size() == max_items) {
    is_over_limit_ = true;
    return nullptr;
  }
  return &items_[index];
}

void responses_items::deliver(item_state& item, channel on, std::int64_t part, std::string_view text,
                              reply_builder& to) {
  if (text.empty()) return;
  auto& told = item.told[number_of(on)];
  if (part != told.part) {
    told.part = part;
    told.of_part = {};
  }
  told.of_part.add(text);
  told.all.add(text);
  told_[number_of(on)].add(text);
  has_told_ = true;
  tell(on, text, to);
  if (on != channel::refusal && to.part_count() > 0) item.part = to.part_count() - 1;
}

void responses_items::finish_channel(item_state& item, channel on, std::vector<std::string_view> parts,
                                     reply_builder& to) {
  const auto rest = item.told[number_of(on)].all.rest_of(std::move(parts));
  for (std::size_t i = 0; i < rest.size(); ++i)
    deliver(item, on, static_cast<std::int64_t>(i), rest[i], to);
}

void responses_items::finish_channel(channel on, const json::array& items, reply_builder& to) {
  std::vector<std::string_view> texts;
  for (const auto& each : items) {
    if (const auto* item = each.if_object()) {
      const auto more = texts_in(*item, on);
      texts.insert(texts.end(), more.begin(), more.end());
    }
  }
  const auto rest = told_[number_of(on)].rest_of(texts);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i].empty()) continue;
    // Of another item than what was told last.
    if (rest[i].size() == texts[i].size()) to.end_part();
    tell(on, rest[i], to);
  }
}

std::size_t responses_items::start_call(const json::object& item, reply_builder& to) {
  call_state made{.id = text_of(item, "call_id"), .arguments = {}};
  const auto arguments = item_arguments(item);
  made.arguments.add(arguments);
  const auto index = to.start_call({.id = made.id, .name = text_of(item, "name"), .arguments = arguments});
  if (view_of(item, "type") == "custom_tool_call") to.take_arguments_as_text(index);
  calls_.push_back(std::move(made));
  has_told_ = true;
  return index;
}

void responses_items::finish_call(item_state& in, const json::object& item, reply_builder& to) {
  const auto known = known_call(in, item);
  const auto call = known ? *known : start_call(item, to);
  in.call = call;
  if (!to.is_over_limit() && to.call(call).extra.empty()) to.extend_call(call, rest_of_item_call(item));
  finish_arguments_of(call, item_arguments(item), to);
  const auto status = view_of(item, "status");
  if (status == "incomplete") return;
  status == "completed" ? to.end_call(call) : to.close_call(call);
}

std::optional<std::size_t> responses_items::known_call(const item_state& in, const json::object& item) const {
  const auto id = view_of(item, "call_id");
  if (in.call && (id.empty() || calls_[*in.call].id.empty() || calls_[*in.call].id == id)) return in.call;
  if (id.empty()) return std::nullopt;
  const auto same = std::find_if(calls_.begin(), calls_.end(), [&](const auto& each) { return each.id == id; });
  if (same == calls_.end()) return std::nullopt;
  return static_cast<std::size_t>(same - calls_.begin());
}

void responses_items::finish_arguments_of(std::size_t call, std::string_view whole, reply_builder& to) {
  auto& told = calls_[call].arguments;
  const auto rest = told.rest_of({whole}).front();
  told.add(rest);
  to.add_arguments(call, rest);
}

}  // namespace warmwire::providers
