// Whether a model's name can be sent, and where it stands in a URL leads nowhere else. Pure.
#pragma once

#include "providers/provider_config.hpp"

#include <warmwire/error.hpp>

#include <string_view>

namespace warmwire::providers {

/// Whether the model exists is the provider's to say; slashes are a matter of its own.
/// Errors: `invalid_option`, saying what a name must be.
[[nodiscard]] result<void> check_model(const provider_config& config, std::string_view model);

}  // namespace warmwire::providers
