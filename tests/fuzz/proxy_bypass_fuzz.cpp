// NO_PROXY. Input: a host, perhaps with a port, on a line; the rest is the list.
#include "http/ascii.hpp"
#include "http/proxy_bypass.hpp"
#include "http/url.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>

namespace {

using namespace warmwire;
using fuzz::require;

constexpr std::string_view separators = ", \t\r\n";

std::string in_upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_name(std::string_view host) {
  return std::any_of(host.begin(), host.end(),
                     [](char c) { return http::to_lower(c) >= 'g' && http::to_lower(c) <= 'z'; });
}

/// Each entry alone says what the list says of it.
bool any_entry(std::string_view list, const http::url& to) {
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(separators), list.size());
    if (http::bypasses_proxy(list.substr(0, end), to.host, to.port)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

void check_list(std::string_view list, const http::url& to) {
  const bool said = http::bypasses_proxy(list, to.host, to.port);
  require(said == any_entry(list, to), "a list is what its entries are");
  require(said == http::bypasses_proxy(in_upper_case(list), to.host, to.port), "case makes no difference");
  std::string more(list);
  more.append(", .elsewhere.example,");
  require(!said || http::bypasses_proxy(more, to.host, to.port), "a longer list names no fewer hosts");
  require(http::bypasses_proxy(more.append(" *"), to.host, to.port), "a star names every host");
  if (!is_name(to.host) || to.host.ends_with('.')) return;
  require(said == http::bypasses_proxy(list, to.host + '.', to.port), "a final dot makes no difference");
}

/// Entries made of the host itself.
void check_own_entries(const http::url& to) {
  require(!http::bypasses_proxy("", to.host, to.port), "nothing names nothing");
  const auto port = std::to_string(to.port);
  const bool is_v6 = to.host.find(':') != std::string::npos;
  const std::string entry = is_v6 ? '[' + to.host + ']' : to.host;
  if (entry.find_first_not_of('.') == std::string::npos) return;  // names nothing
  require(http::bypasses_proxy(entry, to.host, to.port), "a host names itself");
  require(http::bypasses_proxy(entry + ':' + port, to.host, to.port), "and with its port");
  const auto other = std::to_string(to.port == 1 ? 2 : 1);
  require(to.port <= 2 || !http::bypasses_proxy(entry + ':' + other, to.host, to.port), "but not with another");
  if (!is_name(to.host)) return;
  require(http::bypasses_proxy('.' + to.host, to.host, to.port), "a dot in front makes no difference");
  require(http::bypasses_proxy(to.host, "below." + to.host, to.port), "a name stands for those below it");
  require(!http::bypasses_proxy(to.host, "beside" + to.host, to.port) || to.host.starts_with('.'), "but no others");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::as_text(data, size);
  const auto to = http::parse_url(std::string("http://").append(fuzz::next_line(text)));
  if (!to) return 0;
  check_list(text, *to);
  check_own_entries(*to);
  return 0;
}
