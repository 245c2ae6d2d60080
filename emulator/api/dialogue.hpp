// What a chat comes to, whatever API it was sent to, and what the emulator says to it. Plain values, pure functions.
//
// The rules are those of docs/emulator.md, "What it says".
#pragma once

#include "emulator/api/field_check.hpp"
#include "emulator/api/json_reading.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

struct tool {
  std::string name;
  std::string description{};
  json::value schema{};     ///< of its arguments; null when it has none
  bool takes_text = false;  ///< instead of JSON
  std::string space{};      ///< the namespace that it is in, where the API has such
};

enum class tool_mode : std::uint8_t {
  by_message,  ///< what the last user message names
  none,
  required,  ///< the first, if the message names none
  named,     ///< `dialogue::named_tool`
};

struct dialogue {
  std::string model{};
  std::string last_user_text{};     ///< of the last user message, or of the last message when none is a user's
  std::uint64_t prompt_tokens = 0;  ///< see `count_message`
  std::uint64_t cached_tokens = 0;  ///< of them
  std::uint64_t choices = 1;
  std::optional<std::uint64_t> max_tokens{};
  std::vector<std::string> stop{};

  struct tool_result {
    std::string name;
    std::string text;
  };
  std::vector<tool_result> results{};  ///< which the conversation ends with

  std::vector<tool> tools{};
  tool_mode mode = tool_mode::by_message;
  std::string named_tool{};
  bool has_parallel_calls = true;

  bool wants_json = false;
  json::value schema{};  ///< of the JSON that is wanted; null when any will do
  bool thinks = false;
  bool streams = false;
  field_notes notes{};

  /// Adds a message's cost: 3, its text, 85 for each attachment.
  void count_message(std::string_view text, std::uint64_t attachments);
  /// Adds a tool and its cost: its name and description.
  void add_tool(tool added);
};

/// What a conversation costs before its first message: the reply's own three.
inline constexpr std::uint64_t tokens_per_reply = 3;

struct reply {
  enum class ending : std::uint8_t { stop, stop_sequence, length, tool_calls, refusal };
  struct call {
    const tool* called = nullptr;  ///< one of the dialogue's
    json::object arguments{};
    std::string text{};  ///< instead of arguments, when the tool takes that
  };

  std::string thought{};  ///< before the text
  std::string text{};     ///< of a refusal: why
  std::vector<call> calls{};
  ending end = ending::stop;
  std::string stop_sequence{};
  std::uint64_t thought_tokens = 0;  ///< of one choice, as the next
  std::uint64_t answer_tokens = 0;   ///< text and calls

  [[nodiscard]] std::uint64_t tokens() const { return thought_tokens + answer_tokens; }
};

/// The same dialogue gets the same reply.
[[nodiscard]] reply reply_to(const dialogue& asked);

}  // namespace warmwire::emulator
