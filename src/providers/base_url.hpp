// Which known provider a client's is, and where it is. Pure.
#pragma once

#include "http/url.hpp"
#include "providers/profile.hpp"
#include "providers/variables.hpp"

#include <warmwire/client_options.hpp>
#include <warmwire/error.hpp>

#include <string>
#include <string_view>

namespace warmwire::providers {

struct found_base {
  const profile* kind = nullptr;
  http::url url;
  std::string path;                ///< does not end in '/'
  std::string query;               ///< begins with '?', or is empty
  bool names_deployments = false;  ///< see `provider_config`
  bool is_providers_own = false;   ///< it is where the known provider is, which demands a key
};

/// From the option, or else the environment, or else the known provider's own. Allows `from` to read the known
/// provider's variables where what they hold was made for that place.
/// Errors: `invalid_option`, `invalid_url`, `unsupported_scheme`.
[[nodiscard]] result<found_base> find_base(const provider_options& options, variables& from);

/// OLLAMA_HOST has the form of an address to listen on: a host, a port, both, or a URL. The base URL that it means.
[[nodiscard]] std::string ollama_base(std::string_view host);

}  // namespace warmwire::providers
