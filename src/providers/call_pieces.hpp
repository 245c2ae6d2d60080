// Which call of a streamed answer a piece belongs to. Chat Completions say it by an index, which servers leave out,
// give to all calls, or count up with each piece. Pure.
#pragma once

#include "providers/reply_builder.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::providers {

/// What stands in a member of `tool_calls`, in whatever form.
struct call_piece {
  std::optional<std::int64_t> index{};  ///< the provider's
  std::size_t position = 0;             ///< within its delta
  std::string_view id{};
  std::string name{};
  std::string arguments{};
  bool is_text = false;         ///< the input of a custom tool, which is no JSON
  boost::json::object extra{};  ///< what goes back with it
};

[[nodiscard]] call_piece read_call_piece(const boost::json::object& from, std::size_t position);
/// The one call that there could be before there were several.
[[nodiscard]] call_piece read_function_call(const boost::json::object& from);

/// A piece continues the call of its index, or else of its id or its place, unless it brings a name while that call has
/// one and another id, or whole arguments. Names are joined, and what is only said again is nothing new. A call is told
/// when its arguments or a piece of another come: until then its name may go on.
class call_pieces {
 public:
  /// The pieces that follow stand in one delta.
  void begin_delta() noexcept { ++deltas_; }
  /// The builder's index of the piece's call; nothing when the piece says nothing, or there are more calls than can be.
  std::optional<std::size_t> take(const call_piece& piece, reply_builder& to);
  /// How many calls have come.
  [[nodiscard]] std::size_t count() const noexcept { return calls_.size(); }

 private:
  struct known_call {
    std::size_t delta = 0;       // in which it began
    bool holds_nothing = false;  // "{}" came first, which may stand for arguments that follow
  };

  [[nodiscard]] std::optional<std::size_t> find(const call_piece& piece, const reply_builder& to) const;
  [[nodiscard]] std::optional<std::size_t> unfinished(const reply_builder& to) const;
  [[nodiscard]] bool is_whole(std::size_t call, const reply_builder& to) const;
  [[nodiscard]] bool begins_another(std::size_t call, const call_piece& piece, const reply_builder& to) const;
  [[nodiscard]] std::size_t begin(const call_piece& piece, reply_builder& to);
  void note(const call_piece& piece, std::size_t call);
  static void add_extra(std::size_t call, const call_piece& piece, reply_builder& to);
  void add_arguments(std::size_t call, std::string_view fragment, reply_builder& to);

  std::vector<known_call> calls_;                 // as the builder counts them
  std::map<std::int64_t, std::size_t> by_index_;  // the last that had it; so are the others
  std::map<std::string, std::size_t, std::less<>> by_id_;
  std::map<std::size_t, std::size_t> by_position_;
  std::size_t deltas_ = 0;
};

}  // namespace warmwire::providers
