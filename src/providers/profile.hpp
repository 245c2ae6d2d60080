// What is known of each provider: where it is, how it wants its key, and in what it differs. A table of constants.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace warmwire::providers {

/// How requests and answers look.
enum class wire_api : std::uint8_t { chat_completions, responses, anthropic, gemini };

[[nodiscard]] std::string_view to_string(wire_api value) noexcept;

/// In what servers of OpenAI's API differ from OpenAI.
struct quirks {
  std::string_view max_tokens = "max_tokens";  ///< what the limit of an answer's length is called
  std::string_view seed = "seed";
  bool takes_stream_options = true;  ///< false: refuses the option, and counts tokens in streams without being asked
  bool takes_base64_vectors = true;  ///< false: refuses the option `encoding_format`
  bool shows_reasoning = true;       ///< false: its Chat Completions never hold the text of what a model thinks
  bool has_slashed_models = false;   ///< its own models have names such as "meta/llama"
};

struct profile {
  std::string_view id;
  wire_api api = wire_api::chat_completions;
  std::string_view base_url{};                    ///< empty: there is none that is everyone's
  std::string_view default_model{};               ///< empty: there is none that everyone has
  std::string_view variables{};                   ///< what its environment variables begin with
  std::string_view key_header = "Authorization";  ///< with "Bearer " before the key; another takes the key alone
  std::string_view second_key_variable{};
  std::string_view token_variable{};  ///< of a token that is sent as a bearer's instead of a key
  std::string_view base_variable{};   ///< default its variables' beginning and _BASE_URL
  providers::quirks quirks{};
};

/// Nullptr when the id is not a known provider's.
[[nodiscard]] const profile* find_profile(std::string_view id) noexcept;

/// The ids of all known providers.
[[nodiscard]] std::vector<std::string_view> known_ids();

/// The known provider that lives at an origin such as "https://api.openai.com" and, where there are several, below
/// whose path `path` is; nullptr when it is none.
[[nodiscard]] const profile* profile_at(std::string_view origin, std::string_view path) noexcept;

/// Whether `origin` is that of the provider's own base URL.
[[nodiscard]] bool is_at(const profile& provider, std::string_view origin) noexcept;

/// Of a server that is compatible with OpenAI's, and of which nothing else is known.
[[nodiscard]] const profile& compatible_profile() noexcept;

}  // namespace warmwire::providers
