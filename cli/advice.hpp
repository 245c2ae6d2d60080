// What to tell the person at the terminal about an error.
#pragma once

#include <warmwire/error.hpp>

#include <string>

namespace warmwire::cli {

/// Whether the command line is to blame.
[[nodiscard]] bool is_wrong_usage(errc code);

/// What to do about an error, in one sentence; empty where its own message says it. `key_variable` holds the key.
[[nodiscard]] std::string advice(const error& reason, const std::string& key_variable = "OPENAI_API_KEY");

/// The provider that is asked for a model, whose name may choose another than the given one.
[[nodiscard]] std::string provider_of(const std::string& provider, const std::string& model);

/// The variable that holds the key of a provider.
[[nodiscard]] std::string key_variable(const std::string& provider);

}  // namespace warmwire::cli
