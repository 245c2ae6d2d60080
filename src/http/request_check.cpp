#include "http/request_check.hpp"

#include "http/ascii.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace warmwire::http {
namespace {

error invalid_header_error(std::string what) {
  return {.code = errc::invalid_header, .message = std::move(what)};
}

error contradicts(std::string_view name) {
  return invalid_header_error("the header " + std::string(name) + " contradicts the request's body");
}

bool is_length_of(std::string_view value, const request_head& head) {
  std::uint64_t given = 0;
  value = trim(value);
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), given);
  if (failed != std::errc() || end != value.data() + value.size()) return false;
  return head.framing != framing::chunked && given == head.body_length;
}

/// Takes note of a field that the library would add. Each of those may be given once.
result<void> note(const header& field, const request_head& head, caller_fields& given) {
  const auto once = [&field](bool& seen) -> result<void> {
    if (std::exchange(seen, true)) return invalid_header_error("the header " + field.name + " is given twice");
    return {};
  };
  if (iequals(field.name, "host")) return once(given.host);
  if (iequals(field.name, "content-length")) {
    if (!is_length_of(field.value, head)) return contradicts(field.name);
    return once(given.content_length);
  }
  if (iequals(field.name, "transfer-encoding")) {
    if (head.framing != framing::chunked || !iequals(trim(field.value), "chunked")) return contradicts(field.name);
    return once(given.transfer_encoding);
  }
  given.user_agent = given.user_agent || iequals(field.name, "user-agent");
  given.connection = given.connection || iequals(field.name, "connection");
  given.keep_alive = given.keep_alive || iequals(field.name, "keep-alive");
  return {};
}

}  // namespace

result<caller_fields> check_request(const request_head& head) {
  if (!is_token(head.method)) return invalid_header_error("the method is not a token");
  if (head.method == "CONNECT")
    return invalid_header_error("the method CONNECT opens a tunnel, which is no request over a pool");
  if (!is_field_value(head.user_agent)) return invalid_header_error("the user agent holds a control character");
  caller_fields given;
  std::size_t position = 0;
  for (const auto& field : head.fields) {
    ++position;
    if (!is_token(field.name))
      return invalid_header_error("the name of header " + std::to_string(position) + " is not a token");
    if (!is_field_value(field.value)) {
      return invalid_header_error("the value of the header " + field.name + " holds a control character");
    }
    if (auto noted = note(field, head, given); !noted) return noted.error();
    given.bytes += field.name.size() + field.value.size() + 4;
  }
  return given;
}

bool needs_length(const request_head& head) {
  if (head.framing == framing::none) return head.method == "POST" || head.method == "PUT" || head.method == "PATCH";
  return head.framing == framing::length;
}

std::string_view decimal(std::uint64_t number, std::array<char, 20>& room) {
  const auto written = std::to_chars(room.data(), room.data() + room.size(), number);
  return {room.data(), static_cast<std::size_t>(written.ptr - room.data())};
}

}  // namespace warmwire::http
