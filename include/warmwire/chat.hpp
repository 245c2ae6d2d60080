// A chat with a model, as plain values: what is asked and what is answered.
#pragma once

#include <warmwire/headers.hpp>
#include <warmwire/provenance.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire {

enum class role : std::uint8_t { system, user, assistant };

[[nodiscard]] std::string_view to_string(role value) noexcept;

struct message {
  warmwire::role role = warmwire::role::user;
  std::string content;
};

struct chat_request {
  std::string model{};                                 ///< empty: the provider's default model
  std::vector<message> messages{};                     ///< at least one
  std::optional<double> temperature{};                 ///< 0–2; default the provider's
  std::optional<std::int64_t> max_tokens{};            ///< at least 1; default the provider's
  std::optional<std::chrono::milliseconds> timeout{};  ///< total deadline; default the pool's `total_timeout`
  std::string tag{};                                   ///< as `request::tag`
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
  std::int64_t cached_tokens = 0;     ///< the part of the input that was read from a cache
  std::int64_t reasoning_tokens = 0;  ///< the part of the output that is not shown
};

struct chat_reply {
  std::string content;
  warmwire::finish_reason finish = warmwire::finish_reason::other;
  std::string finish_text;  ///< the provider's own word for it
  std::string refusal;      ///< why the model declined, where it did; `content` is then empty
  warmwire::usage usage;
  std::string id;          ///< the provider's id of the answer
  std::string model;       ///< the model that answered
  std::string request_id;  ///< the provider's id of the request
  int http_status = 0;
  warmwire::headers headers;  ///< of the response
  std::string raw_body;       ///< the response as it came
  warmwire::provenance provenance;
};

}  // namespace warmwire
