#include "http/request_head.hpp"

#include "http/ascii.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace warmwire::http {
namespace {

/// Which of the library's own fields the caller has given, and room for all fields of the caller's.
struct caller_fields {
  std::size_t bytes = 0;
  bool host = false;
  bool user_agent = false;
  bool connection = false;
  bool keep_alive = false;
  bool content_length = false;
  bool transfer_encoding = false;
};

error invalid(std::string what) {
  return {.code = errc::invalid_header, .message = std::move(what)};
}

error contradicts(std::string_view name) {
  return invalid("the header " + std::string(name) + " contradicts the request's body");
}

std::string_view decimal(std::uint64_t number, std::array<char, 20>& room) {
  const auto written = std::to_chars(room.data(), room.data() + room.size(), number);
  return {room.data(), static_cast<std::size_t>(written.ptr - room.data())};
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
    if (std::exchange(seen, true)) return invalid("the header " + field.name + " is given twice");
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

result<caller_fields> check(const request_head& head) {
  if (!is_token(head.method)) return invalid("the method is not a token");
  if (head.method == "CONNECT") return invalid("the method CONNECT opens a tunnel, which is no request over a pool");
  if (!is_field_value(head.user_agent)) return invalid("the user agent holds a control character");
  caller_fields given;
  std::size_t position = 0;
  for (const auto& field : head.fields) {
    ++position;
    if (!is_token(field.name)) return invalid("the name of header " + std::to_string(position) + " is not a token");
    if (!is_field_value(field.value)) {
      return invalid("the value of the header " + field.name + " holds a control character");
    }
    if (auto noted = note(field, head, given); !noted) return noted.error();
    given.bytes += field.name.size() + field.value.size() + 4;
  }
  return given;
}

/// POST, PUT and PATCH promise a body, so its absence is said (RFC 9110 §8.6).
bool needs_length(const request_head& head) {
  if (head.framing == framing::none) return head.method == "POST" || head.method == "PUT" || head.method == "PATCH";
  return head.framing == framing::length;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_own_fields(std::string& out, const request_head& head, const caller_fields& given) {
  std::array<char, 20> room{};
  if (!given.host) append_field(out, "Host", head.url.authority);
  if (!given.user_agent && !head.user_agent.empty()) append_field(out, "User-Agent", head.user_agent);
  if (needs_length(head) && !given.content_length) {
    append_field(out, "Content-Length", decimal(head.body_length, room));
  }
  if (head.framing == framing::chunked && !given.transfer_encoding) append_field(out, "Transfer-Encoding", "chunked");
  if (given.connection) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(head.idle_timeout).count();
  append_field(out, "Connection", seconds > 0 ? "keep-alive" : "close");
  if (seconds > 0 && !given.keep_alive) {
    out.append("Keep-Alive: timeout=").append(decimal(static_cast<std::uint64_t>(seconds), room)).append("\r\n");
  }
}

}  // namespace

result<void> append_request_head(std::string& out, const request_head& head) {
  const auto given = check(head);
  if (!given) return given.error();
  constexpr std::size_t room_for_own_names_and_numbers = 192;
  out.reserve(out.size() + head.method.size() + head.url.target.size() + head.url.authority.size() +
              head.user_agent.size() + given->bytes + room_for_own_names_and_numbers);
  out.append(head.method).append(" ").append(head.url.target).append(" HTTP/1.1\r\n");
  for (const auto& field : head.fields)
    append_field(out, field.name, field.value);
  append_own_fields(out, head, *given);
  out.append("\r\n");
  return {};
}

}  // namespace warmwire::http
