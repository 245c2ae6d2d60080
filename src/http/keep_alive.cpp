#include "http/keep_alive.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace warmwire::http {
namespace {

/// Takes the next element off a comma-separated list (RFC 9110 §5.6.1). Commas in quoted strings do not separate.
std::string_view next_element(std::string_view& list) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < list.size(); ++end) {
    const char c = list[end];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted && c == '\\') ++end;
    if (!is_quoted && c == ',') break;
  }
  const auto element = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return trim(element);
}

/// A number in digits, quoted or not; one that is too great becomes the greatest.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
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

}  // namespace

keep_alive parse_keep_alive(version of, const headers& fields) {
  keep_alive said;
  bool says_close = false;
  bool says_keep_alive = false;
  for (const auto& field : fields) {
    std::string_view list = field.value;
    if (iequals(field.name, "connection")) {
      while (!list.empty()) {
        const auto option = next_element(list);
        says_close = says_close || iequals(option, "close");
        says_keep_alive = says_keep_alive || iequals(option, "keep-alive");
      }
    } else if (iequals(field.name, "keep-alive")) {
      while (!list.empty())
        read_parameter(next_element(list), said);
    }
  }
  said.is_persistent = !says_close && (of == version::http_1_1 || says_keep_alive);
  return said;
}

}  // namespace warmwire::http
