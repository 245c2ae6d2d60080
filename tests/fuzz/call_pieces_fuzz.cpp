// Tool calls in pieces, in any order and with any numbers. Input: the word for the end on a line (as "length"), then a
// line for each piece: its index, its id, its name and its arguments with | between them, where the first three may be
// empty; an empty line begins another delta.
#include "providers/call_pieces.hpp"
#include "providers/json_extent.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace {

using namespace warmwire;
using fuzz::require;

std::string_view next_field(std::string_view& rest) {
  const auto end = std::min(rest.find('|'), rest.size());
  const auto field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

providers::call_piece read_piece(std::string_view line, std::size_t position) {
  providers::call_piece out{.position = position};
  const auto index = next_field(line);
  std::int64_t number = 0;
  const auto read = std::from_chars(index.data(), index.data() + index.size(), number);
  if (!index.empty() && read.ec == std::errc()) out.index = number;
  out.id = next_field(line);
  out.name = next_field(line);
  out.arguments = line;
  return out;
}

/// What the events say of each call.
class listener {
 public:
  void hear(const stream_event& event) {
    if (const auto* start = std::get_if<tool_call_started>(&event)) {
      require(start->index == told_.size(), "calls are counted from 0");
      require(!start->id.empty(), "a call has an id");
      told_.emplace_back();
    } else if (const auto* piece = std::get_if<tool_call_arguments>(&event)) {
      require(piece->index < told_.size(), "a call begins before its arguments come");
      require(!ended_.contains(piece->index), "nothing comes behind its end");
      told_[piece->index] += piece->fragment;
    } else if (const auto* end = std::get_if<tool_call_ended>(&event)) {
      require(end->index < told_.size() && ended_.insert(end->index).second, "a call ends once, behind its beginning");
      check_end(*end);
    }
  }

  void check(const chat_reply& reply) const {
    require(reply.tool_calls.size() == told_.size(), "every call is told");
    for (std::size_t i = 0; i < told_.size(); ++i) {
      const auto& call = reply.tool_calls[i];
      const bool is_filled = told_[i].empty() && call.arguments == "{}";
      require(call.arguments == told_[i] || is_filled, "the reply is what was told");
      providers::json_extent extent;
      extent.add(call.arguments);
      const bool is_cut = reply.finish == finish_reason::length && !extent.is_empty() && !extent.is_closed();
      require(!is_cut || !ended_.contains(i), "what was cut is not told as whole");
      require(reply.finish == finish_reason::length || ended_.contains(i), "what was not cut is told as whole");
    }
  }

 private:
  void check_end(const tool_call_ended& end) const {
    const auto& told = told_[end.index];
    require(end.call.arguments == (told.empty() ? "{}" : told), "its end holds what was told");
  }

  std::vector<std::string> told_;
  std::set<std::size_t> ended_;
};

/// No text goes astray, and none is added.
void check_nothing_is_lost(const std::vector<providers::call_piece>& pieces, const chat_reply& reply) {
  std::size_t came = 0;
  for (const auto& piece : pieces) {
    came += piece.arguments.size();
    const auto holds = [&](const tool_call& call) { return call.arguments.find(piece.arguments) != std::string::npos; };
    const auto names = [&](const tool_call& call) { return call.name.find(piece.name) != std::string::npos; };
    const auto& calls = reply.tool_calls;
    const bool says_nothing = piece.arguments.empty() || piece.arguments == "{}";
    require(says_nothing || std::any_of(calls.begin(), calls.end(), holds), "the arguments are some call's");
    require(piece.name.empty() || std::any_of(calls.begin(), calls.end(), names), "the name is some call's");
  }
  std::size_t kept = 0;
  for (const auto& call : reply.tool_calls)
    kept += call.arguments == "{}" ? 0 : call.arguments.size();
  require(kept <= came, "nothing is added");
}

void drain(providers::reply_builder& from, listener& to) {
  while (const auto event = from.next_event())
    to.hear(*event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_pieces = 200;
  auto text = fuzz::as_text(data, size);
  const auto word = fuzz::next_line(text);
  providers::reply_builder to(providers::delivery::streamed, providers::max_reply_bytes,
                              [] { return std::uint64_t{7}; });
  providers::call_pieces calls;
  listener heard;
  std::vector<providers::call_piece> pieces;
  std::size_t position = 0;
  calls.begin_delta();
  while (!text.empty() && pieces.size() < most_pieces) {
    const auto line = fuzz::next_line(text);
    if (line.empty()) {
      calls.begin_delta();
      position = 0;
      continue;
    }
    pieces.push_back(read_piece(line, position++));
    const auto call = calls.take(pieces.back(), to);
    require(!call || *call < calls.count(), "a piece is of a call that there is");
    drain(to, heard);
  }
  to.finish(word == "length" ? finish_reason::length : finish_reason::tool_calls, word);
  to.complete();
  drain(to, heard);
  heard.check(to.reply());
  check_nothing_is_lost(pieces, to.reply());
  return 0;
}
