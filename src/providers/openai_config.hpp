// Whom an OpenAI client talks to, read from the options and the environment and checked once. A plain value.
#pragma once

#include "providers/redactor.hpp"

#include <warmwire/client_options.hpp>
#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <functional>
#include <string>

namespace warmwire::providers {

/// As `std::getenv`: nullptr for a variable that is not set.
using environment = std::function<const char*(const char* name)>;

/// The checked form of `client_options`.
struct openai_config {
  std::string provider;  ///< the id of the pool
  std::string chat_url;  ///< where chats are posted
  std::string default_model;
  headers fields;   ///< of every request, the key's among them
  redactor redact;  ///< knows the key and the values of the caller's own headers
};

/// Lays `options` over the environment's variables of the provider's name, see `client_options`.
/// Errors: `missing_api_key`, `invalid_option`, `invalid_url`, `unsupported_scheme`, `invalid_header`.
[[nodiscard]] result<openai_config> make_openai_config(const client_options& options, const environment& variable);

}  // namespace warmwire::providers
