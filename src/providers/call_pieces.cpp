#include "providers/call_pieces.hpp"

#include "providers/extra_fields.hpp"
#include "providers/json_document.hpp"
#include "providers/openai_chat_history.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view blanks = " \t\r\n";

// A string, as documented; some servers send the object itself.
std::string arguments_of(const json::object& function) {
  for (const auto* field : {"arguments", "parameters", "input"}) {
    const auto* value = function.if_contains(field);
    if (value == nullptr || value->is_null()) continue;
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
  }
  return {};
}

bool begins_object(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  return first != std::string_view::npos && text[first] == '{';
}

bool is_blank_text(std::string_view text) {
  return text.find_first_not_of(blanks) == std::string_view::npos;
}

// Servers send a name once, in pieces, again with each piece, or as far as it has come.
std::string joined(const std::string& name, const std::string& more) {
  return more.starts_with(name) ? more : name + more;
}

}  // namespace

call_piece read_function_call(const json::object& from) {
  return {.name = text_of(from, "name"), .arguments = arguments_of(from)};
}

call_piece read_call_piece(const json::object& from, std::size_t position) {
  const auto* function = object_in(&from, "function");
  const auto* custom = object_in(&from, "custom");
  auto out = read_function_call(function != nullptr ? *function : custom != nullptr ? *custom : from);
  out.position = position;
  out.id = view_of(from, "id");
  out.is_text = function == nullptr && custom != nullptr;
  out.index = number_in(from, "index");
  out.extra = rest_of_openai_call(from);
  return out;
}

std::optional<std::size_t> call_pieces::take(const call_piece& piece, reply_builder& to) {
  if (piece.id.empty() && piece.name.empty() && piece.arguments.empty()) {
    if (const auto known = find(piece, to)) add_extra(*known, piece, to);
    return std::nullopt;
  }
  auto call = find(piece, to);
  if (call && begins_another(*call, piece, to)) call.reset();
  // Nothing more comes of the name of one that is followed by a piece of another.
  if (!call || *call + 1 != calls_.size()) to.tell_calls();
  const auto index = call ? *call : begin(piece, to);
  if (to.is_over_limit()) return std::nullopt;
  note(piece, index);
  const auto& before = to.call(index);
  const auto name = piece.name.empty() ? before.name : joined(before.name, piece.name);
  if (name != before.name || (before.id.empty() && !piece.id.empty())) to.name_call(index, piece.id, name);
  add_extra(index, piece, to);
  add_arguments(index, piece.arguments, to);
  return index;
}

// The index only says which call the piece belongs to.
void call_pieces::add_extra(std::size_t call, const call_piece& piece, reply_builder& to) {
  to.extend_call(call, rest_in(piece.extra, {"index"}));
}

// What could be remembered of pieces that only say where they belong has no end.
void call_pieces::note(const call_piece& piece, std::size_t call) {
  constexpr std::size_t most = 4 * max_tool_calls;
  const auto remember = [&](auto& places, auto&& place) {
    if (const auto known = places.find(place); known != places.end()) {
      known->second = call;
    } else if (places.size() < most) {
      places.emplace(place, call);
    }
  };
  if (piece.index) remember(by_index_, *piece.index);
  if (!piece.id.empty()) remember(by_id_, piece.id);
  remember(by_position_, piece.position);
}

// The call that a piece may continue.
std::optional<std::size_t> call_pieces::find(const call_piece& piece, const reply_builder& to) const {
  const auto same_id = piece.id.empty() ? by_id_.end() : by_id_.find(piece.id);
  const bool has_known_id = same_id != by_id_.end();
  if (piece.index) {
    if (const auto known = by_index_.find(*piece.index); known != by_index_.end()) {
      // All calls may have one index; some servers also give all one id.
      return has_known_id && to.call(known->second).id != piece.id ? same_id->second : known->second;
    }
    if (has_known_id && (piece.name.empty() || to.call(same_id->second).name.empty())) return same_id->second;
    // Some count the pieces of one call up.
    return piece.id.empty() && piece.name.empty() ? unfinished(to) : std::nullopt;
  }
  if (has_known_id) return same_id->second;
  const auto placed = by_position_.find(piece.position);
  if (placed == by_position_.end()) return piece.name.empty() ? unfinished(to) : std::nullopt;
  if (!piece.name.empty() || !to.has_closed_arguments(placed->second)) return placed->second;
  const auto last = unfinished(to);
  return last ? last : placed->second;
}

// The last call, where its name has come and its arguments have not come to their end.
std::optional<std::size_t> call_pieces::unfinished(const reply_builder& to) const {
  if (calls_.empty()) return std::nullopt;
  const auto last = calls_.size() - 1;
  return to.call(last).name.empty() || to.has_closed_arguments(last) ? std::nullopt : std::optional(last);
}

bool call_pieces::is_whole(std::size_t call, const reply_builder& to) const {
  return calls_[call].holds_nothing || to.has_closed_arguments(call);
}

bool call_pieces::begins_another(std::size_t call, const call_piece& piece, const reply_builder& to) const {
  const auto& before = to.call(call);
  const bool is_same_id = !piece.id.empty() && piece.id == before.id;
  if (piece.name.empty() || before.name.empty()) {
    // Two whose names come later.
    const bool has_other_id = !piece.id.empty() && !before.id.empty() && !is_same_id;
    if (has_other_id && piece.name.empty() && before.name.empty()) return true;
    return to.has_closed_arguments(call) && !is_same_id && begins_object(piece.arguments) &&
           piece.arguments != before.arguments;
  }
  if (is_same_id && (is_blank_text(piece.arguments) || piece.arguments == before.arguments)) {
    // Said again; but a server that gives one id to all calls says another name.
    return is_whole(call, to) && joined(before.name, piece.name) != before.name;
  }
  if (is_same_id && !to.has_closed_arguments(call)) return false;
  if (is_whole(call, to)) return true;
  // Two that take nothing, in one delta.
  if (piece.id.empty() || before.id.empty()) return calls_[call].delta == deltas_ && piece.name != before.name;
  // A new id with each piece of one call's arguments.
  const bool goes_on = !before.arguments.empty() && !is_blank_text(piece.arguments) &&
                       !begins_object(piece.arguments) && piece.name == before.name;
  return !goes_on;
}

std::size_t call_pieces::begin(const call_piece& piece, reply_builder& to) {
  const auto index = to.begin_call({.id = std::string(piece.id)});
  if (to.is_over_limit()) return index;
  if (piece.is_text) to.take_arguments_as_text(index);
  calls_.push_back({.delta = deltas_});
  return index;
}

void call_pieces::add_arguments(std::size_t call, std::string_view fragment, reply_builder& to) {
  if (fragment.empty()) return;
  auto& known = calls_[call];
  const auto& before = to.call(call).arguments;
  if (before.empty() && fragment == "{}" && !known.holds_nothing) {
    known.holds_nothing = true;
    to.note_braces(call);
    return;
  }
  if (std::exchange(known.holds_nothing, false) && !begins_object(fragment)) to.add_arguments(call, "{}");
  // Some servers say all of them again at the end.
  if (to.has_closed_arguments(call) && fragment == before) return;
  to.add_arguments(call, fragment);
  to.tell_calls();
}

}  // namespace warmwire::providers
