// Whom a client talks to, and with which key.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/headers.hpp>
#include <warmwire/secret.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

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

/// What retries are timed by. For tests: a program leaves it empty. Each is called on the transport's executor; what it
/// throws ends the call with `internal`. Clients over one transport share its budgets of retries, so they should share
/// `now`, too.
struct retry_timing {
  /// The time of the budgets and of the deadline between tries; default the steady clock. The transport's own limits
  /// go by the real time.
  std::function<std::chrono::steady_clock::time_point()> now{};
  /// Within 0–1, for the part that is taken off a back-off; default random.
  std::function<double()> dice{};
  /// Waits before the next try: calls `done` once, then or later and from any thread. After the call has ended `done`
  /// does nothing. Default a timer.
  std::function<void(std::chrono::milliseconds wait, std::function<void()> done)> wait{};
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
  /// After the first try of each call; 0 turns retries off. Whatever it says, all clients over one transport together
  /// retry no more than a fifth of a provider's calls within the last minute, or 10 where that is more.
  std::uint32_t max_retries = 2;
  /// Default 16 MiB: how long an answer that comes whole, as JSON, may be once its coding is off; one with vectors may
  /// be four times as long. It may hold one value (a number, a text, an object …) for each 16 bytes of that. More is
  /// `response_too_large`: a server could make half a megabyte into gigabytes of memory. Range 1 KiB–1 GiB; what is
  /// longer than the pool's `max_response_body_bytes` never gets so far.
  std::size_t max_json_bytes = std::size_t{16} << 20;
  retry_timing timing{};
};

}  // namespace warmwire
