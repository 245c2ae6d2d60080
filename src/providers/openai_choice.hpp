// What a choice of Chat Completions says, in the many forms that servers give it. Pure.
#pragma once

#include "providers/call_pieces.hpp"
#include "providers/reply_builder.hpp"
#include "providers/told_text.hpp"

#include <boost/json/fwd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace warmwire::providers {

/// A text of a message or a delta and what it is.
struct said_text {
  enum class kind : std::uint8_t { content, thought, refusal };

  kind what = kind::content;
  std::string text{};
};

/// The choices of a stream, one after the other. What they say stands in `delta`, in `message` or in `text`; a message
/// may be a piece, all that has come so far, or at the end all that came in deltas once more.
class openai_choice {
 public:
  /// `is_last` where it says that the answer is complete.
  void take(const boost::json::object& choice, bool is_last, reply_builder& to);

 private:
  static constexpr std::size_t kinds = 3;

  void take_text(const said_text& piece, reply_builder& to);
  void take_message(const boost::json::object& message, bool is_last, reply_builder& to);
  void take_calls(const std::vector<call_piece>& calls, reply_builder& to);

  call_pieces calls_;
  std::array<told_text, kinds> told_;
  bool has_deltas_ = false;  // that said something
};

/// Takes a choice of an answer that came whole. Says what is wrong with it; nothing when all is well.
[[nodiscard]] std::string read_openai_choice(const boost::json::object& choice, reply_builder& to);

}  // namespace warmwire::providers
