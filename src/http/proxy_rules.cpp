#include "http/proxy_rules.hpp"

#include "http/proxy_bypass.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace warmwire::http {
namespace {

using proxy_ptr = std::shared_ptr<const proxy>;

struct variable {
  std::string name;
  std::string value;
};

/// The first of them that is set and not empty.
variable first_set(std::initializer_list<const char*> names, const environment_lookup& environment) {
  for (const char* name : names)
    if (auto value = environment(name); value && !value->empty()) return {name, std::move(*value)};
  return {};
}

result<proxy_ptr> parse(std::string_view text, std::string_view field) {
  if (text.empty()) return proxy_ptr();
  auto parsed = parse_proxy(text, field);
  if (!parsed) return parsed.error();
  return std::make_shared<const proxy>(std::move(*parsed));
}

result<std::string> checked_list(std::string list, std::string_view field) {
  if (list.size() <= max_no_proxy_bytes) return list;
  error reason{.code = errc::invalid_option, .message = std::string(field)};
  reason.message.append(" has ").append(std::to_string(list.size())).append(" bytes; it must have at most 65,536");
  return reason;
}

}  // namespace

result<void> check(const proxy_options& options) {
  if (auto parsed = parse(options.url.reveal(), "proxy.url"); !parsed) return parsed.error();
  if (auto list = checked_list(options.no_proxy, "proxy.no_proxy"); !list) return list.error();
  if (options.url.empty() && !options.no_proxy.empty()) {
    return error{.code = errc::invalid_option,
                 .message = "proxy.no_proxy is set without proxy.url; for the environment's proxies set NO_PROXY"};
  }
  return {};
}

result<proxy_rules> proxy_rules::make(const proxy_options& options, const environment_lookup& environment) {
  if (auto checked = check(options); !checked) return checked.error();
  proxy_rules rules;
  if (!options.url.empty()) {
    rules.for_http_ = rules.for_https_ = parse(options.url.reveal(), "proxy.url");
    rules.no_proxy_ = options.no_proxy;
  } else if (options.use_environment) {
    const auto for_http = first_set({"http_proxy", "all_proxy", "ALL_PROXY"}, environment);
    const auto for_https = first_set({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}, environment);
    auto direct = first_set({"no_proxy", "NO_PROXY"}, environment);
    rules.for_http_ = parse(for_http.value, for_http.name);
    rules.for_https_ = parse(for_https.value, for_https.name);
    rules.no_proxy_ = checked_list(std::move(direct.value), direct.name);
  }
  return rules;
}

result<proxy_ptr> proxy_rules::proxy_for(const url& to) const {
  const auto& chosen = to.scheme == scheme::https ? for_https_ : for_http_;
  if (chosen && *chosen == nullptr) return chosen;
  if (!no_proxy_) return no_proxy_.error();
  if (bypasses_proxy(*no_proxy_, to.host, to.port)) return proxy_ptr();
  return chosen;
}

}  // namespace warmwire::http
