#include "providers/body_kind.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>

namespace warmwire::providers {
namespace {

constexpr std::array<std::string_view, 5> first_bytes_of_events{":", "data:", "event:", "id:", "retry:"};
constexpr std::string_view mark_of_utf8 = "\xEF\xBB\xBF";

bool is_of_events(std::string_view content_type) {
  return http::iequals(http::trim(content_type.substr(0, content_type.find(';'))), "text/event-stream");
}

}  // namespace

std::size_t blank_length(std::string_view beginning) {
  const auto mark = beginning.starts_with(mark_of_utf8) ? mark_of_utf8.size() : 0;
  return std::min(beginning.find_first_not_of(" \t\r\n", mark), beginning.size());
}

body_kind kind_of(std::string_view content_type, std::string_view beginning) {
  if (mark_of_utf8.starts_with(beginning)) return body_kind::unknown;
  beginning.remove_prefix(blank_length(beginning));
  if (beginning.empty()) return body_kind::unknown;
  if (std::string_view("{[<").find(beginning.front()) != std::string_view::npos) return body_kind::whole;
  if (content_type.empty() || is_of_events(content_type)) return body_kind::events;
  bool may_be = false;
  for (const auto each : first_bytes_of_events) {
    if (beginning.starts_with(each)) return body_kind::events;
    may_be = may_be || each.starts_with(beginning);
  }
  return may_be ? body_kind::unknown : body_kind::whole;
}

body_kind kind_of_short(std::string_view content_type) {
  return content_type.empty() || is_of_events(content_type) ? body_kind::events : body_kind::whole;
}

}  // namespace warmwire::providers
