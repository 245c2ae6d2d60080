#include "providers/reply_builder.hpp"

#include "providers/extra_fields.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace warmwire::providers {
namespace {

std::string* extra_within(message_part& part) {
  if (auto* text = std::get_if<text_part>(&part)) return &text->extra;
  if (auto* thought = std::get_if<reasoning_part>(&part)) return &thought->extra;
  auto* call = std::get_if<tool_call>(&part);
  return call == nullptr ? nullptr : &call->extra;
}

// Of `extra`, with what a piece adds to it.
std::string extended(std::string_view extra, const boost::json::object& piece) {
  const extra_fields before(extra);
  auto sum = before.all() == nullptr ? boost::json::object() : boost::json::object(*before.all(), {});
  add_piece(sum, piece);
  return extra_of(std::move(sum));
}

}  // namespace

template <class Part>
Part& reply_builder::open_part() {
  if (!is_open_ || parts_.empty() || !std::holds_alternative<Part>(parts_.back())) {
    end_waiting_call();
    parts_.emplace_back(Part{});
    bytes_ = std::min(bytes_ + sizeof(message_part), max_bytes_);
  }
  is_open_ = true;
  return std::get<Part>(parts_.back());
}

bool reply_builder::take(std::size_t bytes) {
  if (is_over_limit_ || bytes > max_bytes_ - bytes_) {
    is_over_limit_ = true;
    return false;
  }
  bytes_ += bytes;
  return true;
}

void reply_builder::add_text(std::string_view text) {
  if (text.empty() || !take(text.size())) return;
  open_part<text_part>().text += text;
  tell(text_delta{std::string(text)});
}

void reply_builder::add_refusal(std::string_view text) {
  if (text.empty() || !take(text.size())) return;
  reply_.refusal += text;
  tell(refusal_delta{std::string(text)});
}

void reply_builder::add_reasoning(std::string_view text) {
  if (text.empty() || !take(text.size())) return;
  open_part<reasoning_part>().text += text;
  tell(reasoning_delta{std::string(text)});
}

void reply_builder::sign_text(std::string_view signature) {
  if (!signature.empty() && take(signature.size())) open_part<text_part>().signature += signature;
}

void reply_builder::sign_reasoning(std::string_view signature) {
  if (!signature.empty() && take(signature.size())) open_part<reasoning_part>().signature += signature;
}

void reply_builder::add_hidden_reasoning(std::string_view id, std::string_view encrypted) {
  if (encrypted.empty() || !take(id.size() + encrypted.size())) return;
  auto& part = open_part<reasoning_part>();
  part.id = id;
  part.encrypted = encrypted;
}

void reply_builder::extend_last(const boost::json::object& piece) {
  if (is_open_ && !parts_.empty()) extend_part(parts_.size() - 1, piece);
}

void reply_builder::extend_part(std::size_t index, const boost::json::object& piece) {
  auto* into = index < parts_.size() ? extra_within(parts_[index]) : nullptr;
  if (into == nullptr || piece.empty()) return;
  auto sum = extended(*into, piece);
  // A stream may say the same of each piece.
  if (*into == sum || !take(sum.size())) return;
  *into = std::move(sum);
}

void reply_builder::extend_call(std::size_t index, const boost::json::object& piece) {
  if (index < calls_.size()) extend_part(calls_[index].part, piece);
}

void reply_builder::extend_message(const boost::json::object& piece) {
  if (!piece.empty() && take(memory_of(piece))) add_piece(extra_, piece);
}

std::size_t reply_builder::start_provider_part() {
  end_part();
  if (take(sizeof(message_part))) parts_.emplace_back(provider_part{});
  return parts_.size() - 1;
}

void reply_builder::fill_provider_part(std::size_t index, std::string json) {
  auto* part = index < parts_.size() ? std::get_if<provider_part>(&parts_[index]) : nullptr;
  if (part != nullptr && take(json.size())) part->json = std::move(json);
}

void reply_builder::count(const usage& tokens) {
  // Nothing was ever free: some servers count only in one of their events, and write zeros in the others.
  if (tokens == reply_.usage || tokens == warmwire::usage{}) return;
  reply_.usage = tokens;
  tell(usage_reported{tokens});
}

void reply_builder::set_id(std::string_view id) {
  if (reply_.id.empty()) reply_.id = id;
}

void reply_builder::set_model(std::string_view model) {
  if (reply_.model.empty()) reply_.model = model;
}

void reply_builder::finish(finish_reason reason, std::string_view text, std::string_view message) {
  reply_.finish = reason;
  reply_.finish_text = text;
  reply_.finish_message = message;
  if (waiting_ && !is_cut(*waiting_)) end_call(*waiting_);
}

void reply_builder::complete() {
  settle_calls();
  tell(chat_finished{
      .finish = finish_so_far(), .finish_text = reply_.finish_text, .finish_message = reply_.finish_message});
}

std::optional<stream_event> reply_builder::next_event() {
  if (events_.empty()) return std::nullopt;
  auto out = std::move(events_.front());
  events_.pop_front();
  return out;
}

chat_reply reply_builder::reply() const {
  auto out = reply_;
  out.finish = finish_so_far();
  for (const auto& each : parts_) {
    if (const auto* text = std::get_if<text_part>(&each)) out.content += text->text;
    if (const auto* thought = std::get_if<reasoning_part>(&each)) out.reasoning += thought->text;
    if (const auto* call = std::get_if<tool_call>(&each)) out.tool_calls.push_back(*call);
  }
  out.message.role = role::assistant;
  out.message.extra = extra_of(extra_);
  const auto* only = parts_.size() == 1 ? std::get_if<text_part>(&parts_.front()) : nullptr;
  if (only != nullptr && only->signature.empty()) {
    out.message.content = only->text;
    if (!only->extra.empty()) out.message.extra = only->extra;
    return out;
  }
  out.message.parts = parts_;
  std::erase_if(out.message.parts, [](const message_part& each) {
    const auto* part = std::get_if<provider_part>(&each);
    return part != nullptr && part->json.empty();
  });
  return out;
}

}  // namespace warmwire::providers
