#include "cli/advice.hpp"

#include "cli/terminal.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace warmwire::cli {
namespace {

// Those that a model's name may choose, see `client_options`.
constexpr std::array<std::string_view, 12> named_by_models{"openai", "anthropic", "google",    "azure",
                                                           "groq",   "mistral",   "deepseek",  "openrouter",
                                                           "ollama", "vllm",      "llama.cpp", "gemini-compat"};
constexpr std::array<std::string_view, 6> with_plain_models{"openai", "anthropic", "google",
                                                            "azure",  "mistral",   "deepseek"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& all, std::string_view id) {
  return std::find(all.begin(), all.end(), id) != all.end();
}

}  // namespace

bool is_wrong_usage(errc code) {
  return code == errc::invalid_option || code == errc::invalid_url || code == errc::unsupported_scheme;
}

std::string provider_of(const std::string& provider, const std::string& model) {
  const auto prefix = model.substr(0, std::min(model.find('/'), model.size()));
  const bool is_chosen =
      prefix != model && is_one_of(with_plain_models, provider) && is_one_of(named_by_models, prefix);
  return is_chosen ? prefix : provider;
}

std::string key_variable(const std::string& provider) {
  if (provider == "azure") return "AZURE_OPENAI_API_KEY";
  std::string out;
  for (const char c : provider) {
    const bool is_small = c >= 'a' && c <= 'z';
    const bool is_kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += is_small ? static_cast<char>(c - 'a' + 'A') : is_kept ? c : '_';
  }
  return out.append("_API_KEY");
}

std::string advice(const error& reason, const std::string& key_variable) {
  switch (reason.code) {
    case errc::authentication:
      return "Check the key in " + key_variable + '.';
    case errc::permission_denied:
      return "The key is valid but may not do this: check its project and the model.";
    case errc::billing:
      return "The account has no credit left.";
    case errc::not_found:
      return "Check --model, and that --base-url ends where the API begins (often /v1).";
    case errc::rate_limited:
      if (!reason.retry_after) return "Try again later, or check the account's quota.";
      return "Try again in " + fixed(static_cast<double>(reason.retry_after->count()) / 1000) + " s.";
    case errc::resolve_failed:
      return "Check the host in --base-url, and the network.";
    case errc::connect_failed:
    case errc::connect_timeout:
      return "Check that the server runs, and the host and port in --base-url.";
    case errc::certificate_self_signed:
    case errc::certificate_unknown_authority:
      return "If you trust the server, name its authority with --ca-file.";
    case errc::certificate_wrong_host:
      return "Use the name in the certificate in --base-url.";
    case errc::tls_failed:
      return "Check that the server speaks TLS on this port (https, not http).";
    case errc::stream_interrupted:
      return "The answer above is not whole; ask again.";
    case errc::deadline_exceeded:
      return "Allow more time with --timeout.";
    case errc::server_error:
    case errc::service_unavailable:
    case errc::gateway_timeout:
    case errc::overloaded:
      return "The provider has a problem; try again later.";
    case errc::unexpected_body:
      if (!reason.provider_type.empty() || !reason.provider_code.empty()) return {};  // it is the provider's own error
      return "Check that --base-url belongs to an API that speaks as the provider does.";
    default:
      return {};
  }
}

}  // namespace warmwire::cli
