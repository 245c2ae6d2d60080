// Whom a client talks to, read from the options and the environment and checked once. A plain value.
#pragma once

#include "providers/json_document.hpp"
#include "providers/profile.hpp"
#include "providers/variables.hpp"
#include "text/redactor.hpp"

#include <warmwire/client_options.hpp>
#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::providers {

/// The checked form of `provider_options`.
struct provider_config {
  std::string provider;  ///< the id of the pool
  const providers::profile* profile = nullptr;
  wire_api api = wire_api::chat_completions;
  std::string base;                ///< origin and path, which does not end in '/'
  std::string query;               ///< begins with '?', or is empty
  bool names_deployments = false;  ///< Azure's older form: the model stands in most URLs
  std::string default_model;
  headers fields;                             ///< of every request, the key's among them
  std::vector<std::string> secret_headers{};  ///< of `fields`, those whose names do not tell that they hold secrets
  text::redactor redact;                      ///< knows the key and the values of the caller's own headers
  json_limits answer_limits = one_go;         ///< of an answer that comes whole
  /// The client's clock, for answers that name a time and have no Date; may be empty.
  std::function<std::chrono::system_clock::time_point()> now{};
  /// Random numbers, for ids of tool calls that came without; from any thread. Empty: they are made of the answer's id.
  std::function<std::uint64_t()> dice{};
};

/// Lays `options` over the environment's variables, see `provider_options`.
/// Errors: `missing_api_key`, `invalid_option`, `invalid_url`, `unsupported_scheme`, `invalid_header`.
[[nodiscard]] result<provider_config> make_provider_config(const provider_options& options,
                                                           const environment& variable);

/// The client's own provider out of its options.
[[nodiscard]] provider_options own_provider(const client_options& options);

/// Where `path` of the API is, which begins with '/' and may have a query. `model` is looked at where it stands in the
/// URL (Azure); empty for calls that are below no model.
[[nodiscard]] std::string url_of(const provider_config& config, std::string_view path, std::string_view model);

/// What must be written as %XX in a part of a path is.
[[nodiscard]] std::string escaped_for_path(std::string_view text);

}  // namespace warmwire::providers
