// Which provider a model's name chooses. Pure.
#pragma once

#include <warmwire/client_options.hpp>

#include <string>
#include <string_view>

namespace warmwire::providers {

struct model_choice {
  std::string provider;  ///< an id
  std::string model;     ///< without the provider's part; empty: the provider's default
};

/// See `client_options`.
[[nodiscard]] model_choice choose_model(const client_options& options, std::string_view name);

/// The options of a provider that `choose_model` named: the client's own, one of `others`, or a known one's.
[[nodiscard]] provider_options options_of(const client_options& options, std::string_view provider);

}  // namespace warmwire::providers
