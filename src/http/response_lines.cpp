#include "http/response_lines.hpp"

#include "http/ascii.hpp"

#include <algorithm>

namespace warmwire::http {
namespace {

constexpr std::string_view version_form = "HTTP/1.";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

bool may_be_status_line(std::string_view beginning) {
  if (beginning.size() <= version_form.size()) return version_form.starts_with(beginning);
  if (!beginning.starts_with(version_form)) return false;
  beginning.remove_prefix(version_form.size());
  if (beginning.front() != '0' && beginning.front() != '1') return false;
  return beginning.size() == 1 || is_blank(beginning[1]);
}

std::optional<status_line> parse_status_line(std::string_view line) {
  constexpr std::size_t digits = 3;
  if (line.size() <= version_form.size() || !may_be_status_line(line) || !is_field_value(line)) return std::nullopt;
  const auto of = line[version_form.size()] == '0' ? version::http_1_0 : version::http_1_1;
  line.remove_prefix(version_form.size() + 1);
  line.remove_prefix(static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_blank) - line.begin()));
  if (line.size() < digits || (line.size() > digits && !is_blank(line[digits]))) return std::nullopt;
  int status = 0;
  for (const char c : line.substr(0, digits)) {
    if (!is_digit(c)) return std::nullopt;
    status = status * 10 + (c - '0');
  }
  if (status < 100) return std::nullopt;
  return status_line{.of = of, .status = status};
}

std::optional<field_line> parse_field_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const field_line found{.name = line.substr(0, colon), .value = trim(line.substr(colon + 1))};
  if (!is_token(found.name) || !is_field_value(found.value)) return std::nullopt;
  return found;
}

}  // namespace warmwire::http
