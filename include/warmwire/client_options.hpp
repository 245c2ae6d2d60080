// Whom a client talks to, and with which key.
#pragma once

#include <warmwire/headers.hpp>
#include <warmwire/secret.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace warmwire {

/// Which of OpenAI's two ways to chat.
enum class openai_api : std::uint8_t { chat_completions, responses };

/// One provider. Those of which warmwire knows where they are and how they differ: "openai", "anthropic", "google",
/// "azure", "groq", "mistral", "deepseek", "openrouter", "ollama", "vllm", "llama.cpp" and "gemini-compat" (Google's
/// endpoint that is compatible with OpenAI's). Any other id is a server compatible with OpenAI's, or what `kind` says.
///
/// What is left empty is read from the environment when the client is made (an empty variable counts as unset):
/// - OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_PROJECT_ID
/// - ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN (a bearer token), ANTHROPIC_BASE_URL
/// - GOOGLE_API_KEY, else GEMINI_API_KEY; GOOGLE_GEMINI_BASE_URL
/// - AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY, AZURE_OPENAI_AD_TOKEN (a bearer token), OPENAI_API_VERSION
/// - OLLAMA_HOST
/// - and for each id its own name with _API_KEY, _BASE_URL and _CUSTOM_HEADERS (lines of `Name: value`): GROQ_API_KEY
///   for "groq", MY_SERVER_BASE_URL for "my-server". The headers win over the adapter's own and over a key of the
///   environment; a credential among them is left out when `api_key` is set.
/// A key never reaches a server it was not made for: another id of a known kind reads that kind's variables only when
/// its base URL is that provider's own.
struct provider_options {
  std::string provider{};  ///< the id; also the id of the pool
  std::string kind{};      ///< the known provider that this one is like; empty: by id, or else by base URL
  secret api_key{};
  std::string base_url{};  ///< default the provider's own, where it has one
  openai_api api = openai_api::chat_completions;
  std::string default_model{};  ///< default the provider's own, where it has one
  headers extra_headers{};      ///< sent with every request; win over all others of their names, the key's too
};

/// The client's own provider, with the fields of `provider_options`, and others beside it. A model's name chooses
/// among them: "anthropic/claude-…" goes to "anthropic". A name whose first part names no provider goes to the
/// client's own, and so does every name when the client's own provider has models with such names ("openrouter",
/// "groq", "ollama", "vllm", "llama.cpp", unknown ids), unless it begins with an id of `others` or with its own.
struct client_options {
  std::string provider = "openai";
  std::string kind{};
  secret api_key{};
  std::string base_url{};
  openai_api api = openai_api::chat_completions;
  std::string default_model{};
  headers extra_headers{};
  std::vector<provider_options> others{};  ///< what is known and not listed is read from the environment
  std::uint32_t max_retries = 2;           ///< after the first try of each call; 0 turns retries off
};

}  // namespace warmwire
