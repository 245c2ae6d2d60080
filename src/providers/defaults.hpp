// What a provider's pool runs on before anyone configures it. Pure values.
#pragma once

#include <warmwire/options.hpp>

#include <string_view>

namespace warmwire::providers {

/// The defaults of `pool_settings`, with a longer `idle_timeout` for the providers whose servers are known to
/// keep idle connections for longer: "openai" and "anthropic" 240 s, "google" 300 s. Ids are compared
/// exactly.
[[nodiscard]] pool_settings default_settings(std::string_view provider);

}  // namespace warmwire::providers
