// A chat with a model, as plain values: what is asked and what is answered.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/message.hpp>
#include <warmwire/provider_answer.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

/// A function that the model may ask for.
struct tool {
  std::string name;
  std::string description{};
  std::string parameters{};      ///< JSON Schema of the arguments, an object; empty: no arguments
  std::optional<bool> strict{};  ///< the arguments shall follow the schema exactly; `true` not with Gemini
};

/// Whether the model may, must or must not ask for a tool.
struct tool_choice {
  enum class kind : std::uint8_t { automatic, none, required, named };

  kind mode = kind::automatic;
  std::string name{};  ///< the tool that must be asked for, with `named`
};

/// The answer shall be JSON.
struct json_output {
  std::string schema{};         ///< JSON Schema of the answer; empty: any JSON object, where the provider has that
  std::string name = "answer";  ///< what OpenAI calls the schema; a hint that the others are not sent
  std::string description{};    ///< OpenAI's, of the schema; not with Anthropic and Gemini
  bool strict = true;           ///< OpenAI's: follow the schema exactly; the others always do
};

/// What a model does not have means what is next to it: `minimal` is low with Anthropic; `xhigh` and `max` are high
/// with Gemini and with Claude before 4.6. Models that take a number of tokens instead get one for each level.
enum class reasoning_effort : std::uint8_t { none, minimal, low, medium, high, xhigh, max };

[[nodiscard]] std::string_view to_string(reasoning_effort value) noexcept;

/// An option that the provider does not have is `errc::invalid_option`, never dropped in silence; but for hints, of
/// which it is said.
struct chat_request {
  /// Empty: the provider's default model. "anthropic/claude-…" chooses the provider too, see `client_options`.
  std::string model{};
  std::vector<message> messages{};      ///< at least one
  std::optional<double> temperature{};  ///< 0–2, with Anthropic 0–1; default the provider's
  std::optional<double> top_p{};        ///< 0–1; default the provider's
  /// 1–2,147,483,647, and what is thought is a part of it; default the provider's, with Anthropic 8,192 and what Claude
  /// before 4.6 may think.
  std::optional<std::int64_t> max_tokens{};
  std::vector<std::string> stop{};     ///< texts that end the answer; not with OpenAI's Responses
  std::optional<std::int64_t> seed{};  ///< not with Anthropic and OpenAI's Responses; with Gemini of 32 bits
  std::vector<tool> tools{};
  std::optional<warmwire::tool_choice> tool_choice{};
  std::optional<bool> parallel_tool_calls{};  ///< not with Gemini
  std::optional<json_output> output{};        ///< default: text
  std::optional<warmwire::reasoning_effort> reasoning_effort{};
  bool show_reasoning = false;  ///< asks for the text of what the model thinks, where that is not sent anyway
  /// A JSON object that is laid over the body as it is sent (RFC 7396: objects are merged, null removes a field). For
  /// all that has no option here. At most 64 levels deep, as all JSON in a request.
  std::string extra_json{};
  std::optional<std::uint32_t> max_retries{};          ///< default `client_options::max_retries`
  std::optional<std::chrono::milliseconds> timeout{};  ///< total deadline; default the pool's `total_timeout`
  std::string tag{};                                   ///< as `request::tag`
  /// Also for a stream, whose answer is not kept without it: `raw_body` of the reply, and of an error's `partial` and
  /// `answer`, is what came. Bounded as whole answers are by `max_response_body_bytes`: `response_too_large`.
  bool keep_raw_body = false;
};

enum class finish_reason : std::uint8_t {
  stop,            ///< the model ended its answer
  length,          ///< `max_tokens` or the model's own limit
  content_filter,  ///< the provider held the answer back
  tool_calls,      ///< the model asks for a tool
  other,           ///< see `chat_reply::finish_text`
};

[[nodiscard]] std::string_view to_string(finish_reason value) noexcept;

/// Tokens, as the provider counts them.
struct usage {
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t total_tokens = 0;
  std::int64_t cached_tokens = 0;       ///< the part of the input that was read from a cache
  std::int64_t cache_write_tokens = 0;  ///< the part of the input that was written to a cache; Anthropic's
  std::int64_t reasoning_tokens = 0;    ///< the part of the output that was thought

  friend bool operator==(const usage&, const usage&) = default;
};

struct chat_reply : provider_answer {
  std::string content;    ///< all text
  std::string reasoning;  ///< what the model thought, where the provider shows it
  std::vector<tool_call> tool_calls;
  warmwire::message message;  ///< the whole answer in its order: append it to the conversation that goes on
  warmwire::finish_reason finish = warmwire::finish_reason::other;
  std::string finish_text;     ///< the provider's own word for it
  std::string finish_message;  ///< what it says of it beyond the word: Gemini's finishMessage
  std::string refusal;         ///< why the model declined, where it did; `content` is then empty or cut short
  warmwire::usage usage;
  std::string id;     ///< the provider's id of the answer
  std::string model;  ///< the model that answered
};

/// How many tokens a request would take.
struct token_count : provider_answer {
  std::int64_t input_tokens = 0;
};

}  // namespace warmwire
