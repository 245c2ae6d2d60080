#include "providers/profile.hpp"

#include <algorithm>
#include <array>

namespace warmwire::providers {
namespace {

constexpr quirks as_openai{.max_tokens = "max_completion_tokens", .shows_reasoning = false};
constexpr quirks with_slashed_models{.has_slashed_models = true};

// clang-format off
constexpr std::array profiles{
    profile{.id = "openai", .base_url = "https://api.openai.com/v1", .default_model = "gpt-5-mini",
            .variables = "OPENAI", .quirks = as_openai},
    profile{.id = "anthropic", .api = wire_api::anthropic, .base_url = "https://api.anthropic.com",
            .default_model = "claude-sonnet-5-5", .variables = "ANTHROPIC", .key_header = "x-api-key",
            .token_variable = "ANTHROPIC_AUTH_TOKEN"},
    profile{.id = "google", .api = wire_api::gemini, .base_url = "https://generativelanguage.googleapis.com",
            .default_model = "gemini-2.5-flash", .variables = "GOOGLE", .key_header = "x-goog-api-key",
            .second_key_variable = "GEMINI_API_KEY", .base_variable = "GOOGLE_GEMINI_BASE_URL"},
    profile{.id = "gemini-compat", .base_url = "https://generativelanguage.googleapis.com/v1beta/openai",
            .default_model = "gemini-2.5-flash", .variables = "GOOGLE", .second_key_variable = "GEMINI_API_KEY",
            .base_variable = "GEMINI_COMPAT_BASE_URL", .quirks = {.takes_base64_vectors = false}},
    profile{.id = "azure", .variables = "AZURE_OPENAI", .key_header = "api-key",
            .token_variable = "AZURE_OPENAI_AD_TOKEN", .base_variable = "AZURE_OPENAI_ENDPOINT", .quirks = as_openai},
    profile{.id = "groq", .base_url = "https://api.groq.com/openai/v1", .default_model = "llama-3.3-70b-versatile",
            .variables = "GROQ", .quirks = {.max_tokens = "max_completion_tokens", .has_slashed_models = true}},
    profile{.id = "mistral", .base_url = "https://api.mistral.ai/v1", .default_model = "mistral-small-latest",
            .variables = "MISTRAL",
            .quirks = {.seed = "random_seed", .takes_stream_options = false, .takes_base64_vectors = false}},
    profile{.id = "deepseek", .base_url = "https://api.deepseek.com", .default_model = "deepseek-chat",
            .variables = "DEEPSEEK"},
    profile{.id = "openrouter", .base_url = "https://openrouter.ai/api/v1", .default_model = "openrouter/auto",
            .variables = "OPENROUTER", .quirks = with_slashed_models},
    profile{.id = "ollama", .base_url = "http://localhost:11434/v1", .variables = "OLLAMA",
            .quirks = with_slashed_models},
    profile{.id = "vllm", .base_url = "http://localhost:8000/v1", .variables = "VLLM", .quirks = with_slashed_models},
    profile{.id = "llama.cpp", .base_url = "http://localhost:8080/v1", .variables = "LLAMA_CPP",
            .quirks = with_slashed_models},
};
// clang-format on

// Other servers are asked for OpenAI's default model, for want of a better one.
constexpr profile compatible{.id = {}, .default_model = "gpt-5-mini", .quirks = with_slashed_models};

bool is_below(std::string_view path, std::string_view base) {
  return path.starts_with(base) && (path.size() == base.size() || path[base.size()] == '/');
}

}  // namespace

std::string_view to_string(wire_api value) noexcept {
  switch (value) {
    case wire_api::chat_completions:
      return "OpenAI's Chat Completions";
    case wire_api::responses:
      return "OpenAI's Responses";
    case wire_api::anthropic:
      return "Anthropic's Messages";
    case wire_api::gemini:
      return "Google's Gemini";
  }
  return "unknown";
}

const profile* find_profile(std::string_view id) noexcept {
  const auto* found =
      std::find_if(profiles.begin(), profiles.end(), [&](const profile& each) { return each.id == id; });
  return found == profiles.end() ? nullptr : found;
}

std::vector<std::string_view> known_ids() {
  std::vector<std::string_view> out;
  for (const auto& each : profiles)
    out.push_back(each.id);
  return out;
}

bool is_at(const profile& provider, std::string_view origin) noexcept {
  if (!provider.base_url.starts_with(origin)) return false;
  return provider.base_url.size() == origin.size() || provider.base_url[origin.size()] == '/';
}

const profile* profile_at(std::string_view origin, std::string_view path) noexcept {
  const profile* best = nullptr;
  std::size_t best_length = 0;
  for (const auto& each : profiles) {
    if (!is_at(each, origin)) continue;
    const auto own_path = each.base_url.substr(origin.size());
    const auto length = is_below(path, own_path) ? own_path.size() : 0;
    if (best != nullptr && length <= best_length) continue;
    best = &each;
    best_length = length;
  }
  return best;
}

const profile& compatible_profile() noexcept {
  return compatible;
}

}  // namespace warmwire::providers
