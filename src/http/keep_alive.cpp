#include "http/keep_alive.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace warmwire::http {
namespace {

/// Takes what stands before the next `separator` off a list (RFC 9110 §5.6.1), one in a quoted string does not
/// separate.
std::string_view next_element(std::string_view& list, char separator) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < list.size(); ++end) {
    const char c = list[end];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted && c == '\\') ++end;
    if (!is_quoted && c == separator) break;
  }
  const auto element = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return trim(element);
}

std::string_view unquoted(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

/// A number in digits, quoted or not; one that is too great becomes the greatest.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  text = unquoted(text);
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t number = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (greatest - digit) / 10) return greatest;
    number = number * 10 + digit;
  }
  return number;
}

template <class T>
void lower(std::optional<T>& to, T value) {
  to = to ? std::min(*to, value) : value;
}

void read_parameter(std::string_view element, keep_alive& into) {
  const auto equals = element.find('=');
  if (equals == std::string_view::npos) return;
  const auto name = trim(element.substr(0, equals));
  const auto value = parse_number(trim(element.substr(equals + 1)));
  if (!value) return;
  if (iequals(name, "max")) lower(into.max_requests, *value);
  if (iequals(name, "timeout")) {
    const auto limit = static_cast<std::uint64_t>(max_timeout.count());
    lower(into.timeout, std::chrono::seconds(std::min(*value, limit)));
  }
}

/// Some servers separate parameters by semicolons.
void read_parameters(std::string_view list, keep_alive& into) {
  while (!list.empty())
    read_parameter(next_element(list, ';'), into);
}

struct connection_options {
  bool close = false;
  bool keep_alive = false;
};

/// "keep-alive; timeout=5", "\"keep-alive\"" and "keep-alive=5" are not what RFC 9110 §7.6.1 has, but clear. An option
/// that is not known is none that closes.
void read_option(std::string_view element, connection_options& options, keep_alive& into) {
  auto parameters = element;
  auto name = next_element(parameters, ';');
  name = unquoted(trim(name.substr(0, name.find('='))));
  options.close = options.close || iequals(name, "close");
  if (!iequals(name, "keep-alive")) return;
  options.keep_alive = true;
  read_parameters(parameters, into);
}

}  // namespace

keep_alive parse_keep_alive(version of, const headers& fields) {
  keep_alive said;
  connection_options options;
  connection_options of_proxy;  // which is not asked whether it keeps anything
  for (const auto& field : fields) {
    std::string_view list = field.value;
    if (iequals(field.name, "connection")) {
      while (!list.empty())
        read_option(next_element(list, ','), options, said);
    } else if (iequals(field.name, "proxy-connection")) {
      while (!list.empty())
        read_option(next_element(list, ','), of_proxy, said);
    } else if (iequals(field.name, "keep-alive")) {
      while (!list.empty())
        read_parameters(next_element(list, ','), said);
    }
  }
  said.is_persistent = !options.close && !of_proxy.close && (of == version::http_1_1 || options.keep_alive);
  return said;
}

}  // namespace warmwire::http
