// Which proxy the environment says. Input: the URL of a request on a line, then a variable on each.
#include "http/proxy_bypass.hpp"
#include "http/proxy_rules.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>

namespace {

using namespace warmwire;
using fuzz::require;
using variables = std::map<std::string, std::string>;

variables read_variables(std::string_view text) {
  variables out;
  while (!text.empty()) {
    const auto line = fuzz::next_line(text);
    const auto equals = std::min(line.find('='), line.size());
    out[std::string(line.substr(0, equals))] = line.substr(std::min(equals + 1, line.size()));
  }
  return out;
}

std::pair<std::string, std::string> first_of(std::initializer_list<const char*> names, const variables& set) {
  for (const char* name : names) {
    if (const auto found = set.find(name); found != set.end() && !found->second.empty()) return *found;
  }
  return {};
}

/// The rules as curl's manual has them.
void check(const result<std::shared_ptr<const http::proxy>>& chosen, const http::url& to, const variables& set) {
  const auto [name, value] = to.scheme == http::scheme::https
                                 ? first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}, set)
                                 : first_of({"http_proxy", "all_proxy", "ALL_PROXY"}, set);
  const auto direct = first_of({"no_proxy", "NO_PROXY"}, set).second;
  if (!chosen) {
    require(chosen.error().code == errc::invalid_option, "the documented error");
    require(fuzz::is_one_line(chosen.error().message), "a message has no control characters");
    require(!name.empty() && chosen.error().message.starts_with(name + ' '), "a message names the variable");
    return;
  }
  if (value.empty() || http::bypasses_proxy(direct, to.host, to.port)) return require(*chosen == nullptr, "directly");
  const auto wanted = http::parse_proxy(value, name);
  require(wanted && *chosen && **chosen == *wanted, "the variable's proxy");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::as_text(data, size);
  const auto to = http::parse_url(fuzz::next_line(text));
  if (!to || size > http::max_no_proxy_bytes) return 0;
  const auto set = read_variables(text);
  const auto rules = http::proxy_rules::make({}, [&set](const char* name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  });
  require(rules.has_value(), "what is wrong with a variable is told when it is needed");
  check(rules->proxy_for(*to), *to, set);
  return 0;
}
