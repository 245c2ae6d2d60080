// What is said in a chat: messages and their parts, as plain values.
#pragma once

#include <warmwire/detail/visibility.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

enum class role : std::uint8_t {
  system,  ///< instructions; providers that have one place for them get them there, wherever they stand
  user,
  assistant,
  tool,  ///< results of tools, see `tool_answer`
};

[[nodiscard]] std::string_view to_string(role value) noexcept;

// `extra`, of parts and of messages, is a JSON object: the fields of what came that have no place here, such as an id
// or citations. See `message::maker` for whom it is sent to; it never replaces what has a place.

struct text_part {
  std::string text;
  std::string signature{};  ///< Gemini's; goes back as it came
  std::string extra{};
};

/// An image, by its address or by its bytes.
struct image_part {
  std::string url{};
  std::string bytes{};       ///< the file itself
  std::string media_type{};  ///< such as "image/png"; needed with `bytes`
  std::string detail{};      ///< OpenAI's "low", "high" or "auto"; a hint that the others are not sent
};

/// What a model thought before it answered. A provider accepts it back only as it came, and only its own: what another
/// provider made is left out of a request.
struct reasoning_part {
  std::string text;
  std::string signature{};  ///< Anthropic's proof that the text is its own
  std::string encrypted{};  ///< what the provider does not show
  std::string id{};         ///< of OpenAI's Responses
  std::string extra{};
};

/// A model asks for a tool.
struct tool_call {
  std::string id{};  ///< names the call to its result
  std::string name{};
  std::string arguments{};  ///< JSON, as the model wrote it: not checked, it may be wrong
  std::string signature{};  ///< Gemini's; goes back as it came
  std::string extra{};
};

/// What the tool said.
struct tool_result {
  std::string call_id{};
  std::string content{};
  std::string name{};     ///< the tool's; looked up in the conversation where it is missing and needed
  bool is_error = false;  ///< the tool failed, and `content` says how: OpenAI has no field for it
};

/// What no other part names, such as a search that the provider made itself and what it found, or a picture.
struct provider_part {
  std::string json;  ///< the whole block, part or item as the API has it, an object
};

using message_part = std::variant<text_part, image_part, reasoning_part, tool_call, tool_result, provider_part>;

struct message {
  warmwire::role role = warmwire::role::user;
  std::string content{};              ///< text; comes before the parts
  std::vector<message_part> parts{};  ///< what goes beyond one text, in its order
  /// Of a reply: who made it, and in which API. What only its maker understands (signatures, encrypted reasoning,
  /// `extra` and `provider_part`) goes back to it as it came, and is left out where another provider is asked. Empty:
  /// whoever is asked counts as the maker.
  std::string maker{};
  std::string extra{};  ///< of the message in Chat Completions; else of `content`
};

/// The message that answers a call: `{role::tool, …}` with one result.
[[nodiscard]] message tool_answer(const tool_call& call, std::string content);

}  // namespace warmwire
