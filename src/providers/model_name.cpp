#include "providers/model_name.hpp"

#include "providers/profile.hpp"
#include "providers/provider_config.hpp"

#include <algorithm>

namespace warmwire::providers {
namespace {

const profile& own_profile(const client_options& options) {
  const auto* found = find_profile(options.kind.empty() ? std::string_view(options.provider) : options.kind);
  return found == nullptr ? compatible_profile() : *found;
}

auto find_other(const client_options& options, std::string_view id) {
  return std::find_if(options.others.begin(), options.others.end(),
                      [&](const provider_options& each) { return each.provider == id; });
}

bool chooses(const client_options& options, std::string_view id) {
  if (id == options.provider || find_other(options, id) != options.others.end()) return true;
  return !own_profile(options).quirks.has_slashed_models && find_profile(id) != nullptr;
}

}  // namespace

model_choice choose_model(const client_options& options, std::string_view name) {
  const auto slash = name.find('/');
  if (slash != std::string_view::npos && chooses(options, name.substr(0, slash))) {
    const auto rest = name.substr(slash + 1);
    // "openrouter/auto" is the name of a model too: all others of OpenRouter's have two parts.
    const bool is_whole = name.starts_with("openrouter/") && rest.find('/') == std::string_view::npos;
    return {.provider = std::string(name.substr(0, slash)), .model = std::string(is_whole ? name : rest)};
  }
  return {.provider = options.provider, .model = std::string(name)};
}

provider_options options_of(const client_options& options, std::string_view provider) {
  if (provider == options.provider) return own_provider(options);
  if (const auto found = find_other(options, provider); found != options.others.end()) return *found;
  provider_options out;
  out.provider = provider;
  return out;
}

}  // namespace warmwire::providers
