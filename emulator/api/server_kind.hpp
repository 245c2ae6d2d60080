// The servers that the emulator can be, and which of them a request is for. Plain values, pure functions.
#pragma once

#include "emulator/api/field_check.hpp"
#include "emulator/request.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace warmwire::emulator {

enum class api_family : std::uint8_t { openai, anthropic, google };

/// How a server writes its errors; see `error_json`.
enum class error_shape : std::uint8_t {
  openai,       ///< {"error":{"message","type","param","code"}}
  azure,        ///< the same, but {"error":{"code","message"}} when the gateway refuses
  mistral,      ///< {"detail":[…]} for what is wrong with the request, {"object":"error",…} for the rest
  openrouter,   ///< {"error":{"code":429,"message","metadata"}}
  vllm,         ///< {"object":"error","message","type","param","code":400}
  llamacpp,     ///< {"error":{"code":400,"message","type"}}
  ollama,       ///< as OpenAI, with types of its own
  google,       ///< {"error":{"code":400,"message","status","details"}}
  google_list,  ///< the same in an array of one
  anthropic,    ///< {"type":"error","error":{"type","message"},"request_id"}
};

/// Where a server of OpenAI's kind tells the usage of a stream.
enum class usage_place : std::uint8_t {
  own_chunk,     ///< in a last chunk, when `include_usage` asks for it
  finish_chunk,  ///< with the finish reason, always
  x_groq,        ///< with the finish reason as `x_groq.usage`, always, and in a last chunk when asked for
};

/// One row of the table of quirks.
struct server_kind {
  std::string_view name;
  api_family family = api_family::openai;
  error_shape errors = error_shape::openai;
  bool needs_key = true;
  std::string_view key_field = "authorization";  ///< besides `Authorization: Bearer`, which most take
  std::string_view id_field = "x-request-id";    ///< header with the request's id; empty for none
  bool has_limits = true;                        ///< x-ratelimit-* fields
  bool takes_unknown_fields = false;             ///< even of a strict emulator
  usage_place usage = usage_place::own_chunk;
  std::string_view queued{};  ///< comment of a stream that waits for its turn; blank lines go before a body
  bool pads_bodies = false;
  std::string_view reasoning_field{};  ///< of a message and a delta; empty when the reasoning is not shown
};

enum class api_operation : std::uint8_t {
  chat,
  responses,
  embeddings,
  models,  ///< the list
  model,   ///< one of it
  messages,
  count_tokens,
  generate,
  stream_generate,
  embed,
  batch_embed,
};

/// What a request wants of which server.
struct api_call {
  const server_kind* server = nullptr;
  std::optional<api_operation> operation{};  ///< nothing for an unknown one
  std::string_view model{};                  ///< when the path names it
  unknown_fields others = unknown_fields::noted;
};

/// Nothing when the path is below none of the APIs.
///
///   /v1/…  OpenAI; /v1/messages… and /v1/models with an `anthropic-version` Anthropic
///   /v1beta/…  Google; /v1beta/openai/… its imitation of OpenAI
///   /openai/deployments/NAME/…, /openai/responses, /openai/models…, /openai/v1/…  Azure
///   /as/NAME/…  any server by its name, whatever stands before the operation: /as/groq/openai/v1/chat/completions
[[nodiscard]] std::optional<api_call> locate(const request& what);

/// Null for a name that is not in the table.
[[nodiscard]] const server_kind* find_server(std::string_view name);

}  // namespace warmwire::emulator
