// Embeddings, as plain values: texts in, vectors out.
#pragma once

#include <warmwire/chat.hpp>
#include <warmwire/detail/visibility.hpp>
#include <warmwire/provider_answer.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

struct embed_request {
  std::string model{};                                 ///< as `chat_request::model`
  std::vector<std::string> input{};                    ///< at least one text
  std::optional<std::int64_t> dimensions{};            ///< 1–2,147,483,647; default the model's
  std::string task_type{};                             ///< Gemini's, such as "RETRIEVAL_QUERY"
  std::string extra_json{};                            ///< as `chat_request::extra_json`; with Gemini for each text
  std::optional<std::uint32_t> max_retries{};          ///< as `chat_request::max_retries`
  std::optional<std::chrono::milliseconds> timeout{};  ///< as `chat_request::timeout`
  std::string tag{};                                   ///< as `request::tag`
};

struct embed_reply : provider_answer {
  std::vector<std::vector<float>> vectors;  ///< one for each text, in its order
  warmwire::usage usage;                    ///< `input_tokens` and `total_tokens`, where the provider counts them
  std::string model;                        ///< that answered; empty where the provider does not say, as Google
};

}  // namespace warmwire
