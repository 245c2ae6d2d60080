// Which proxy a request takes: a pool's options, or else the environment. Pure.
#pragma once

#include "http/proxy_url.hpp"
#include "http/url.hpp"

#include <warmwire/error.hpp>
#include <warmwire/options.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace warmwire::http {

/// The value of an environment variable, if it is set.
using environment_lookup = std::function<std::optional<std::string>(const char* name)>;

/// With `proxy_options::url`, that proxy, except for the hosts of `proxy_options::no_proxy`. Without, if
/// `use_environment`, as curl reads it, an empty variable being as good as none:
/// - for an https URL the first of https_proxy, HTTPS_PROXY, all_proxy and ALL_PROXY,
/// - for an http URL the first of http_proxy, all_proxy and ALL_PROXY; never HTTP_PROXY, which a CGI program's client
///   can set by sending the header `Proxy`,
/// - except for the hosts of no_proxy, or NO_PROXY if that is not set.
/// Hosts on this machine are no exception of their own.
class proxy_rules {
 public:
  /// Reads the variables now, once. Errors: `invalid_option`, naming the option; what is wrong with a variable is told
  /// by `proxy_for`, since it may never be needed.
  static result<proxy_rules> make(const proxy_options& options, const environment_lookup& environment);

  /// The proxy on the way to the URL's host; null when it is reached directly.
  /// Errors: `invalid_option`, naming the variable.
  [[nodiscard]] result<std::shared_ptr<const proxy>> proxy_for(const url& to) const;

 private:
  using choice = result<std::shared_ptr<const proxy>>;

  choice for_http_ = std::shared_ptr<const proxy>();
  choice for_https_ = std::shared_ptr<const proxy>();
  result<std::string> no_proxy_ = std::string();
};

/// Errors: `invalid_option`, naming the field of the options.
[[nodiscard]] result<void> check(const proxy_options& options);

}  // namespace warmwire::http
