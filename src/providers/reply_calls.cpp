// The calls of a reply, see reply_builder.hpp: when each is told, and whether it came whole.
#include "providers/made_up_id.hpp"
#include "providers/reply_builder.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace warmwire::providers {

std::size_t reply_builder::start_call(tool_call call) {
  const auto arguments = std::exchange(call.arguments, {});
  const auto index = begin_call(std::move(call));
  while (told_calls_ < calls_.size())
    tell_call(told_calls_);
  add_arguments(index, arguments);
  return index;
}

std::size_t reply_builder::begin_call(tool_call call) {
  const auto index = calls_.size();
  if (index == max_tool_calls || !take(call.id.size() + call.name.size() + call.signature.size() + call.extra.size())) {
    is_over_limit_ = true;
    return index;
  }
  end_waiting_call();
  calls_.push_back({.part = parts_.size(), .arguments = {}});
  const auto arguments = std::exchange(call.arguments, {});
  parts_.emplace_back(std::move(call));
  add_arguments(index, arguments);
  return index;
}

void reply_builder::name_call(std::size_t index, std::string_view id, std::string_view name) {
  if (index >= calls_.size()) return;
  auto& call = call_at(index);
  const auto grown = name.size() - std::min(name.size(), call.name.size()) + (call.id.empty() ? id.size() : 0);
  if (!take(grown)) return;
  if (call.id.empty()) call.id = id;
  call.name = name;
}

void reply_builder::tell_calls() {
  while (told_calls_ < calls_.size() && !call_at(told_calls_).name.empty())
    tell_call(told_calls_);
}

// They are told in their order.
void reply_builder::tell_call(std::size_t index) {
  auto& call = call_at(index);
  if (call.id.empty()) call.id = id_of_call(index);
  told_calls_ = index + 1;
  tell(tool_call_started{.index = index, .id = call.id, .name = call.name});
  if (!call.arguments.empty()) tell(tool_call_arguments{.index = index, .fragment = call.arguments});
}

std::string reply_builder::id_of_call(std::size_t index) {
  if (!dice_) return made_up_id(reply_.id, index);
  if (!number_) number_ = dice_();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string number;
  for (unsigned shift = 64; shift > 0; shift -= 4)
    number += digits[(*number_ >> (shift - 4)) & 15U];
  return made_up_id(number, index);
}

tool_call& reply_builder::call_at(std::size_t index) {
  return std::get<tool_call>(parts_[calls_[index].part]);
}

const tool_call& reply_builder::call(std::size_t index) const {
  return std::get<tool_call>(parts_[calls_[index].part]);
}

void reply_builder::add_arguments(std::size_t index, std::string_view fragment) {
  if (fragment.empty() || index >= calls_.size() || calls_[index].is_ended || !take(fragment.size())) return;
  call_at(index).arguments += fragment;
  calls_[index].arguments.add(fragment);
  if (index < told_calls_) tell(tool_call_arguments{.index = index, .fragment = std::string(fragment)});
}

void reply_builder::take_arguments_as_text(std::size_t index) {
  if (index < calls_.size()) calls_[index].is_text = true;
}

void reply_builder::note_braces(std::size_t index) {
  if (index < calls_.size()) calls_[index].has_braces = true;
}

void reply_builder::end_call(std::size_t index) {
  if (index >= calls_.size() || std::exchange(calls_[index].is_ended, true)) return;
  while (told_calls_ <= index)
    tell_call(told_calls_);
  auto& call = call_at(index);
  // Some providers write nothing at all for a tool that takes nothing.
  if (call.arguments.empty() && !calls_[index].is_text) call.arguments = "{}";
  tell(tool_call_ended{.index = index, .call = call});
}

void reply_builder::close_call(std::size_t index) {
  if (index >= calls_.size()) return;
  if (!calls_[index].is_text && calls_[index].arguments.is_closed()) return end_call(index);
  waiting_ = index;
}

// One that takes nothing is whole once something follows it; so is any other when no limit has cut the answer.
void reply_builder::end_waiting_call() {
  if (waiting_ && calls_[*waiting_].arguments.is_empty()) end_call(*waiting_);
  waiting_.reset();
}

bool reply_builder::is_cut(std::size_t index) const {
  const auto reason = finish_so_far();
  if (reason == finish_reason::stop || reason == finish_reason::tool_calls) return false;
  const auto& call = calls_[index];
  const bool is_last = call.part + 1 == parts_.size();
  if (call.is_text) return is_last;
  if (call.arguments.is_empty()) return is_last && reason != finish_reason::other;
  return !call.arguments.is_closed();
}

void reply_builder::settle_calls() {
  while (told_calls_ < calls_.size())
    tell_call(told_calls_);
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (!is_cut(i)) end_call(i);
    if (calls_[i].has_braces && call_at(i).arguments.empty()) call_at(i).arguments = "{}";
  }
}

// Some servers do not know the reason that is meant for it.
finish_reason reply_builder::finish_so_far() const noexcept {
  return reply_.finish == finish_reason::stop && has_calls() ? finish_reason::tool_calls : reply_.finish;
}

}  // namespace warmwire::providers
