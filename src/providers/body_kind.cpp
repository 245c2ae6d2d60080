#include "providers/body_kind.hpp"

#include "http/ascii.hpp"

#include <array>

namespace warmwire::providers {
namespace {

constexpr std::array<std::string_view, 6> first_bytes_of_events{
    ":", "data:", "event:", "id:", "retry:", "\xef\xbb\xbf"};

bool is_json(std::string_view type) {
  constexpr std::string_view suffix = "+json";
  if (http::iequals(type, "application/json")) return true;
  return type.size() > suffix.size() && http::iequals(type.substr(type.size() - suffix.size()), suffix);
}

}  // namespace

body_kind kind_of(std::string_view content_type) {
  const auto type = http::trim(content_type.substr(0, content_type.find(';')));
  if (http::iequals(type, "text/event-stream")) return body_kind::events;
  return is_json(type) ? body_kind::whole : body_kind::unknown;
}

body_kind kind_of(std::string_view content_type, std::string_view beginning) {
  if (beginning.empty()) return body_kind::unknown;
  if (std::string_view("{[<").find(beginning.front()) != std::string_view::npos) return body_kind::whole;
  if (content_type.empty()) return body_kind::events;
  bool may_be = false;
  for (const auto each : first_bytes_of_events) {
    if (beginning.starts_with(each)) return body_kind::events;
    may_be = may_be || each.starts_with(beginning);
  }
  return may_be ? body_kind::unknown : body_kind::whole;
}

body_kind kind_of_whole(std::string_view content_type) {
  return content_type.empty() ? body_kind::events : body_kind::whole;
}

}  // namespace warmwire::providers
